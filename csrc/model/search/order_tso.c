/*
 * x86: everything in program order but a write before a later read; locked operations
 * and smp_mb() restore that (Owens, Sarkar, Sewell: A better x86 memory model, 2009). A
 * locked operation drains the store buffer whether its compare succeeds or not. C11's
 * seq_cst store is an exchange.
 */
#include "model/search/order.h"

static set_t order_base(const struct model *m, const graph_t *g, const thread_t *t,
			const struct op *op, bool write, bool done)
{
	(void)m;
	if (op->flags & OPF_ENTER || (op->flags & OPF_WALK && done))
		return SET_NONE;
	return set_or(t->order.row[write || op_rmw(op) ? FOR_WRITE : FOR_READ],
		      order_walk(g, t, op));
}

/* A CPU sees its own write before others do: that by itself orders nothing. */
static set_t order_own(const struct model *m, const graph_t *g, const thread_t *t,
		       const struct op *op, unsigned w, bool done)
{
	(void)m, (void)g, (void)t, (void)op, (void)w, (void)done;
	return SET_NONE;
}

static void order_step(const struct model *m, const graph_t *g, thread_t *t,
		       const struct op *op, unsigned e, bool full)
{
	set_t c = closure(g, e);

	(void)m, (void)full;
	if (op->flags & OPF_WALK)
		return;
	t->order.row[FOR_WRITE] = set_or(t->order.row[FOR_WRITE], c);
	if (g->event[e].reads || op_rmw(op) || op->flags & OPF_ENTER)
		t->order.row[FOR_READ] = set_or(t->order.row[FOR_READ], c);
	if (op_rmw(op) || (op->kind == OP_STORE && op->order == MACH_SEQ_CST))
		t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

static void order_fence(thread_t *t, const struct op *op)
{
	if (op->value == MACH_MB)
		t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

static set_t order_flush(const thread_t *t)
{
	return t->order.row[FOR_WRITE];
}

static void order_flushed(thread_t *t, set_t c)
{
	t->order.row[FOR_WRITE] = set_or(t->order.row[FOR_WRITE], c);
	t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

static bool order_holds_back(const struct op *op)
{
	(void)op;
	return true;
}
