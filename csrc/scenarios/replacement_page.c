/* T2: A, then B and C: the pointer is virtual, so it shows the replacement. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };

enum { EMPTY_SLOT, STILL_CACHED, FREED_PAGE, REPLACEMENT, GARBAGE };

OUTCOMES {
	[EMPTY_SLOT] = OK("empty", "the lookup found nothing"),
	[STILL_CACHED] = OK("cached", "the page was still in the page cache, count 1"),
	[FREED_PAGE] = OK("freed", "the page was free, count 0"),
	[REPLACEMENT] = INTERESTING("replacement",
		"the old pointer showed the struct page that replaced the one it was taken to, count 0"),
	[GARBAGE] = OUTCOME("garbage", FORBIDDEN, 9, 2,
		"the old pointer showed the next owner's data in the freed frame"),
};

ACTOR(owner)
{
	return owner_journey(s);
}

/* Looks, and takes nothing: what is at the other end of the pointer now? */
ACTOR(reader)
{
	struct page *page;
	unsigned seen = EMPTY_SLOT;
	unsigned long info;
	int count;

	rcu_read_lock();
	page = xas_load(&s->zone.slot);
	if (page) {
		checkpoint("slot loaded, before the count");
		count = page_ref_count(page);
		info = READ_ONCE(page->compound_info);
		if (count != 0 && count != 1)
			seen = GARBAGE;
		else
			seen = count ? STILL_CACHED : info & 1 ? REPLACEMENT : FREED_PAGE;
	}
	rcu_read_unlock();
	return seen;
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	(void)s;
	return RESULT_OF(r[1]);
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(reader, "loads the pointer, sleeps, reads the count and the compound head"),
};

SCENARIO_DEFINE(replacement_page) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "replacement-page",
	.title = "a late reader meets the replacement struct page, not the freed frame",
	.story = "The heart of the thread: the frame that held the struct page is freed and can "
		 "contain anything, but the reader's pointer is a virtual address, and that is "
		 "mapped to the replacement by then. So it reads a count of 0, not somebody's "
		 "data. True when the entry is replaced atomically and the flush comes before the "
		 "free; a stale translation breaks it (H9), which only the model can show.",
	.source = "thread of February 2024 (78eee4ef-99ed-46a3-a776-a74bcd83ba44)",
};
