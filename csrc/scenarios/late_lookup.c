/* T1: a late lookup after the truncation sees 0 and takes nothing. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };

enum { NOTHING, FOUND, GAVE_BACK, REVIVED };

OUTCOMES {
	[NOTHING] = OK("refused", "the lookup came late: empty slot or count 0, nothing was written"),
	[FOUND] = OK("used", "the lookup came first and used the page"),
	[GAVE_BACK] = OK("put-back", "the reference was taken before the last put and given back"),
	[REVIVED] = OUTCOME("revived", FORBIDDEN, 0, 4, "a freed page has a reference again"),
};

ACTOR(owner)
{
	truncate_slot(&s->zone);
	return JOURNEY_DONE;
}

ACTOR(reader)
{
	return page_cache_reader(s);
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	if (page_ref_count(tail_victim()) || READ_ONCE(s->zone.phase[0]) != BLOCK_BUDDY)
		return REVIVED;
	if (RESULT_OF(r[1]) == USED_PAGE)
		return FOUND;
	return r[1] & NOTE_SPURIOUS ? GAVE_BACK : NOTHING;
}

ACTORS {
	ACTOR_ROW(owner, "truncates: empties the slot, drops the page cache's reference"),
	ACTOR_ROW(reader, "page-cache lookup: RCU, load, try_get, recheck, put"),
};

SCENARIO_DEFINE(late_lookup) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "late-lookup",
	.title = "a lookup after truncation sees a count of 0 and does not increment it",
	.story = "The first step of the thread's analysis, before any huge page: the page leaves "
		 "the page cache and its count drops to 0. A lookup that already has the pointer "
		 "must either have taken its reference before that or take none.",
	.source = "thread of February 2024 (78eee4ef-99ed-46a3-a776-a74bcd83ba44)",
};
