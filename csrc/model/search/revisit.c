/* Backward revisits: a write that comes late is offered to the reads that are there. */


/* Writes of a cell that know of an earlier part of the same access: what this part reads,
 * or is placed before, is older. */
static set_t beyond_parts(const graph_t *g, const event_t *ev)
{
	const thread_t *t = &g->thread[ev->cpu];
	set_t out = SET_NONE;
	unsigned w;

	for (unsigned i = ev->pos; i-- > 0 && g->event[t->at[i]].node == ev->node;) {
		SET_EACH(w, g->place[ev->place].writes) {
			if (set_has(g->pred[w], (unsigned)t->at[i]))
				out = set_or(out, set_bit(w));
		}
	}
	return out;
}

/* Writes that an event cannot read from, or stand behind, for another reason than its own
 * cell gives: it is a later part of an access, or goes through a stale translation and
 * the write knows of the flush that ended it. Without them it is maximal. */
static set_t out_of_reach(const struct explore *x, const graph_t *g, const event_t *ev)
{
	const struct op *op = &x->m->locals.at[ev->node].op;
	set_t flushes, out = SET_NONE;
	const event_t *walk;
	unsigned w;

	if (op->cells > 1)
		out = beyond_parts(g, ev);
	if (op->walk < 0)
		return out;
	walk = &g->event[g->thread[ev->cpu].at[op->walk]];
	if (set_empty(g->place[walk->place].flushes))
		return out;
	flushes = stale_flushes(g, walk->place, walk->rf);
	SET_EACH(w, g->place[ev->place].writes) {
		if (set_meets(flushes, closure(g, w)))
			out = set_or(out, set_bit(w));
	}
	return out;
}

/* Added as the canonical run adds it: last in coherence, or reading the last,
 * among what was there before it and what leads to the new write. */
static bool maximal(const struct explore *x, const graph_t *g, unsigned e, set_t prefix)
{
	const event_t *ev = &g->event[e];
	set_t previous = set_or(prefix, set_or(g->before[e], set_bit(e)));
	bool special = x->m->mixed || x->m->scenario->flags & SCENARIO_VMEMMAP;

	if (ev->writes)
		return !set_meets(g->readers[e], previous) &&
		       !set_meets(g->co_after[e],
				  special ? set_minus(previous, out_of_reach(x, g, ev))
					  : previous);
	if (!ev->reads)
		return ev->value == 0; /* a choice: the first one */
	if (ev->guessed)
		return false; /* there is the same without the guess */
	/* entries broken under a pause are not for a walk to read, nor for the handler */
	if (!special)
		;
	else if (x->m->locals.at[ev->node].op.flags & OPF_WALK)
		previous = set_minus(previous, g->place[ev->place].hidden);
	else
		previous = set_minus(previous, out_of_reach(x, g, ev));
	if (ev->rf == RF_INIT)
		return !set_meets(g->place[ev->place].writes, previous);
	return set_has(previous, (unsigned)ev->rf) &&
	       !set_meets(g->co_after[ev->rf], previous);
}

static inline void mask_rows(set_t *to, const set_t *from, unsigned n, set_t mask)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = set_and(from[i], mask);
}

/* g: from without all but keep, which may be made in place; read r stays but reads from
 * nobody yet. Rows of dropped events are masked too: cheaper than asking. */
__attribute__((optimize("O3")))
static void restrict_to(const struct model *m, graph_t *g, const graph_t *from, set_t keep,
			unsigned r)
{
	set_t quiet = set_minus(keep, set_bit(r));
	unsigned i, k, n = from->top;

	if (g != from)
		copy_but_rows(g, from);
	g->used = keep;
	g->later = set_and(g->later, keep);
	mask_rows(g->pred, from->pred, n, quiet);
	mask_rows(g->porf, from->porf, n, quiet);
	mask_rows(g->before, from->before, n, keep);
	mask_rows(g->readers, from->readers, n, quiet);
	mask_rows(g->co_after, from->co_after, n, quiet);
	mask_rows(g->entry[0].row, from->entry[0].row, n * ORDER_ROWS, quiet);
	for (i = 0; i < g->n_places; i++) {
		g->place[i].writes = set_and(g->place[i].writes, quiet);
		g->place[i].reads = set_and(g->place[i].reads, quiet);
		g->place[i].init_readers = set_and(g->place[i].init_readers, quiet);
		g->place[i].plain = set_and(g->place[i].plain, keep);
		g->place[i].flushes = set_and(g->place[i].flushes, keep);
		g->place[i].hidden = set_and(g->place[i].hidden, keep);
	}
	for (i = 0; i < g->n_cpus; i++) {
		thread_cut(g, &g->thread[i], m, keep);
		for (k = 0; k < ORDER_ROWS; k++)
			g->thread[i].order.row[k] = set_and(g->thread[i].order.row[k], quiet);
	}
	while (g->top > 0 && !set_has(keep, g->top - 1))
		g->top--;
}

/* The value of the access that r is the last part of; of another part, of no use. */
static bool whole_done(const struct explore *x, const graph_t *g, const event_t *r,
		       const struct op *op, uint64_t seen)
{
	seen = whole_value(x->m, g, &g->thread[r->cpu], op, (unsigned)r->pos - r->part, r->part,
			   seen);
	return r->part + 1u == op->cells && done_by(op, seen);
}

