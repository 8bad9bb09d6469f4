/* The window inside try_get, for a PFN walker that holds nothing. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };
OUTCOMES { READER_OUTCOMES };

ACTOR(owner)
{
	return owner_journey(s);
}

ACTOR(reader)
{
	(void)s;
	return pfn_reader(tail_victim());
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
	ACTOR_ROW(reader, "PFN walker: any struct page, at any time, holding nothing"),
};

SCENARIO_DEFINE(stale_load_pfn) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "stale-load-pfn",
	.title = "count loaded before the remap, compare-and-swap after it (PFN walker)",
	.story = "As stale-load-cas with a walker by page frame number: it holds nothing, so a grace "
		 "period before the remap does not wait for it, unless try_get itself is an RCU "
		 "section round load and compare-and-swap (H20).",
	.source = "bd225530a4c7; 20240627222705.2974207-1-yuzhao@google.com",
};
