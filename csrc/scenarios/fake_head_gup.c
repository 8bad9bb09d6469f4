/* GUP-fast, interrupts off, on a page that became a fake head. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };
OUTCOMES { READER_OUTCOMES };

ACTOR(owner)
{
	return owner_journey(s);
}

ACTOR(reader)
{
	return gup_reader(s);
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
	ACTOR_ROW(reader, "GUP-fast: interrupts off, PTE, try_get on the head, recheck, put"),
};

SCENARIO_DEFINE(fake_head_gup) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "fake-head-gup",
	.title = "GUP-fast meets a fake head",
	.story = "As fake-head-get, but the reader is GUP-fast: interrupts off instead of an RCU "
		 "section, and the reference goes to compound_head() of the page, which is rechecked "
		 "after the get. The page table entry is the slot.",
	.source = "get_user_pages_fast(): mm/gup.c",
};
