/* The closing question of the thread: let the put check that it has a folio? */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };
OUTCOMES { READER_OUTCOMES };

ACTOR(owner)
{
	return owner_journey(s);
}

ACTOR(reader)
{
	return page_cache_reader(s);
}

INIT
{
	zone_init(&s->zone, 1, fake_head_victim());
}

CHECK
{
	return reader_check(s, r);
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "page-cache lookup: RCU, load, try_get, recheck, put"),
};

SCENARIO_DEFINE(put_check) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "put-check",
	.title = "should folio_put check for a folio? the thread's closing question",
	.story = "If the put refused pointers that are no folio, the reference that a late lookup took "
		 "through an alias would never be dropped: the huge page could not be freed or "
		 "frozen again (H5). And with read-only tails the fault comes at the get, before "
		 "any put. Run it in a regime with put_check = is-folio.",
	.source = "thread of February 2024 (78eee4ef-99ed-46a3-a776-a74bcd83ba44)",
};
