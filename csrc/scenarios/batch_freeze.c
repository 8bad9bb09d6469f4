/* One grace period for a batch: it must come after the last folio has joined. */
#include "scenarios/journey.h"

#define BLOCKS 2

PARAMS { JOURNEY_PARAMS };
OUTCOMES { READER_OUTCOMES };

/* The victim stands in the block that joins last. */
static inline struct page *late_victim(void)
{
	return block_page(1, block_pages() - pages_per_frame() + 5);
}

static inline bool alloc_batch(struct state *s)
{
	if (this_regime()->grace_after_freeze) {
		truncate_slot(&s->zone);
		return hugetlb_alloc(BLOCKS);
	}
	/* the mutant: the second folio joins after the grace period (H25) */
	if (!hugetlb_prepare(0, 1))
		return false;
	hvo_grace_before();
	truncate_slot(&s->zone);
	if (!hugetlb_prepare(1, BLOCKS))
		return false;
	hvo_remap(BLOCKS);
	return true;
}

ACTOR(owner)
{
	if (!alloc_batch(s))
		return JOURNEY_LEFT;
	hugetlb_hand_out(0);
	hugetlb_hand_out(1);
	hugetlb_release(0);
	hugetlb_release(1);
	return JOURNEY_DONE;
}

ACTOR(reader)
{
	return page_cache_reader(s);
}

INIT
{
	zone_init(&s->zone, BLOCKS, late_victim());
}

CHECK
{
	if (RESULT_OF(r[0]) == JOURNEY_LEFT)
		return NOT_ASSEMBLED;
	if (READ_ONCE(s->zone.phase[1]) != BLOCK_BUDDY)
		return LEAKED;
	return reader_check(s, r);
}

ACTORS {
	ACTOR_ROW(owner, "takes two blocks as one batch: one grace period, one flush"),
	ACTOR_ROW(reader, "page-cache lookup of a page in the second block"),
};

SCENARIO_DEFINE(batch_freeze) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.blocks = BLOCKS,
	.name = "batch-freeze",
	.title = "a batch of huge pages with one grace period",
	.story = "Grace periods are slow, so a batch shares one. It protects a folio only from "
		 "readers that began before it: a folio that joins the batch after the grace period "
		 "can still be met by a reader with a count from its former life (H25).",
	.source = "c2a967f6ab0e; 20240719042503.2752316-1-yuzhao@google.com",
};
