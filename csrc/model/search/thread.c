/* A CPU in a graph: what it hands on, and how it is set back. */

/* Whether the CPU has done the same twice: it repeats a local state, and the turn that led
 * to it read from the very events that the turn before read from. A turn that wrote (what
 * stood there already, or a lock that it gave back) does not read the same again: it
 * waits at once. Then another turn would be as this one, until something it read is
 * revisited; docs/search.md, "Waiting". */
static __attribute__((noinline)) bool same_turns(const struct model *m, const graph_t *g, const thread_t *t)
{
	const struct local *at = m->locals.at;
	uint32_t turn = at[t->node].idle, before;
	unsigned n, i, from;

	from = at[turn].ordinal;
	n = t->count - from;
	for (i = from; i < t->count; i++) {
		if (g->event[t->at[i]].writes)
			return true;
	}
	before = at[turn].idle;
	if (n == 0)
		return true;
	if (before == LOCAL_NONE || at[turn].ordinal - at[before].ordinal != (int)n)
		return false;
	for (i = from; i < t->count; i++) {
		const event_t *a = &g->event[t->at[i]], *b = &g->event[t->at[i - n]];

		if (a->place != b->place || a->rf != b->rf || a->value != b->value)
			return false;
	}
	return true;
}

static inline bool repeats(const struct model *m, const graph_t *g, const thread_t *t)
{
	return __builtin_expect(m->locals.at[t->node].idle != LOCAL_NONE, 0) &&
	       same_turns(m, g, t);
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
	unsigned count = t->count;

	/* what is kept of a CPU is what it did first */
	while (count > 0 && !set_has(keep, (unsigned)t->at[count - 1]))
		count--;
	if (count == t->count)
		return;
	t->mine = set_and(t->mine, keep);
	t->count = (uint16_t)count;
	if (count == 0) {
		t->last = -1;
		t->node = m->root[t - g->thread];
		t->phase = RUNNABLE;
		t->order = (order_t){ { SET_NONE } };
		return;
	}
	t->last = t->at[count - 1];
	t->node = g->event[t->last].next;
	t->phase = g->event[t->last].phase;
	order_after(g, t, m, (unsigned)t->last);
}
