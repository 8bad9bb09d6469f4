/* The window inside try_get: a count from before the remap, a write after it. */
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
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	return reader_check(s, r);
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "page-cache lookup: RCU, load, try_get, recheck, put"),
};

SCENARIO_DEFINE(stale_load_cas) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "stale-load-cas",
	.title = "count loaded before the remap, compare-and-swap after it (page cache)",
	.story = "What the thread leaves out: try_get is a load and a compare-and-swap. The reader "
		 "loads a count of 1 while the page is still cached and sleeps inside try_get. The "
		 "page is truncated, its block becomes a huge page, its struct page becomes "
		 "read-only. Then comes the compare-and-swap: it would fail, but it needs write "
		 "permission even to fail, so it faults (H2).\n\n"
		 "The victim is an ordinary tail: a count loaded after the remap is 0 and refused, "
		 "so only a stale load can fault.",
	.source = "bd225530a4c7; Frank van der Linden, CAPTztWb0ZMHB74=KGxqRpTejDXNVJZ+Y9LGH1KEaPy_cnUmABA",
};
