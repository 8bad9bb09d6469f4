/*
 * The rows of a graph from scratch: what each CPU's program order keeps (local_order.c),
 * reads-from, coherence, from-reads, flushes and parts of one access, closed. A revisit
 * needs it where what is dropped, or read anew, was before something that is kept. There
 * are two such edges: an access through an old translation comes before the flush that
 * ends it; and what comes before one part of an access comes before its other parts.
 * Everywhere else what is dropped is maximal and so before nothing that is kept.
 */

static void close_rows(graph_t *g)
{
	unsigned k, i;

	SET_EACH(k, g->used) {
		SET_EACH(i, g->used) {
			if (set_has(g->pred[i], k))
				g->pred[i] = set_or(g->pred[i], g->pred[k]);
		}
	}
}

/* r: a read that reads from nobody yet; g->top: none. */
static void add_communication(graph_t *g, const graph_t *old, unsigned r)
{
	unsigned e, w;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e];

		if (ev->writes) {
			SET_EACH(w, old->co_after[e])
				g->pred[w] = set_or(g->pred[w], set_bit(e));
		}
		if (!ev->reads || e == r || ev->rf <= RF_LATER)
			continue;
		SET_EACH(w, writes_after(g, ev->place, ev->rf))
			g->pred[w] = set_or(g->pred[w], set_bit(e));
		if (ev->rf >= 0 && (g->event[ev->rf].cpu != ev->cpu || ev->walk))
			g->pred[e] = set_or(g->pred[e], set_bit((unsigned)ev->rf));
	}
}

/* The parts of each access whose last part is there and has read. */
static void add_parts(const struct model *m, graph_t *g, unsigned r)
{
	unsigned e, i;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e];
		const thread_t *t = &g->thread[ev->cpu];

		if (!ev->part || e == r || ev->part + 1u < m->locals.at[ev->node].op.cells)
			continue;
		for (i = ev->pos - ev->part; i < ev->pos; i++) {
			unsigned other = (unsigned)t->at[i];

			g->pred[e] = set_or(g->pred[e], set_bit(other));
			g->pred[other] = set_or(g->pred[other], set_bit(e));
		}
	}
}

/* Accesses through translations that a flush ends come before it; which ones depends on
 * the rows. True: something was added. */
static bool add_flushes(const struct explore *x, graph_t *g, unsigned r)
{
	const struct local *at = x->m->locals.at;
	bool more = false;
	unsigned e, f;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e], *walk;
		const struct op *op = &at[ev->node].op;

		if (!(ev->reads || ev->writes) || op->walk < 0 || e == r)
			continue;
		walk = &g->event[g->thread[ev->cpu].at[op->walk]];
		SET_EACH(f, stale_flushes(g, walk->place, walk->rf)) {
			more |= !set_has(g->pred[f], e);
			g->pred[f] = set_or(g->pred[f], set_bit(e));
		}
	}
	return more;
}

/* Rows that a CPU handed on, closed under what is before their members. */
static void close_order(const graph_t *g, order_t *order)
{
	for (unsigned k = 0; k < ORDER_ROWS; k++) {
		set_t row = order->row[k];
		unsigned e;

		SET_EACH(e, row)
			order->row[k] = set_or(order->row[k], g->pred[e]);
	}
}

static void remake_rows(struct explore *x, graph_t *g, unsigned r)
{
	graph_t *h = copy(x, g);
	thread_t *own = &g->thread[g->event[r].cpu];
	unsigned e, i;

	if (!h)
		return;
	for (i = 0; i < g->n_cpus; i++)
		local_order(x, h, i, true);
	add_communication(h, g, r);
	add_parts(x->m, h, r);
	h->pred[r] = SET_NONE;
	do {
		close_rows(h);
	} while (add_flushes(x, h, r));
	SET_EACH(e, g->used) {
		g->pred[e] = h->pred[e];
		g->entry[e] = h->entry[e];
		close_order(h, &g->entry[e]);
	}
	for (i = 0; i < g->n_cpus; i++) {
		if (&g->thread[i] == own)
			continue;
		g->thread[i].order = h->thread[i].order;
		close_order(h, &g->thread[i].order);
	}
	own->order = g->entry[r];
	x->arena_used -= sizeof(*h);
}
