/* Memory runs out in the middle of a restore. */
#include "scenarios/journey.h"

enum { GIGANTIC, ENOMEM, BUG };

PARAMS {
	JOURNEY_PARAMS,
	{ "enomem", "how many tail pages memory is left for, 7: enough for 2 MiB", 0, 7, 3 },
	{ "bug", "0 none, 1 restores page by page and frees the block all the same", 0, 1, 0 },
};

enum { NOT_SEEN, RESTORED, SURPLUS, HALF };

OUTCOMES {
	[NOT_SEEN] = OK("not-seen", "the next owner looked before the block was free"),
	[RESTORED] = OK("restored", "memory sufficed, and the block was free with all its tails"),
	[SURPLUS] = OK("surplus", "memory ran out, the page was kept as it was and restored later"),
	[HALF] = OUTCOME("half-restored", FORBIDDEN, 27, 5,
			 "a struct page of the free block is still an alias or a tail"),
};

#define MARK 0x40ul
#define WAS_SURPLUS 8u

static inline bool memory_runs_out(void)
{
	return (unsigned)PARAM(ENOMEM) < mach_vmemmap_pages() - 1;
}

/* The bug: each entry is changed as soon as there is a page for it. */
static inline void restore_page_by_page(void)
{
	unsigned n = (unsigned)PARAM(ENOMEM), vpn = block_vpn(0) + 1, i;
	frame_t frames = mach_frame_alloc(mach_vmemmap_pages() - 1,
					  KAPI_SITE("allocate tail pages, one after the other"));

	if (frames == FRAME_NONE)
		return;
	hvo_fill_restored(0, frames);
	smp_wmb(); /* contents before PTEs; pairs with the page walk's dependency */
	for (i = 0; i < n; i++)
		hvo_replace(vpn + i, 1, frames + i, false, MACH_RW);
	mach_tlb_flush(vpn, mach_vmemmap_pages() - 1, KAPI_SITE("flush the restored range"));
}

ACTOR(owner)
{
	unsigned result = JOURNEY_DONE;

	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	if (memory_runs_out() && PARAM(BUG)) {
		restore_page_by_page();
		free_unref_page(block_head(0));
	} else {
		if (memory_runs_out()) {
			/* nothing was changed, so there is nothing to undo */
			result |= WAS_SURPLUS;
			checkpoint("kept as surplus, until there is memory");
		}
		if (!hvo_restore(0))
			return JOURNEY_LEFT;
		hugetlb_dissolve(0);
	}
	/* release: the block before the news of it; pairs with next_owner() */
	smp_store_release(&s->zone.slot, (uintptr_t)tail_victim());
	return result;
}

/* Writes one struct page of the block and looks at another. */
ACTOR(next_owner)
{
	/* acquire: pairs with the release in owner() */
	struct page *page = (struct page *)smp_load_acquire(&s->zone.slot);

	if (!page)
		return GOT_NOTHING;
	WRITE_ONCE(block_page(0, 5)->flags, MARK);
	return READ_ONCE(page->flags) & MARK || READ_ONCE(page->compound_info) & 1 ? BAD_TAIL :
										     USED_PAGE;
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
	atomic_set(&tail_victim()->_refcount, 0); /* nothing is cached here */
	WRITE_ONCE(s->zone.slot, 0);
	WRITE_ONCE(s->zone.phase[0], BLOCK_BUDDY);
}

CHECK
{
	(void)s;
	if (RESULT_OF(r[1]) == BAD_TAIL)
		return HALF;
	if (RESULT_OF(r[1]) != USED_PAGE)
		return NOT_SEEN;
	return r[0] & WAS_SURPLUS ? SURPLUS : RESTORED;
}

ACTORS {
	ACTOR_ROW(owner, "makes the block an optimised huge page and restores it with little memory"),
	ACTOR_ROW(next_owner, "takes a page of the free block: writes one struct page, reads another"),
};

SCENARIO_DEFINE(half_restore) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "half-restore",
	.title = "a restore fails for want of memory",
	.story = "Restoring a huge page of 2 MiB takes 7 pages, at the very moment when somebody "
		 "wants memory back. Who allocates them all before the first entry is changed can "
		 "give up and keep the page as surplus. Who goes page by page stands half-way: "
		 "if the block is freed then, its next owner finds struct pages that are still "
		 "aliases of another one, or tails of a page that is no more (H27).",
	.source = "hugetlb_vmemmap_restore_folio(), add_hugetlb_folio(): mm/hugetlb.c",
};
