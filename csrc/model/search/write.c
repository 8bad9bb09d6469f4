/* Writes of the search: places in coherence order, and backward revisits. */

/* A read-modify-write stands between w and its successor: nothing else may. */
static bool sealed(const struct explore *x, const graph_t *g, unsigned cell, int w, int but)
{
	set_t readers = w == RF_INIT ? g->place[cell].init_readers : g->readers[w];
	unsigned r;

	SET_EACH(r, readers) {
		const event_t *ev = &g->event[r];
		unsigned cells = x->m->locals.at[ev->node].op.cells;

		/* its write is there once its CPU has made as many events again */
		if (ev->exclusive && (int)r != but &&
		    ev->pos + cells < g->thread[ev->cpu].count)
			return true;
	}
	return false;
}

/* The read of a read-modify-write whose write of this part comes next. */
static unsigned own_read(const thread_t *t, const struct op *op)
{
	return (unsigned)t->at[t->count - op->cells];
}

static set_t write_base(const struct model *m, const graph_t *g, const thread_t *t,
			const struct op *op)
{
	set_t base = order_base(m, g, t, op, true, true);

	/* the write of a read-modify-write follows its read */
	return op_rmw(op) ? set_or(base, closure(g, own_read(t, op))) : base;
}

/* Places right after which the write may stand in coherence order. */
static void find_places(const struct explore *x, const graph_t *g, const thread_t *t,
			const struct op *op, struct candidates *c)
{
	unsigned cell = cell_of(x->m, op, due_part(g, t)), w;
	set_t bound = set_or(write_base(x->m, g, t, op), known_writes(g, t, cell));

	c->n = 0;
	if (set_meets(access_flushes(g, t, op), bound))
		return; /* a stale translation, and the flush is over */
	/* one that took its value on trust does not know yet where it stands */
	if (op_rmw(op) && g->event[own_read(t, op)].rf != RF_LATER) {
		unsigned own = own_read(t, op);
		int source = g->event[own].rf;

		if (!set_meets(writes_after(g, cell, source), bound) &&
		    !sealed(x, g, cell, source, (int)own))
			c->w[c->n++] = (int16_t)source;
		return;
	}
	SET_EACH(w, g->place[cell].writes) {
		if (!set_meets(g->co_after[w], bound) && !sealed(x, g, cell, (int)w, -1))
			c->w[c->n++] = (int16_t)w;
	}
	if (!set_meets(g->place[cell].writes, bound) && !sealed(x, g, cell, RF_INIT, -1))
		c->w[c->n++] = RF_INIT;
}

/* What the CPU is told after the last part: for a read-modify-write what it read, for a
 * store whether it went to a frame that was free. */
static uint64_t write_answer(const struct explore *x, const graph_t *g, const thread_t *t,
			     const struct op *op, unsigned part, bool freed)
{
	if (op_rmw(op)) {
		unsigned first = t->count - op->cells - part;

		return whole_value(x->m, g, t, op, first, op->cells - 1u,
				   g->event[t->at[first + op->cells - 1u]].value);
	}
	for (unsigned i = t->count - part; i < t->count; i++)
		freed |= g->event[t->at[i]].freed;
	return op->walk >= 0 && freed;
}

static bool over_freed(const struct explore *x, const graph_t *g, unsigned cell, int after)
{
	const struct place *p = &x->m->places.at[cell];

	return after != RF_INIT && place_kind(p) == PLACE_FRAME &&
	       g->event[after].value ==
		       model_map_pattern(PATTERN_FREED, place_offset(p), p->size);
}

static unsigned add_write(struct explore *x, graph_t *g, thread_t *t, const struct op *op,
			  int after)
{
	unsigned part = due_part(g, t), cell = cell_of(x->m, op, part), e, i;
	set_t base = write_base(x->m, g, t, op);
	place_t *p = &g->place[cell];
	set_t readers = after == RF_INIT ? p->init_readers : g->readers[after];
	set_t later = writes_after(g, cell, after);
	bool last = part + 1u == op->cells, freed = over_freed(x, g, cell, after);
	uint64_t answer = write_answer(x, g, t, op, part, freed);
	event_t ev = { .node = t->node, .place = (uint16_t)cell, .writes = true, .rf = RF_INIT,
		       .part = (uint8_t)part, .plain = op->flags & OPF_PLAIN,
		       .cpu = (uint8_t)(t - g->thread), .freed = freed,
		       .hidden = op->flags & OPF_HIDDEN };
	set_t flushes = access_flushes(g, t, op);

	ev.value = cell_value(x->m, op, cell, op_rmw(op) ? op_written(op, answer) : op->value);
	ev.next = last ? model_step(x->m, t->node, answer) : t->node;
	ev.phase = last ? phase_at(x->m, ev.next) : WRITE_DUE;
	e = add(x, g, t, &ev);
	if (e == SET_BITS)
		return e;
	if (after != RF_INIT)
		base = set_or(base, closure(g, (unsigned)after));
	if (!x->twin_no_fr) {
		SET_EACH(i, readers)
			base = set_or(base, closure(g, i));
	}
	g->pred[e] = base;
	g->co_after[e] = later;
	SET_EACH(i, set_minus(p->writes, later))
		g->co_after[i] = set_or(g->co_after[i], set_bit(e));
	p->writes = set_or(p->writes, set_bit(e));
	if (!set_empty(later))
		order_before(g, closure(g, e), later); /* coherence */
	if (!set_empty(flushes))
		order_before(g, closure(g, e), flushes);
	if (last && op->cells > 1)
		tie(g, t, e, SET_NONE);
	order_step(x->m, g, t, op, e, ends_full(g, op, e));
	t->node = ev.next;
	t->phase = ev.phase;
	return e;
}

