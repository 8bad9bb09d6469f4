/* The memory-error handler sets a flag while the vmemmap changes. */
#include "scenarios/journey.h"

enum { GIGANTIC, TARGET, HOLD };

PARAMS {
	JOURNEY_PARAMS,
	{ "tail", "1: the flag goes to a tail, 0: to the head", 0, 1, 0 },
	{ "hold", "1: the handler takes a reference first, 0: it just writes", 0, 1, 1 },
};

enum { NOT_SET, KEPT, LOST };

OUTCOMES {
	[NOT_SET] = OK("not-set", "the handler got no reference, or the block was in use"),
	[KEPT] = OK("kept", "the flag was set and is there"),
	[LOST] = OUTCOME("lost-flag", FORBIDDEN, 11, 6,
			 "the flag went to the old head page after its copy and is gone"),
};

#define ERROR_SEEN 8u

/* Looks for the flag while the huge page stands; puts the page away after. */
ACTOR(owner)
{
	unsigned result = JOURNEY_DONE;

	truncate_slot(&s->zone);
	if (!hugetlb_alloc(1))
		return JOURNEY_LEFT;
	hugetlb_hand_out(0);
	cpu_relax();
	if (READ_ONCE(block_head(0)->flags) & PG_HWPOISON)
		result |= ERROR_SEEN;
	hugetlb_release(0);
	return result;
}

static inline bool is_huge(struct page *head)
{
	return READ_ONCE(head->page_type) == PGTY_HUGETLB;
}

/* Returns whether the flag was set on a huge page before it was handed out. */
ACTOR(handler)
{
	struct page *head = block_head(0), *page = PARAM(TARGET) ? tail_victim() : head;
	bool was_huge;

	(void)s;
	if (PARAM(HOLD) && !folio_try_get(head))
		return GOT_NOTHING;
	was_huge = is_huge(head);
	if (was_huge) {
		checkpoint("it is a huge page, before the flag");
		page_set_flag(page, PG_HWPOISON);
		checkpoint("flag set");
		was_huge = page_ref_count(head) == 0 && is_huge(head);
	}
	if (PARAM(HOLD))
		folio_put(head);
	return was_huge ? LOST_FLAG : GOT_NOTHING;
}

INIT
{
	zone_init(&s->zone, 1, tail_victim());
}

CHECK
{
	(void)s;
	if (RESULT_OF(r[1]) != LOST_FLAG || (RESULT_OF(r[0]) & ~ERROR_SEEN) != JOURNEY_DONE)
		return NOT_SET;
	return RESULT_OF(r[0]) & ERROR_SEEN ? KEPT : LOST;
}

ACTORS {
	OWNER_ROW,
	ACTOR_ROW(handler, "memory-error handler: finds a huge page and sets its hwpoison flag"),
};

SCENARIO_DEFINE(flag_write) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "flag-write",
	.title = "a memory error is marked while the head page is copied",
	.story = "Optimising copies the head's vmemmap page and then points the entry at the copy. "
		 "A flag that is set between the two goes to the old page and is lost (H11), unless "
		 "the handler must hold a reference, which a frozen head refuses. A flag for a "
		 "tail meets a read-only mapping (H23).",
	.source = "Mike Kravetz, 32c877191e02; d8f5f7e445f0",
};
