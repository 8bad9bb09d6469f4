/* A reference through an alias makes the owner's freeze see 2. */
#include "scenarios/journey.h"

enum { GIGANTIC, BUG };

PARAMS {
	JOURNEY_PARAMS,
	{ "bug", "0 tries again and then puts up with it, 1 takes the first refusal for a leak", 0,
	  1, 0 },
};

enum { FROZEN, RETRIED, ALL_REFUSED, GIVEN_UP };

OUTCOMES {
	[FROZEN] = OK("frozen", "the first freeze succeeded"),
	[RETRIED] = OUTCOME("freeze-retried", INTERESTING, 3, 8,
			    "a reference through an alias made one freeze fail, not the next"),
	[ALL_REFUSED] = OUTCOME("freeze-refused", INTERESTING, 14, 8,
				"every attempt to freeze was refused; the page is left in use"),
	[GIVEN_UP] = OUTCOME("taken-for-leak", FORBIDDEN, 3, 8,
			     "a page that nobody uses was written off for a spurious reference"),
};

ACTOR(owner)
{
	struct page *head = block_head(0);
	unsigned result = FROZEN;

	(void)s;
	if (!hugetlb_alloc(1))
		return ALL_REFUSED;
	hugetlb_hand_out(0);
	checkpoint("before the freeze");
	if (!page_ref_freeze(head, 1)) {
		if (PARAM(BUG))
			return GIVEN_UP;
		cpu_relax();
		if (!page_ref_freeze(head, 1))
			return ALL_REFUSED;
		result = RETRIED;
	}
	if (hvo_restore(0))
		hugetlb_dissolve(0);
	return result;
}

ACTOR(reader)
{
	(void)s;
	return pfn_reader(fake_head_victim());
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
	return RESULT_OF(r[0]);
}

ACTORS {
	ACTOR_ROW(owner, "allocates and hands out a huge page, then freezes, restores, dissolves it"),
	ACTOR_ROW(reader, "PFN walker on a fake head"),
};

SCENARIO_DEFINE(alias_freeze) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "alias-freeze",
	.title = "a spurious reference through an alias against a freeze",
	.story = "Where aliases may be written, a walker's get on a fake head is a reference on the "
		 "head itself, put back in a moment. Meanwhile its owner freezes the page, to free "
		 "or migrate it, and expects 1: it sees 2 and fails (H3). That is nobody's "
		 "leak. Who tries again, within a bound, gets on; who takes the refusal at its "
		 "word loses a huge page.",
	.source = "78eee4ef-99ed-46a3-a776-a74bcd83ba44; page_ref_freeze(): include/linux/page_ref.h",
};
