/* After the restore every tail must look like a tail. */
#include "scenarios/journey.h"

PARAMS { JOURNEY_PARAMS };

enum { NOT_DONE, CLEAN, WALKER_TOOK, DIRTY };

OUTCOMES {
	[NOT_DONE] = OK("not-assembled", "the block was not remapped in this run"),
	[CLEAN] = OK("clean", "every restored struct page looks like a tail"),
	[WALKER_TOOK] = OUTCOME("walker-took-tail", FORBIDDEN, 12, 4,
				"a walker took a reference on a restored tail"),
	[DIRTY] = OUTCOME("head-in-tail", FORBIDDEN, 12, 4,
			  "a restored tail page shows the head's flags, type or count"),
};

static inline bool tail_is_clean(struct page *page)
{
	return !(READ_ONCE(page->flags) & PG_HEAD) && READ_ONCE(page->compound_info) & 1 &&
	       READ_ONCE(page->page_type) == PGTY_NONE;
}

/* The struct pages that a copy of the head's page would show wrongly. */
static inline bool tails_are_clean(void)
{
	unsigned frame, i;

	for (frame = 1; frame < mach_vmemmap_pages() && frame < 8; frame++) {
		for (i = 0; i < RESET_STRUCT_PAGES; i++) {
			if (!tail_is_clean(block_page(0, frame * pages_per_frame() + i)))
				return false;
		}
	}
	return true;
}

/* The journey by hand: it stops between restore and dissolution to look. */
ACTOR(owner)
{
	unsigned result = JOURNEY_DONE;

	truncate_slot(&s->zone);
	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	hugetlb_hand_out(0);
	if (!hvo_freeze(block_head(0)))
		return JOURNEY_LEFT;
	if (hvo_restore(0) && !tails_are_clean())
		result = BAD_TAIL;
	hugetlb_dissolve(0);
	return result;
}

ACTOR(walker)
{
	struct page *page;

	(void)s;
	page = pfn_walk(fake_head_victim());
	if (!page)
		return GOT_NOTHING;
	return use_and_put(page);
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	(void)s;
	if (RESULT_OF(r[0]) == BAD_TAIL)
		return DIRTY;
	if (RESULT_OF(r[1]) == USED_PAGE || RESULT_OF(r[1]) == USED_WRONG)
		return WALKER_TOOK;
	return RESULT_OF(r[0]) == JOURNEY_DONE ? CLEAN : NOT_DONE;
}

ACTORS {
	ACTOR_ROW(owner, "the journey, with a look at the tails between restore and dissolution"),
	ACTOR_ROW(walker, "PFN walker on the first struct page of the last vmemmap page"),
};

SCENARIO_DEFINE(restored_tails) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "restored-tails",
	.title = "restored tail pages carry nothing of the head",
	.story = "Restoring gives every tail vmemmap page a frame of its own again. Its contents "
		 "come from a template, or from a copy of the head's page whose first struct pages "
		 "are then reset. Without the reset the tails carry the head's flags, type and "
		 "count: struct pages that walkers take for huge pages (H12).",
	.source = "20260525025213.2229628-1-songmuchun@bytedance.com; c0b495b91a47",
};
