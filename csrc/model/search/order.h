/*
 * What a memory model is to the search: what program order keeps. One file a model
 * (order_sc.c, order_tso.c, order_arm64.c); the build chooses. Reads-from between CPUs,
 * coherence and from-reads order in all of them; the search adds those.
 *
 * A CPU hands on rows: closed sets of events that its next event must follow. Laws, which
 * check.c asks of every graph in a debug build:
 *   L1  what order_base() returns is closed under pred
 *   L2  rows only grow along a CPU's program order
 *   L3  order_base() depends on the CPU's own past and on pred alone
 * L1 lets a candidate be judged by one set, L3 lets a CPU be set back to any of its
 * events. docs/search.md, "How to add a memory model", goes through them.
 *
 * done: false for the read of a compare that fails, whose order counts for nothing, and
 * for a walk that finds the entry not present: no TLB keeps such an entry, so that is a
 * load like any other.
 */
#ifndef SEARCH_ORDER_H
#define SEARCH_ORDER_H

#include "model/search/graph.h"

/* Of an access through a translation: what is ordered before its walk. */
static inline set_t order_walk(const graph_t *g, const thread_t *t, const struct op *op)
{
	return op->walk < 0 ? SET_NONE : closure(g, (unsigned)t->at[op->walk]);
}

/* What the next event of t, a read or a write of op, must follow. */
static set_t order_base(const struct model *m, const graph_t *g, const thread_t *t,
			const struct op *op, bool write, bool done);
/* What reading from w, a write of the same CPU, makes the read follow. */
static set_t order_own(const struct model *m, const graph_t *g, const thread_t *t,
		       const struct op *op, unsigned w, bool done);
/* The CPU has made event e. full: it ends a fully ordered read-modify-write. */
static void order_step(const struct model *m, const graph_t *g, thread_t *t,
		       const struct op *op, unsigned e, bool full);
static void order_fence(thread_t *t, const struct op *op);
/* A flush waits for all that its CPU did, and all that follows waits for it. */
static set_t order_flush(const thread_t *t);
static void order_flushed(thread_t *t, set_t c);
/* Whether this read lets nothing after it pass: then nothing it reads can come of that. */
static bool order_holds_back(const struct op *op);

#endif
