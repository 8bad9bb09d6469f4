/* A walker by page frame number on a fake head, holding nothing. */
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
	return pfn_reader(fake_head_victim());
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
	ACTOR_ROW(reader, "PFN walker: any struct page, at any time, holding nothing"),
};

SCENARIO_DEFINE(fake_head_pfn) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "fake-head-pfn",
	.title = "a PFN walker meets a fake head",
	.story = "A walker by page frame number (compaction, page_idle, memory failure) starts from "
		 "no slot, so it may try to get a fake head at any time, holding neither RCU nor "
		 "interrupts. What protects it must stand inside try_get.",
	.source = "bd225530a4c7; 20240627222705.2974207-1-yuzhao@google.com",
};
