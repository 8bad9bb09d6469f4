/*
 * What the scenarios with a vmemmap share: the owner's journey and the outcomes
 * that a reader may report. Outcomes of hazards come from faults and violations
 * and need no row here.
 */
#ifndef SCENARIOS_JOURNEY_H
#define SCENARIOS_JOURNEY_H

#include <kapi.h>

struct state {
	struct zone zone; /* first: this_zone() */
};

#define JOURNEY_PARAMS \
	{ "gigantic", "1: a gigantic page (1 GiB of 4 KiB pages), 0: a PMD's (2 MiB)", 0, 1, 0 }

/* What an actor returns; notes stand above these bits. */
enum { GOT_NOTHING, USED_PAGE, USED_WRONG, JOURNEY_DONE, JOURNEY_LEFT, BAD_TAIL, LOST_FLAG };
#define RESULT_OF(r) ((r) & ~NOTE_MASK)

enum reader_outcome {
	NOT_ASSEMBLED,
	FREEZE_REFUSED,
	EMPTY,
	REFUSED,
	USED,
	PUT_BACK,
	BALANCED,
	LEAKED,
	WRONG_PAGE,
};

#define READER_OUTCOMES                                                                       \
	[NOT_ASSEMBLED] = OK("not-assembled",                                                 \
			     "the reader's reference kept the block from becoming a huge page"), \
	[FREEZE_REFUSED] = OUTCOME("freeze-refused", INTERESTING, 14, 8,                      \
		"a spurious reference kept the head from freezing, twice; the owner gave up"), \
	[EMPTY] = OK("empty", "the lookup found nothing to take"),                            \
	[REFUSED] = OK("refused", "try_get refused: the count was 0 or the page no folio"),   \
	[USED] = OK("used", "the reader used the page while it was what it looked for"),      \
	[PUT_BACK] = OK("put-back", "a reference was taken, the recheck failed, it was put back"), \
	[BALANCED] = INTERESTING("balanced-alias",                                            \
		"get and put went through an alias of the head, balanced: fine by coincidence"), \
	[LEAKED] = OUTCOME("leaked-reference", FORBIDDEN, 5, 3,                               \
		"everybody is done and the huge page is still referenced: it can never be freed"), \
	[WRONG_PAGE] = OUTCOME("wrong-page", FORBIDDEN, 0, 9,                                 \
		"the reader used a page that was not the one in its slot")

/* The fake head with the highest index; and an ordinary tail behind it. */
static inline struct page *fake_head_victim(void)
{
	return block_page(0, block_pages() - pages_per_frame());
}

static inline struct page *tail_victim(void)
{
	return fake_head_victim() + 5;
}

/* B and C of the thread: truncate, assemble, optimise, hand out, free, restore. */
static inline unsigned owner_journey(struct state *s)
{
	truncate_slot(&s->zone);
	checkpoint("truncated");
	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	hugetlb_hand_out(0);
	hugetlb_release(0);
	return JOURNEY_DONE;
}

static inline unsigned use_and_put(struct page *page)
{
	/* the reference keeps the page what it is, so this must hold */
	bool wrong = READ_ONCE(page->page_type) == PGTY_HUGETLB;

	folio_put(page);
	return wrong ? USED_WRONG : USED_PAGE;
}

static inline unsigned page_cache_reader(struct state *s)
{
	struct page *page = filemap_get_entry(&s->zone.slot);

	return page ? use_and_put(page) : GOT_NOTHING;
}

static inline unsigned gup_reader(struct state *s)
{
	struct page *page = gup_fast(&s->zone.slot);

	return page ? use_and_put(page) : GOT_NOTHING;
}

static inline unsigned pfn_reader(struct page *victim)
{
	struct page *page = pfn_walk(victim);

	return page ? use_and_put(page) : GOT_NOTHING;
}

/* r[0] is the owner, r[1] the reader. */
static inline unsigned reader_check(struct state *s, const unsigned *r)
{
	if (READ_ONCE(s->zone.phase[0]) != BLOCK_BUDDY || page_ref_count(block_head(0)))
		return LEAKED;
	if (RESULT_OF(r[1]) == USED_WRONG)
		return WRONG_PAGE;
	if (r[1] & NOTE_ALIAS)
		return BALANCED;
	if (r[0] & NOTE_NO_FREEZE)
		return FREEZE_REFUSED;
	if (RESULT_OF(r[0]) == JOURNEY_LEFT)
		return NOT_ASSEMBLED;
	if (RESULT_OF(r[1]) == USED_PAGE)
		return USED;
	if (r[1] & NOTE_SPURIOUS)
		return PUT_BACK;
	return r[1] & NOTE_REFUSED ? REFUSED : EMPTY;
}

#define OWNER_ROW \
	ACTOR_ROW(owner, "truncates the page, makes its block a huge page, optimises, hands out, frees")

#endif
