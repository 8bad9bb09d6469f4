/* Sequential consistency: everything in program order (Lamport, 1979). */
#include "model/search/order.h"

static set_t order_base(const struct model *m, const graph_t *g, const thread_t *t,
			const struct op *op, bool write, bool done)
{
	(void)m, (void)g, (void)write;
	return op->flags & OPF_WALK && done ? SET_NONE : t->order.row[0];
}

static set_t order_own(const struct model *m, const graph_t *g, const thread_t *t,
		       const struct op *op, unsigned w, bool done)
{
	(void)m, (void)t, (void)op, (void)done;
	return closure(g, w);
}

static void order_step(const struct model *m, const graph_t *g, thread_t *t,
		       const struct op *op, unsigned e, bool full)
{
	(void)m, (void)full;
	if (op->flags & OPF_WALK)
		t->order.row[0] = set_or(t->order.row[0], closure(g, e));
	else
		t->order.row[0] = closure(g, e);
}

static void order_fence(thread_t *t, const struct op *op)
{
	(void)t, (void)op;
}

static set_t order_flush(const thread_t *t)
{
	return t->order.row[0];
}

static void order_flushed(thread_t *t, set_t c)
{
	t->order.row[0] = set_or(t->order.row[0], c);
}

static bool order_holds_back(const struct op *op)
{
	(void)op;
	return true;
}
