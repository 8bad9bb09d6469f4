/* A CPU in a graph: what it hands on, and how it is set back. */

/* Where a CPU stands that has come to this local state. */
static inline uint8_t phase_at(const struct model *m, uint32_t node)
{
	return m->locals.at[node].idle == LOCAL_NONE ? RUNNABLE : SPINS;
}

/* What a CPU hands on after event e: a function of what it had before. */
static inline void order_after(graph_t *g, thread_t *t, const struct model *m, unsigned e)
{
	const struct op *op = &m->locals.at[g->event[e].node].op;

	t->order = g->entry[e];
	if (op->kind == OP_FLUSH)
		order_flushed(t, closure(g, e));
	else if (op->kind == OP_CHOICE)
		return;
	else if (g->event[e].reads && g->event[e].phase != READ_DUE && op->cells > 1)
		order_parts(m, g, t, op, e);
	else if (!g->event[e].reads || g->event[e].phase != READ_DUE)
		order_step(m, g, t, op, e, ends_full(g, op, e));
}

/* Set a CPU back to where it stood after its newest event that is kept. One that
 * loses nothing stays where it is, past the fences that follow its last event. */
static void thread_cut(graph_t *g, thread_t *t, const struct model *m, set_t keep)
{
	set_t mine = set_and(t->mine, keep);
	unsigned count = set_count(mine);

	if (count == t->count)
		return;
	t->mine = mine;
	t->count = (uint16_t)count;
	if (count == 0) {
		t->last = -1;
		t->node = m->root[t - g->thread];
		t->phase = phase_at(m, t->node);
		t->order = (order_t){ { SET_NONE } };
		return;
	}
	t->last = t->at[count - 1];
	t->node = g->event[t->last].next;
	t->phase = g->event[t->last].phase;
	order_after(g, t, m, (unsigned)t->last);
}
