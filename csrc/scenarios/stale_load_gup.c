/* The window inside try_get, for GUP-fast. */
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
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	return reader_check(s, r);
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "GUP-fast: interrupts off, PTE, try_get on the head, recheck, put"),
};

SCENARIO_DEFINE(stale_load_gup) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "stale-load-gup",
	.title = "count loaded before the remap, compare-and-swap after it (GUP-fast)",
	.story = "As stale-load-cas with GUP-fast for a reader: interrupts are off from the page "
		 "table entry to the put, and a grace period waits for that too.",
	.source = "get_user_pages_fast(): mm/gup.c",
};
