/* The shared tail page of a zone is installed when it is first needed, by whoever comes first. */
#include <kapi.h>

#define TAIL 7 /* what struct pages of the shared page show */

struct state {
	uintptr_t tail;  /* zone->vmemmap_tails[order]: the address of one of the pages, or 0 */
	int page[2];     /* what the installers bring, by its contents */
	atomic_t freed;  /* pages that were */
};

enum { BUG };
enum bug { GOOD, BOTH_STORE, LOSER_KEEPS, UNORDERED };

PARAMS {
	{ "bug", "0 none, 1 the page is stored and not swapped in, 2 the loser keeps its own page, "
	  "3 it is swapped in without order", 0, 3, 0 },
};

enum { ONE_FOUND_IT, ONE_LOST, EMPTY_TAIL, TWO_TAILS };

OUTCOMES {
	[ONE_FOUND_IT] = OK("found", "the second found the page of the first"),
	[ONE_LOST] = OK("lost", "both brought a page; the loser freed its own and took the winner's"),
	[EMPTY_TAIL] = OUTCOME("empty-tail", FORBIDDEN, 13, 4,
		"the shared page was seen before its contents"),
	[TWO_TAILS] = OUTCOME("two-tails", FORBIDDEN, 31, 3,
		"two installers both won: one of the pages is in use and in no table, for ever"),
};

/* The page that is in the table in the end. */
static inline uintptr_t install(struct state *s, int *own)
{
	uintptr_t seen;

	WRITE_ONCE(*own, TAIL);
	if (PARAM(BUG) == BOTH_STORE) {
		/* release: as below; what is missing is the compare */
		smp_store_release(&s->tail, (uintptr_t)own);
		return (uintptr_t)own;
	}
	/* full: the contents before the pointer to them; pairs with the dependency of
	 * whoever finds it */
	seen = PARAM(BUG) == UNORDERED ? cmpxchg_relaxed(&s->tail, 0, (uintptr_t)own)
				       : cmpxchg(&s->tail, 0, (uintptr_t)own);
	if (!seen || PARAM(BUG) == LOSER_KEEPS)
		return (uintptr_t)own;
	atomic_inc(&s->freed);
	return seen;
}

/* Which page the tails are mapped to, and whether it was empty. */
enum { OWN = 1, OTHERS = 2, WAS_EMPTY = 4 };

static inline unsigned optimise(struct state *s, int *own)
{
	uintptr_t page = READ_ONCE(s->tail);

	if (!page) {
		checkpoint("no shared tail yet");
		page = install(s, own);
	}
	return (page == (uintptr_t)own ? OWN : OTHERS) |
	       (READ_ONCE(*(int *)page) == TAIL ? 0 : WAS_EMPTY);
}

ACTOR(first)
{
	return optimise(s, &s->page[0]);
}

ACTOR(second)
{
	return optimise(s, &s->page[1]);
}

INIT
{
	WRITE_ONCE(s->tail, 0);
}

CHECK
{
	if ((r[0] | r[1]) & WAS_EMPTY)
		return EMPTY_TAIL;
	/* one of them has its own, and the other the same */
	if ((r[0] & OWN) == (r[1] & OWN))
		return TWO_TAILS;
	return atomic_read(&s->freed) ? ONE_LOST : ONE_FOUND_IT;
}

ACTORS {
	ACTOR_ROW(first, "optimises a page of an order that no tail page is there for yet"),
	ACTOR_ROW(second, "the same on another CPU"),
};

SCENARIO_DEFINE(tail_install) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "tail-install",
	.title = "the shared tail page is installed once, by whoever comes first",
	.story = "Since 7.1 all tails of an order show one read-only page, which is made when the "
		 "first huge page of that order is optimised. Two CPUs may come to that at once: "
		 "each fills a page and swaps it for nothing, and who loses frees its own and maps "
		 "the winner's. With a store instead, or a loser who keeps its page, one page is "
		 "mapped and in no table (H31).",
	.source = "zone->vmemmap_tails[], mm/hugetlb_vmemmap.c: 20260227194302.274384-1-kas@kernel.org",
};
