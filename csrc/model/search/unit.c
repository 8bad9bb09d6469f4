/*
 * One search: the build compiles this file once for each memory model and width
 * (SEARCH_MODEL 0 sc, 1 tso, 2 arm64; WORDS; SEARCH_ENTRY, the one name that is seen
 * outside). The parts are files of their own, in the order in which they use each other;
 * all their functions are static, so that the compiler sees through the sets.
 */
#include <stdlib.h>

#include "model/explore.h"
#include "model/search/graph.h"
#include "model/search/order.h"

static void visit(struct explore *x, graph_t *g);
static void offer(struct explore *x, const graph_t *g);
static void estimate(struct explore *x);
static void check_race(struct explore *x, const graph_t *g, const thread_t *t,
		       const struct op *op);
struct candidates;

#if SEARCH_MODEL == 0
#include "model/search/order_sc.c"
#elif SEARCH_MODEL == 1
#include "model/search/order_tso.c"
#else
#include "model/search/order_arm64.c"
#endif
#include "model/search/translation.c"
#include "model/search/trace.c"
#include "model/search/alive.c"
#include "model/search/bind.c"
#include "model/search/read.c"
#include "model/search/write.c"
#include "model/search/local_order.c"
#include "model/search/guess.c"
#include "model/search/remake.c"
#include "model/search/revisit.c"
#include "model/search/visit.c"
#include "model/search/random.c"
#include "model/search/estimate.c"
#include "model/search/bounded.c"
#include "model/search/scripted.c"

int SEARCH_ENTRY(struct explore *x);

int SEARCH_ENTRY(struct explore *x)
{
	graph_t *g = (graph_t *)(x->arena + x->arena_base);

	x->arena_used = x->arena_base + sizeof(*g);
	x->kept = x->arena + x->arena_used;
	x->arena_used += KEPT * sizeof(struct kept);
	memset(x->kept, 0, KEPT * sizeof(struct kept));
	x->depth = x->dealt = 0;
	start_over(x, g);
	if (x->script)
		script(x, g);
	else if (x->strategy == STRATEGY_DFS && x->preemptions >= 0)
		bounded(x, g, -1, 0);
	else if (x->strategy == STRATEGY_DFS)
		visit(x, g);
	else
		random_runs(x, g);
	return x->too_wide;
}
