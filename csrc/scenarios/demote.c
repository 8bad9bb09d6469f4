/* A huge page becomes two smaller ones: a new head stands where an alias was. */
#include "scenarios/journey.h"

enum { GIGANTIC, BUG };

PARAMS {
	JOURNEY_PARAMS,
	{ "bug", "0 none, 1 writes the new head before the restore", 0, 1, 0 },
};

enum { NOT_SEEN, DEMOTED, OVERWRITTEN };

OUTCOMES {
	[NOT_SEEN] = OK("not-seen", "the user looked before there were two pages"),
	[DEMOTED] = OK("demoted", "the user found two heads, each with its own contents"),
	[OVERWRITTEN] = OUTCOME("head-overwritten", FORBIDDEN, 28, 5,
		"the new head was written through an alias, over the struct page of the old one"),
};

enum { FIRST = 1, SECOND };

static inline unsigned half_vpn(void)
{
	return block_vpn(0) + mach_vmemmap_pages() / 2;
}

static inline struct page *second_head(void)
{
	return block_page(0, block_pages() / 2);
}

static inline void write_second_head(void)
{
	struct page *head = second_head();

	/* What would be a write fault in the middle of a demotion: that it is
	 * one is the hazard, so it is called by its name. */
	if (this_regime()->tail != TAIL_WRITABLE_ALIAS &&
	    (mach_frame_of(half_vpn()) == mach_frame_of(block_vpn(0)) ||
	     mach_frame_of(half_vpn()) == mach_shared_tail()))
		mach_violate(28, 1, KAPI_SITE("write the new head through a read-only alias"));
	WRITE_ONCE(head->compound_info, 0);
	WRITE_ONCE(head->private, SECOND);
	page_set_flag(head, PG_HEAD);
}

/* The tails of the second half name its head. */
static inline void write_second_tails(void)
{
	const struct page_image tail = { 0, (unsigned long)second_head() | 1, PGTY_NONE, 0 };
	unsigned i;

	for (i = half_vpn(); i < block_vpn(1); i++)
		mach_frame_fill(mach_frame_of(i), i == half_vpn(), pages_per_frame() -
				(i == half_vpn()), &tail, KAPI_SITE("initialise new tails"));
}

ACTOR(owner)
{
	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	WRITE_ONCE(block_head(0)->private, FIRST);
	if (PARAM(BUG))
		write_second_head();
	if (!hvo_restore(0))
		return JOURNEY_LEFT; /* not demoted: it stays one page */
	if (!PARAM(BUG))
		write_second_head();
	write_second_tails();
	/* release: both pages before the news of them; pairs with user() */
	smp_store_release(&s->zone.slot, (uintptr_t)second_head());
	return JOURNEY_DONE;
}

ACTOR(user)
{
	/* acquire: pairs with the release in owner() */
	struct page *page = (struct page *)smp_load_acquire(&s->zone.slot);

	if (!page)
		return GOT_NOTHING;
	if (READ_ONCE(block_head(0)->private) != FIRST || READ_ONCE(page->private) != SECOND)
		return USED_WRONG;
	return USED_PAGE;
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
	if (RESULT_OF(r[1]) == USED_WRONG)
		return OVERWRITTEN;
	return RESULT_OF(r[1]) == USED_PAGE ? DEMOTED : NOT_SEEN;
}

ACTORS {
	ACTOR_ROW(owner, "makes an optimised huge page and splits it into two halves"),
	ACTOR_ROW(user, "looks at both heads once the second is there"),
};

SCENARIO_DEFINE(demote) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "demote",
	.title = "a huge page is demoted into smaller ones",
	.story = "A huge page can be split into smaller huge pages. The heads of the later ones are "
		 "struct pages of the first one's tails, and while it is optimised those are "
		 "aliases: writing one faults, or, where aliases are writable, goes over the "
		 "head of the first page (H28). So the restore comes first, and a page whose "
		 "restore fails is not demoted.",
	.source = "demote_free_hugetlb_folios(): mm/hugetlb.c",
};
