/* The race of the thread: a late page-cache lookup whose page became a fake head. */
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

SCENARIO_DEFINE(fake_head_get) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "fake-head-get",
	.title = "a late page-cache lookup meets a fake head: the race of the thread",
	.story = "The page that the reader found stands at a struct page which, after the block "
		 "became an optimised huge page, is one of the 7 fake heads: its address shows the "
		 "head and the head's live count. A reader that slept between the slot and try_get "
		 "reads that count, finds it is not 0 and adds one.\n\n"
		 "Where the alias is read-only the compare-and-swap is a write fault (H1). Where "
		 "it is writable the get succeeds, the recheck fails and the put balances it; but "
		 "if the owner frees in between, the reader's put is the last one and frees the "
		 "huge page under a false identity (H4).",
	.source = "thread of February 2024 (78eee4ef-99ed-46a3-a776-a74bcd83ba44); 917FFC7F-0615-44DD-90EE-9F85F8EA9974",
};