/* The parts of a write may each stand where the others forbid it. */
static bool parts_stand(const graph_t *g, const thread_t *t, unsigned e)
{
	unsigned first = g->event[e].pos - g->event[e].part;

	for (unsigned i = first; i <= g->event[e].pos && g->event[e].part; i++) {
		unsigned w = (unsigned)t->at[i];

		if (set_meets(g->co_after[w], closure(g, w)))
			return false;
	}
	return true;
}

/* Does the next event of t race? The story has both accesses, this one tried out. */
static void check_race(struct explore *x, const graph_t *g, const thread_t *t,
		       const struct op *op)
{
	bool write = t->phase == WRITE_DUE || op->kind == OP_STORE;
	unsigned cell = cell_of(x->m, op, due_part(g, t));
	struct candidates c;
	set_t others;
	graph_t *h;
	thread_t *own;

	if (!(op->flags & OPF_PLAIN) && set_empty(g->place[cell].plain))
		return;
	others = races(g, t, op, cell, write,
		       write ? write_base(x->m, g, t, op)
			     : order_base(x->m, g, t, op, false, !op_rmw(op)));
	if (set_empty(others))
		return;
	h = copy(x, g);
	if (!h)
		return;
	own = &h->thread[t - g->thread];
	others = set_bit(set_take(&others));
	if (write)
		find_places(x, h, own, op, &c);
	else
		find_candidates(x, h, own, op, &c);
	if (c.n && write)
		add_write(x, h, own, op, c.w[0]);
	else if (c.n)
		add_read(x, h, own, op, c.w[0]);
	if (own->last >= 0)
		others = set_or(others, set_bit((unsigned)own->last));
	racing(x, h, own, t->node, others);
	x->arena_used -= sizeof(*h);
}

/* ---- backward revisits ---- */

/* Added as the canonical run adds it: last in coherence, or reading the last,
 * among what was there before it and what leads to the new write. */
static bool maximal(const struct explore *x, const graph_t *g, unsigned e, set_t prefix)
{
	const event_t *ev = &g->event[e];
	set_t previous = set_or(prefix, set_or(g->before[e], set_bit(e)));

	if (ev->writes)
		return !set_meets(g->readers[e], previous) &&
		       !set_meets(g->co_after[e], previous);
	if (!ev->reads)
		return ev->value == 0; /* a choice: the first one */
	if (ev->guessed)
		return false; /* there is the same without the guess */
	(void)x;
	if (ev->walk) /* entries broken under a pause are not for it to read */
		previous = set_minus(previous, g->place[ev->place].hidden);
	if (ev->rf == RF_INIT)
		return !set_meets(g->place[ev->place].writes, previous);
	return set_has(previous, (unsigned)ev->rf) &&
	       !set_meets(g->co_after[ev->rf], previous);
}

static inline void mask_rows(set_t *row, unsigned n, set_t mask)
{
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < WORDS; k++)
			row[i].w[k] &= mask.w[k];
	}
}

/* Drop all but keep; read r stays but reads from nobody yet. Rows of dropped
 * events are masked too: cheaper than asking. */
__attribute__((optimize("O3")))
static void restrict_to(const struct model *m, graph_t *g, set_t keep, unsigned r)
{
	set_t quiet = set_minus(keep, set_bit(r));
	unsigned i, k;

	g->used = keep;
	g->later = set_and(g->later, keep);
	mask_rows(g->pred, g->top, quiet);
	mask_rows(g->porf, g->top, quiet);
	mask_rows(g->before, g->top, keep);
	mask_rows(g->readers, g->top, quiet);
	mask_rows(g->co_after, g->top, quiet);
	mask_rows(g->entry[0].row, g->top * ORDER_ROWS, quiet);
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
	graph_t *h = copy(x, g), *k;
	struct candidates c;
	unsigned i;

	if (!h)
		return;
	x->revisits++;
	restrict_to(x->m, h, keep, r);
	step_back(h, r);
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
	unsigned r, e, cell = cell_of(x->m, op, due_part(g, t));

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
