/* The head of a fake head is found in two loads, and changes between them. */
#include "scenarios/journey.h"

enum { GIGANTIC, BUG };

PARAMS {
	JOURNEY_PARAMS,
	{ "bug", "0 none, 1 the head is not looked up again after the get", 0, 1, 0 },
};

enum { NO_HEAD, CURRENT, RECHECKED, WRONG_HEAD };

OUTCOMES {
	[NO_HEAD] = OK("no-head", "it was no fake head, or the head's count was 0"),
	[CURRENT] = OK("current", "the head that was found is the page's"),
	[RECHECKED] = OK("put-back", "the page had another head after the get: it was put back"),
	[WRONG_HEAD] = OUTCOME("wrong-head", FORBIDDEN, 22, 9,
		"the walker used a head that the page does not have"),
};

/* page_fixed_fake_head(), with a place to sleep between its loads. */
static inline struct page *head_in_two_loads(struct page *page)
{
	unsigned long info;

	if (!(READ_ONCE(page->flags) & PG_HEAD))
		return NULL;
	checkpoint("a head by its flags, before compound_info");
	info = READ_ONCE(page[1].compound_info);
	return info & 1 ? (struct page *)(info - 1) : NULL;
}

/* Afterwards the first page of the block is somebody's order-0 page. */
ACTOR(owner)
{
	(void)s;
	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	hugetlb_hand_out(0);
	if (!hvo_freeze(block_head(0)) || !hvo_restore(0))
		return JOURNEY_LEFT;
	checkpoint("restored");
	hugetlb_dissolve(0);
	page_ref_unfreeze(block_head(0), 1);
	return JOURNEY_DONE;
}

ACTOR(walker)
{
	struct page *page = fake_head_victim(), *head = head_in_two_loads(page);
	bool wrong;

	(void)s;
	if (!head)
		return NO_HEAD;
	checkpoint("head found, before the get");
	if (!atomic_inc_not_zero(&head->_refcount))
		return NO_HEAD;
	wrong = !(READ_ONCE(page->flags) & PG_HEAD) && !(READ_ONCE(page->compound_info) & 1);
	atomic_dec(&head->_refcount);
	if (!wrong)
		return CURRENT;
	return PARAM(BUG) ? WRONG_HEAD : RECHECKED;
}

INIT
{
	zone_init(&s->zone, 1, fake_head_victim());
	atomic_set(&fake_head_victim()->_refcount, 0); /* nothing is cached here */
	WRITE_ONCE(s->zone.slot, 0);
	WRITE_ONCE(s->zone.phase[0], BLOCK_BUDDY);
}

CHECK
{
	(void)s;
	return RESULT_OF(r[1]);
}

ACTORS {
	ACTOR_ROW(owner, "hands out an optimised huge page, dissolves it, reuses its first page"),
	ACTOR_ROW(walker, "finds the head of a fake head, gets it, looks again"),
};

SCENARIO_DEFINE(torn_head) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "torn-head",
	.title = "the head of a fake head is found in two loads",
	.story = "A fake head has the flags of a head, and the tail next to it names the real one: "
		 "two loads, and a restore may fall between them. What comes out is always the "
		 "address of a struct page, so a get does no harm; but by then it may be the page "
		 "of somebody else. Looking again after the get shows it. Without that the "
		 "walker uses a page that has nothing to do with its own (H22).",
	.source = "page_fixed_fake_head(): include/linux/page-flags.h; page_folio() rechecks in mm/gup.c",
};