/* The CPU of read r stands before r again, as far as its order goes. */
static void reread(struct explore *x, graph_t *g, unsigned r, unsigned w)
{
	event_t *ev = &g->event[r];
	thread_t *t = &g->thread[ev->cpu];
	const struct op *op = &x->m->locals.at[ev->node].op;
	set_t base;

	answered(x, g, r, op, g->event[w].value);
	base = order_base(x->m, g, t, op, false, whole_done(x, g, ev, op, ev->value));
	g->porf[r] = ev->prev < 0 ? SET_NONE : with(g->porf, (unsigned)ev->prev);
	read_from(x, g, t, r, op, (int)w, base);
	/* it was not ordered after w before it read w */
	if ((op->flags & OPF_PLAIN) || g->event[w].plain)
		racing(x, g, t, ev->node, set_or(set_bit(r), set_bit(w)));
}

static bool reread_allowed(struct explore *x, graph_t *g, unsigned r, unsigned w)
{
	const event_t *ev = &g->event[r];
	thread_t *t = &g->thread[ev->cpu];
	const struct op *op = &x->m->locals.at[ev->node].op;
	bool done = whole_done(x, g, ev, op, g->event[w].value);
	set_t known = op->flags & OPF_WALK && g->event[w].value & PTE_PRESENT
			      ? known_walks(g, t, ev->place, &x->m->locals)
			      : known_writes(g, t, ev->place);
	set_t base = order_base(x->m, g, t, op, false, done);
	set_t from = set_or(base, rows_from(x, g, t, op, (int)w, done));

	if (op->flags & OPF_WALK && !may_walk(g, t, ev->place, (int)w))
		return false;
	if (set_meets(access_flushes(g, t, op), from))
		return false;
	if (set_meets(g->co_after[w], set_or(known, base)))
		return false;
	if (op->cells == 1 || ev->part + 1u < op->cells)
		return true;
	for (unsigned i = ev->pos - ev->part; i < ev->pos; i++)
		from = set_or(from, closure(g, (unsigned)t->at[i]));
	if (set_meets(g->co_after[w], from))
		return false;
	for (unsigned i = ev->pos - ev->part; i < ev->pos; i++) {
		const event_t *part = &g->event[t->at[i]];

		if (set_meets(newer_than(g, part->place, part->rf), from))
			return false;
	}
	return true;
}

/* r without its own mark on its CPU: what base() and known_writes() look at. */
static void step_back(graph_t *g, unsigned r)
{
	thread_t *t = &g->thread[g->event[r].cpu];

	t->order = g->entry[r];
	t->node = g->event[r].node;
	t->phase = RUNNABLE;
}

/* g is a copy already cut back to what the revisit keeps; it is used up. */
static void revisit_at(struct explore *x, graph_t *g, unsigned cpu, const struct op *op,
			     unsigned r, int after)
{
	unsigned w = add_write(x, g, &g->thread[cpu], op, after);

	if (w == SET_BITS || !parts_stand(g, &g->thread[cpu], w) ||
	    !reread_allowed(x, g, r, w)) {
		x->arena_used -= sizeof(*g);
		return;
	}
	reread(x, g, r, w);
	written(x, g, w);
	visit_copy(x, g);
}

static void revisit(struct explore *x, const graph_t *g, unsigned cpu, const struct op *op,
			  unsigned r, set_t keep)
{
	graph_t *h = room_for_copy(x), *k;
	struct candidates c;
	unsigned i;

	if (!h)
		return;
	x->revisits++;
	restrict_to(x->m, h, g, keep, r);
	step_back(h, r);
	if (x->m->scenario->flags & SCENARIO_VMEMMAP || x->m->mixed)
		remake_rows(x, h, r);
	find_places(x, h, &h->thread[cpu], op, &c);
	for (i = 0; i + 1 < c.n && !x->stopped; i++) {
		k = copy(x, h);
		if (!k)
			break;
		revisit_at(x, k, cpu, op, r, c.w[i]);
	}
	if (c.n && !x->stopped)
		revisit_at(x, h, cpu, op, r, c.w[c.n - 1]);
	else
		x->arena_used -= sizeof(*h);
}

static void revisits(struct explore *x, const graph_t *g, const thread_t *t,
			   const struct op *op)
{
	set_t prefix = t->last < 0 ? SET_NONE : with(g->porf, (unsigned)t->last);
	unsigned r, e, cell = cell_of(x->m, op, due_part(g, t, op));

	SET_EACH(r, set_minus(g->place[cell].reads, prefix)) {
		set_t dropped = set_minus(set_minus(g->used, g->before[r]), prefix);
		bool all_maximal = true;

		/* dropped holds r itself, which must be maximal too */
		SET_EACH(e, dropped) {
			if (!maximal(x, g, e, prefix)) {
				all_maximal = false;
				break;
			}
		}
		if (!all_maximal || (x->twin_drop_revisit && x->revisits % 2))
			continue;
		revisit(x, g, (unsigned)(t - g->thread), op, r,
			      set_or(set_minus(g->used, dropped), set_bit(r)));
		if (x->stopped)
			return;
	}
}

/* False: this branch is over. */
static bool visit_write(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	struct candidates c;
	unsigned i, w, cpu = (unsigned)(t - g->thread);

	check_race(x, g, t, op);
	revisits(x, g, t, op);
	find_places(x, g, t, op, &c);
	if (c.n == 0)
		explore_pruned(x); /* a read-modify-write whose source is taken */
	for (i = 0; i < c.n && !x->stopped; i++) {
		graph_t *h = i + 1 < c.n ? copy(x, g) : g;

		if (!h)
			return false;
		w = add_write(x, h, &h->thread[cpu], op, c.w[i]);
		if (w == SET_BITS || !parts_stand(h, &h->thread[cpu], w)) {
			if (h == g)
				return false;
			x->arena_used -= sizeof(*h);
			continue;
		}
		written(x, h, w);
		if (h != g)
			visit_copy(x, h);
	}
	return c.n && !x->stopped;
}
