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

/* Would a stale translation be used after the flush that was to end it, if the write
 * stood behind this one? */
static bool too_late(const graph_t *g, unsigned cell, int after, set_t flushes)
{
	set_t readers, base;
	unsigned r;

	if (set_empty(flushes))
		return false;
	readers = after == RF_INIT ? g->place[cell].init_readers : g->readers[after];
	base = after == RF_INIT ? SET_NONE : closure(g, (unsigned)after);
	SET_EACH(r, readers)
		base = set_or(base, closure(g, r));
	return set_meets(flushes, base);
}

/* Places right after which the write may stand in coherence order. */
static void find_places(const struct explore *x, const graph_t *g, const thread_t *t,
			const struct op *op, struct candidates *c)
{
	unsigned cell = cell_of(x->m, op, due_part(g, t, op)), w;
	set_t bound = set_or(write_base(x->m, g, t, op), known_writes(g, t, cell));
	set_t flushes = access_flushes(g, t, op);

	c->n = 0;
	if (set_meets(flushes, bound))
		return; /* a stale translation, and the flush is over */
	/* one that took its value on trust does not know yet where it stands */
	if (op_rmw(op) && g->event[own_read(t, op)].rf > RF_LATER) {
		unsigned own = own_read(t, op);
		int source = g->event[own].rf;

		if (!set_meets(writes_after(g, cell, source), bound) &&
		    !sealed(x, g, cell, source, (int)own) && !too_late(g, cell, source, flushes))
			c->w[c->n++] = (int16_t)source;
		return;
	}
	SET_EACH(w, g->place[cell].writes) {
		if (!set_meets(g->co_after[w], bound) && !sealed(x, g, cell, (int)w, -1) &&
		    !too_late(g, cell, (int)w, flushes))
			c->w[c->n++] = (int16_t)w;
	}
	if (!set_meets(g->place[cell].writes, bound) && !sealed(x, g, cell, RF_INIT, -1) &&
	    !too_late(g, cell, RF_INIT, flushes))
		c->w[c->n++] = RF_INIT;
}

/* What the CPU is told after the last part: of a read-modify-write what it read. */
static inline uint64_t write_answer(const struct explore *x, const graph_t *g, const thread_t *t,
			     const struct op *op, unsigned part)
{
	unsigned first = t->count - op->cells - part;

	if (op->cells == 1)
		return op_rmw(op) ? g->event[t->last].value : 0;
	return !op_rmw(op) ? 0
			   : whole_value(x->m, g, t, op, first, op->cells - 1u,
					 g->event[t->at[first + op->cells - 1u]].value);
}

/* Whether w is a write that a freed frame is filled with. */
static bool is_pattern(const struct explore *x, const graph_t *g, unsigned w)
{
	const struct place *p = &x->m->places.at[g->event[w].place];

	return place_kind(p) == PLACE_FRAME && g->event[w].value ==
		       model_map_pattern(PATTERN_FREED, place_offset(p), p->size);
}

/* A store through a translation into a frame that was free when it came: which write
 * stands before it in coherence order is known only when all are there. -1: none. */
static int store_after_free(const struct explore *x, const graph_t *g)
{
	unsigned e, w;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e];
		set_t before = SET_NONE;

		if (!ev->writes || x->m->locals.at[ev->node].op.kind != OP_STORE ||
		    x->m->locals.at[ev->node].op.walk < 0)
			continue;
		SET_EACH(w, g->place[ev->place].writes) {
			if (set_has(g->co_after[w], e))
				before = set_or(before, set_bit(w));
		}
		SET_EACH(w, before) {
			if (!set_meets(g->co_after[w], before) && is_pattern(x, g, w))
				return (int)e;
		}
	}
	return -1;
}

static unsigned add_write(struct explore *x, graph_t *g, thread_t *t, const struct op *op,
			  int after)
{
	unsigned part = due_part(g, t, op), cell = cell_of(x->m, op, part), e, i;
	set_t base = write_base(x->m, g, t, op);
	place_t *p = &g->place[cell];
	set_t readers = after == RF_INIT ? p->init_readers : g->readers[after];
	set_t later = writes_after(g, cell, after);
	bool last = part + 1u == op->cells;
	uint64_t answer = write_answer(x, g, t, op, part);
	event_t ev = { .node = t->node, .place = (uint16_t)cell, .writes = true, .rf = RF_INIT,
		       .part = (uint8_t)part, .plain = op->flags & OPF_PLAIN,
		       .cpu = (uint8_t)(t - g->thread),
		       .hidden = op->flags & OPF_HIDDEN };
	set_t flushes = access_flushes(g, t, op);

	ev.value = cell_value(x->m, op, cell, op_rmw(op) ? op_written(op, answer) : op->value);
	ev.next = last ? model_step(x->m, t->node, answer) : t->node;
	ev.phase = last ? RUNNABLE : WRITE_DUE;
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
	unsigned cell = cell_of(x->m, op, due_part(g, t, op));
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
