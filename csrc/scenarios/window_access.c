/* T6: any access to the struct pages while their entries are broken. */
#include "scenarios/journey.h"

PARAMS {
	JOURNEY_PARAMS,
	{ "loads", "pages of the vmemmap that the reader looks at, one count in each", 1, 7, 3 },
};

enum { GIGANTIC, LOADS };

enum { QUIET, READ_ALL };

OUTCOMES {
	[QUIET] = OK("no-journey", "the block was not remapped in this run"),
	[READ_ALL] = OK("read", "every load of a struct page returned"),
};

ACTOR(owner)
{
	return owner_journey(s);
}

ACTOR(reader)
{
	unsigned i, sum = 0;

	(void)s;
	local_irq_disable(); /* as under the LRU lock: a pause must wait for us */
	for (i = 1; i < mach_vmemmap_pages() && (int)i <= PARAM(LOADS); i++)
		sum += (unsigned)page_ref_count(block_page(0, i * pages_per_frame() + 1));
	local_irq_enable();
	return sum ? USED_PAGE : GOT_NOTHING;
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	(void)s;
	return RESULT_OF(r[0]) == JOURNEY_DONE ? READ_ALL : QUIET;
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "reads counts all over the block, as a walker of struct pages does"),
};

SCENARIO_DEFINE(window_access) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "window-access",
	.title = "reading struct pages while break-before-make has their entries broken",
	.story = "What people are afraid of on arm64: a live entry must first be made invalid, and "
		 "whoever touches a struct page in that window takes a translation fault, from any "
		 "context, even for a read (H16). Nothing speculative is needed.",
	.source = "20240113094436.2506396-1-sunnanyong@huawei.com; Will Deacon, 20240207111252.GA22167",
};
