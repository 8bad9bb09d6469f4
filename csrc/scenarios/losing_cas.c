/* try_get's two halves, the second of which can only lose: what does losing cost? */
#include "scenarios/journey.h"

enum { GIGANTIC, LLSC };

PARAMS {
	JOURNEY_PARAMS,
	{ "llsc", "1: a load, and a store only where it matched (LL/SC); 0: as this CPU does it",
	  0, 1, 0 },
};

enum { TOO_EARLY, LOST_QUIETLY, TOOK };

OUTCOMES {
	[TOO_EARLY] = OK("too-early", "the page was not yet, or no longer, part of a huge page"),
	[LOST_QUIETLY] = OK("lost-quietly", "the compare failed and nothing else happened"),
	[TOOK] = OUTCOME("took-stale", FORBIDDEN, 0, 4,
			 "a count of the order-0 page matched that of a tail"),
};

ACTOR(owner)
{
	return owner_journey(s);
}

static inline unsigned swap_count(struct page *page, int seen)
{
	/* What load-linked and a failing compare do: the store is never reached. */
	if (PARAM(LLSC) && page_ref_count(page) != seen)
		return LOST_QUIETLY;
	return page_ref_add_if(page, seen) ? TOOK : LOST_QUIETLY;
}

static inline unsigned compare_late(struct state *s, struct page *page)
{
	int seen = page_ref_look(page);

	if (seen == 0)
		return TOO_EARLY;
	checkpoint("count loaded");
	/* acquire: from here the count is 0, never again what was loaded; pairs with
	 * the full order of the put that freed the page */
	if (smp_load_acquire(&s->zone.phase[0]) != BLOCK_HUGE)
		return TOO_EARLY;
	checkpoint("a huge page by now, before the compare-and-swap");
	return swap_count(page, seen);
}

ACTOR(reader)
{
	unsigned result;

	if (!this_regime()->get_rcu)
		return compare_late(s, tail_victim());
	rcu_read_lock();
	result = compare_late(s, tail_victim());
	rcu_read_unlock();
	return result;
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
	ACTOR_ROW(reader, "loads a count, sleeps, compares and swaps when that must fail"),
};

SCENARIO_DEFINE(losing_cas) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_VMEMMAP,
	.name = "losing-cas",
	.title = "a compare-and-swap that must fail, on a read-only tail",
	.story = "The reader loads the count of an order-0 page, sleeps until the page is part of a "
		 "huge page, and only then compares: it must lose, for a tail's count is 0. LOCK "
		 "CMPXCHG and CAS of LSE want write permission even to lose, so on a read-only tail "
		 "they fault (H2). LL/SC leaves between the load and the store and does not: hunt "
		 "with --atomics llsc and with --atomics lse on one arm64 machine.\n\n"
		 "The search knows no instructions; llsc = 1 spells out for it what LL/SC does.",
	.source = "Will Deacon, 20241125152203.GA954; Arm ARM, CAS and LDXR/STXR; "
		  "Frank van der Linden, CAPTztWb0ZMHB74=KGxqRpTejDXNVJZ+Y9LGH1KEaPy_cnUmABA",
};
