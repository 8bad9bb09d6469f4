/* A freeze of a fresh huge page against lookups of the page that was there. */
#include "scenarios/journey.h"

#define STORM 3

enum { GIGANTIC, BUG };

PARAMS {
	JOURNEY_PARAMS,
	{ "bug", "0 two attempts, 1 tries until it succeeds", 0, 1, 0 },
};
OUTCOMES { READER_OUTCOMES };

/* The mutant's loop. It would go on; here it ends where the bound is passed. */
static inline void freeze_without_bound(struct page *head)
{
	unsigned refused;

	for (refused = 0; refused < STORM; refused++) {
		if (page_ref_freeze(head, 1))
			return;
		cpu_relax();
	}
	mach_violate(14, 8, KAPI_SITE("page_ref_freeze(head, 1), without a bound"));
}

ACTOR(owner)
{
	struct page *head = block_head(0);

	truncate_slot(&s->zone);
	checkpoint("truncated");
	if (!hugetlb_assemble(0))
		return JOURNEY_LEFT;
	checkpoint("assembled, before the freeze");
	if (PARAM(BUG)) {
		freeze_without_bound(head);
	} else if (!hvo_freeze(head)) {
		folio_put(head); /* whoever is last dissolves it */
		return JOURNEY_LEFT;
	}
	hugetlb_dissolve(0);
	return JOURNEY_DONE;
}

/* A lookup and, on the same CPU, that of an interrupt which comes between. */
ACTOR(reader)
{
	unsigned result = GOT_NOTHING, got = 0;
	struct page *page;

	rcu_read_lock();
	page = xas_load(&s->zone.slot);
	if (page) {
		checkpoint("slot loaded, before try_get");
		got += folio_try_get(page);
		got += folio_try_get(page);
		checkpoint("got references, before the recheck");
	}
	if (got && page == xas_load(&s->zone.slot))
		result = USED_PAGE;
	else if (got)
		mach_note(NOTE_SPURIOUS);
	for (; got; got--)
		folio_put(page);
	rcu_read_unlock();
	return result;
}

INIT
{
	zone_init(&s->zone, 1, block_head(0));
}

CHECK
{
	return reader_check(s, r);
}

ACTORS {
	ACTOR_ROW(owner, "truncates the page, makes its block a huge page, freezes the head"),
	ACTOR_ROW(reader, "two nested lookups of the page whose struct page is the new head"),
};

SCENARIO_DEFINE(freeze_storm) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "freeze-storm",
	.title = "spurious references keep a fresh head from freezing",
	.story = "The first struct page of a block was an order-0 page in the page cache and becomes "
		 "the head of a huge page with count 1. A late lookup takes a reference on it, and "
		 "until its recheck fails and it puts it back, the freeze is refused. A bound "
		 "turns that into a huge page that is not had this time; without one the "
		 "allocator depends on when readers happen to run (H14).",
	.source = "page_ref_freeze(): include/linux/page_ref.h; bd225530a4c7",
};
