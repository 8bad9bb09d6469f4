/* An interrupt on the CPU that holds the window open touches a struct page. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };

enum { RETURNED };

OUTCOMES {
	[RETURNED] = OK("returned", "journey, reader and interrupts all came to an end"),
};

static inline unsigned look(void)
{
	return (unsigned)page_ref_count(block_page(0, pages_per_frame() + 1));
}

ACTOR(owner)
{
	return owner_journey(s);
}

ACTOR(reader)
{
	(void)s;
	return look() ? USED_PAGE : GOT_NOTHING;
}

INTERRUPT
{
	(void)s;
	(void)look();
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	(void)s;
	(void)r;
	return RETURNED;
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "reads one struct page of the block"),
};

SCENARIO_DEFINE(window_interrupt) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.interrupt = kapi_interrupt_once,
	.name = "window-interrupt",
	.title = "an interrupt on the remapper's own CPU touches the broken range",
	.story = "A fault handler that waits until the window closes repairs other CPUs' accesses. "
		 "But an interrupt may arrive on the very CPU that holds the window open, and its "
		 "handler may touch a struct page: it then waits for the code that it interrupted, "
		 "for ever (H17). Pausing the others with interrupts off closes it.",
	.source = "Catalin Marinas, ZcN1hTrAhy-B1P2_; Will Deacon, 20240207111252.GA22167",
};
