/*
 * What a CPU's own program order keeps, and nothing else: the rows of one CPU made from
 * scratch, without reads-from, coherence and from-reads order of others. guess.c asks
 * it what would still be ordered if a read saw something else, check.c whether the rows
 * of a graph are what they should be.
 */

/* Event e of t, whose rows so far stand in h: what it follows. */
static void local_event(const struct explore *x, graph_t *h, thread_t *t, const struct op *op,
			unsigned e, bool forwards)
{
	const event_t *ev = &h->event[e];
	place_t *p = &h->place[ev->place];
	unsigned m;

	t->count = ev->pos; /* as it was when e was added */
	h->entry[e] = t->order;
	if (ev->writes) {
		h->pred[e] = write_base(x->m, h, t, op);
		/* [M];po-loc;[W] */
		SET_EACH(m, set_and(set_or(p->reads, p->writes), t->mine)) {
			if (h->event[m].pos < ev->pos)
				h->pred[e] = set_or(h->pred[e], closure(h, m));
		}
	} else if (ev->reads) {
		bool done = op_rmw(op) ? ev->exclusive : done_by(op, ev->value);

		h->pred[e] = order_base(x->m, h, t, op, false, done);
		if (forwards && op->cells == 1 && ev->rf >= 0 && set_has(t->mine, (unsigned)ev->rf) &&
		    !ev->guessed)
			h->pred[e] = set_or(h->pred[e], order_own(x->m, h, t, op,
								  (unsigned)ev->rf, done));
	}
	if (op->kind == OP_CHOICE) {
		h->pred[e] = t->order.row[0];
	} else if (op->kind == OP_FLUSH) {
		h->pred[e] = order_flush(t);
		order_flushed(t, closure(h, e));
	} else {
		order_step(x->m, h, t, op, e, ends_full(h, op, e));
	}
}

/* Makes the rows of one CPU of h anew; h is a copy of the caller's for this purpose.
 * forwards: with what reading its own writes adds. */
static void local_order(const struct explore *x, graph_t *h, unsigned cpu, bool forwards)
{
	const struct local *at = x->m->locals.at;
	thread_t *t = &h->thread[cpu];
	unsigned count = t->count, n = 0, pos = 0;
	uint32_t path[MODEL_PATH], node;

	for (node = t->node; node != LOCAL_NONE && n < MODEL_PATH; node = at[node].parent)
		path[n++] = node;
	t->order = (order_t){ { SET_NONE } };
	for (unsigned i = 0; i < count; i++)
		h->pred[t->at[i]] = SET_NONE;
	while (n-- > 0) {
		const struct op *op = &at[path[n]].op;

		if (op->kind == OP_FENCE && n > 0) /* its newest request is still open */
			order_fence(t, op);
		while (op_event(op) && pos < count && h->event[t->at[pos]].node == path[n])
			local_event(x, h, t, op, (unsigned)t->at[pos++], forwards);
	}
	t->count = (uint16_t)count;
}
