/*
 * Bounded search: all that at most so many preemptions can do.
 *
 * Graphs know no schedule, so here one is made: CPUs are moved one event at a
 * time, in program order. Under sc each event happens when it is added: a read
 * sees the newest write, a write is the newest. So the runs are the interleavings
 * themselves. Under tso they are the runs of the machine with store buffers: how
 * late a store leaves its buffer costs nothing. Under arm64 an access may take
 * effect as early or as late as the model allows, at no cost.
 *
 * Moving another CPU costs one preemption when the one that moved last could go
 * on: it has not ended, waits for nobody, and is not at the end of a turn of a
 * retry loop (Musuvathi and Qadeer, Iterative context bounding, PLDI 2007).
 *
 * Two orders of the same events make the same graph; a graph that was reached
 * before with the same CPU last and no more preemptions is not gone on with. An
 * extension never makes a schedule cheaper, so one over the bound is dropped at
 * once; then the search is not complete.
 */

static void bounded(struct explore *x, graph_t *g, int cpu, unsigned cost);

/* Requests that are no events are over at once: no other CPU sees them. */
static void settle(struct explore *x, graph_t *g)
{
	for (unsigned i = 0; i < g->n_cpus; i++) {
		thread_t *t = &g->thread[i];

		while (t->phase == RUNNABLE && !x->m->out_of_memory) {
			const struct op *op = &x->m->locals.at[t->node].op;

			if (waits_again(x, g, t))
				break;
			if (op_event(op)) {
				if (!place_known(x, g, op))
					return;
				break;
			}
			visit_other(x, g, t, op);
		}
	}
}

/* Whether t has ended a turn of a retry loop since its last event. */
static bool yields(const struct explore *x, const thread_t *t)
{
	const struct locals *ls = &x->m->locals;
	uint32_t node = t->node, from;

	from = t->last < 0 ? LOCAL_NONE : ls->at[t->node].parent;
	for (; from != LOCAL_NONE && !op_event(&ls->at[from].op); from = ls->at[node].parent) {
		if (ls->at[from].op.kind == OP_RELAX)
			return true;
		node = from;
	}
	return false;
}

#if SEARCH_MODEL == 1
/* Whether any of these events is over, or one that comes after. All but stores, which
 * may be in a buffer, happen when they are added; and with a store what its CPU's
 * fences had drained before it. */
static bool over(const struct explore *x, const graph_t *g, set_t of)
{
	unsigned e;

	if (set_empty(of))
		return false;
	SET_EACH(e, g->used) {
		bool stored = x->m->locals.at[g->event[e].node].op.kind == OP_STORE;

		if (set_meets(stored ? g->entry[e].row[FOR_READ] : closure(g, e), of))
			return true;
	}
	return false;
}
#endif

/* Whether the event can happen now: sc, nothing newer is there; tso, what is newer
 * is still in a store buffer; both, no flush is over that had to wait for it. */
static bool happens_now(const struct explore *x, const graph_t *g, const thread_t *t,
			const struct op *op, bool write, int w, uint64_t seen)
{
	unsigned cell = cell_of(x->m, op, due_part(g, t, op));
	set_t newer = newer_than(g, cell, w);

	(void)x;
	if (write || !(op->flags & OPF_WALK)) {
#if SEARCH_MODEL == 0
		return set_empty(newer) && set_empty(access_flushes(g, t, op));
#elif SEARCH_MODEL == 1
		return !over(x, g, set_or(newer, access_flushes(g, t, op)));
#else
		return true;
#endif
	}
	if (SEARCH_MODEL == 2)
		return true;
	/* a TLB may hold an old entry until a flush, but no entry that is none */
	if (seen & PTE_PRESENT)
		return set_empty(stale_flushes(g, cell, w));
	newer = set_minus(newer, set_minus(g->place[cell].hidden, t->mine));
#if SEARCH_MODEL == 1
	return !over(x, g, newer);
#else
	return set_empty(newer);
#endif
}

/* What the next event of t may be: writes to read from, places to stand behind.
 * waits: an operation that waits may also stand and wait. */
static void find_now(struct explore *x, const graph_t *g, const thread_t *t,
			   const struct op *op, bool waits, struct candidates *c)
{
	bool write = t->phase == WRITE_DUE || op->kind == OP_STORE;
	unsigned i, n = 0;

	if (write)
		find_places(x, g, t, op, c);
	else
		find_candidates(x, g, t, op, c);
	for (i = 0; i < c->n; i++) {
		uint64_t seen = write ? 0 : value_of(x, g, cell_of(x->m, op, due_part(g, t, op)), c->w[i]);

		if (happens_now(x, g, t, op, write, c->w[i], seen) &&
		    (write || waits || !op_waits(op, seen)))
			c->w[n++] = c->w[i];
	}
	c->n = n;
}

static bool can_move(struct explore *x, const graph_t *g, const thread_t *t)
{
	const struct op *op = &x->m->locals.at[t->node].op;
	struct candidates c;

	if (t->phase != RUNNABLE || t->node == LOCAL_NONE)
		return false;
	if (op->kind != OP_LOCK && op->kind != OP_AWAIT)
		return true;
	find_now(x, g, t, op, false, &c);
	return c.n > 0;
}

/* One graph, whatever the order in which it was made. */
static uint64_t state_key(const graph_t *g, int cpu)
{
	uint64_t h = fingerprint(g) + (uint64_t)(cpu + 1) * 0x9e3779b97f4a7c15ull;

	for (unsigned i = 0; i < g->n_cpus; i++) {
		h = (h ^ (g->thread[i].node + ((uint64_t)g->thread[i].phase << 32))) *
		    0xbf58476d1ce4e5b9ull;
		h ^= h >> 31;
	}
	return h * 0x94d049bb133111ebull;
}

static void bounded_on(struct explore *x, graph_t *h, int cpu, unsigned cost)
{
	if (!x->stopped)
		bounded(x, h, cpu, cost);
	x->arena_used -= sizeof(*h);
}

static void bounded_access(struct explore *x, const graph_t *g, unsigned cpu,
			   const struct op *op, bool waits, unsigned cost)
{
	const thread_t *t = &g->thread[cpu];
	bool write = t->phase == WRITE_DUE || op->kind == OP_STORE;
	struct candidates c;
	unsigned e;

	check_race(x, g, t, op);
	find_now(x, g, t, op, waits, &c);
	if (c.n == 0)
		explore_pruned(x);
	for (unsigned i = 0; i < c.n && !x->stopped; i++) {
		graph_t *h = copy(x, g);

		if (!h)
			return;
		if (!write) {
			add_read(x, h, &h->thread[cpu], op, c.w[i]);
		} else {
			e = add_write(x, h, &h->thread[cpu], op, c.w[i]);
			if (e == SET_BITS || !parts_stand(h, &h->thread[cpu], e)) {
				x->arena_used -= sizeof(*h);
				continue;
			}
			written_then(x, h, e, bounded_on, (int)cpu, cost);
		}
		bounded_on(x, h, (int)cpu, cost);
	}
}

static void bounded_choice(struct explore *x, const graph_t *g, unsigned cpu,
				 const struct op *op, unsigned cost)
{
	uint64_t n = op->kind == OP_CHOICE ? op->value : 1;

	for (uint64_t v = 0; v < n && !x->stopped; v++) {
		graph_t *h = copy(x, g);

		if (!h)
			return;
		if (op->kind == OP_FLUSH)
			visit_flush(x, h, &h->thread[cpu], op);
		else
			add_choice(x, h, &h->thread[cpu], v);
		if (!x->stopped)
			bounded(x, h, (int)cpu, cost);
		x->arena_used -= sizeof(*h);
	}
}

static void bounded_move(struct explore *x, graph_t *g, unsigned cpu, bool waits,
			       unsigned cost)
{
	const struct op *op = &x->m->locals.at[g->thread[cpu].node].op;

	if (!place_known(x, g, op))
		return;
	if (op->kind <= OP_AWAIT)
		bounded_access(x, g, cpu, op, waits, cost);
	else
		bounded_choice(x, g, cpu, op, cost);
}

/* Nobody can move: all have ended, or some stand and wait, and that is an event. */
static void bounded_end(struct explore *x, graph_t *g)
{
	for (unsigned i = 0; i < g->n_cpus; i++) {
		if (g->thread[i].phase == RUNNABLE &&
		    x->m->locals.at[g->thread[i].node].op.kind <= OP_AWAIT) {
			bounded_move(x, g, i, true, 0);
			return;
		}
	}
	if (seen_add(&x->seen, state_key(g, -2), 0))
		leaf(x, g);
}

/* Whether the CPU is in the middle of an operation: a read-modify-write, or a walk
 * whose access comes next. A walk that met a hole is over. */
static bool goes_on(const struct explore *x, thread_t *t)
{
	const struct op *op = &x->m->locals.at[t->node].op;

	if (t->phase == ACCESS_DUE && (!op_event(op) || op->walk < 0))
		t->phase = RUNNABLE;
	return is_due(t);
}

/* A turn of a waiting loop that is over, taken back: it left no trace, and the CPU waits
 * where it began. False: another CPU has read what the turn wrote; then the same run
 * without the turn says it all. */
static bool take_back(const struct explore *x, graph_t *g, thread_t *t)
{
	const struct local *at = x->m->locals.at;
	uint32_t from = at[t->node].idle;
	set_t dropped = SET_NONE;
	unsigned e;

	for (unsigned i = at[from].ordinal; i < t->count; i++)
		dropped = set_or(dropped, set_bit((unsigned)t->at[i]));
	SET_EACH(e, set_minus(g->used, dropped)) {
		if (set_meets(g->porf[e], dropped))
			return false;
	}
	if (!set_empty(dropped)) {
		e = (unsigned)t->last;
		restrict_to(x->m, g, g, set_minus(g->used, dropped), e);
	}
	t->node = from;
	t->phase = RUNNABLE;
	return true;
}

/* g is the caller's own copy. */
static void bounded(struct explore *x, graph_t *g, int cpu, unsigned cost)
{
	bool able[MODEL_CPUS], any = false, spun = false;

	if (cpu >= 0 && goes_on(x, &g->thread[cpu])) {
		bounded_move(x, g, (unsigned)cpu, false, cost);
		return;
	}
	settle(x, g);
	if (x->stopped || x->m->out_of_memory ||
	    !seen_add(&x->seen, state_key(g, cpu), cost))
		return;
	for (unsigned i = 0; i < g->n_cpus; i++)
		any |= able[i] = can_move(x, g, &g->thread[i]);
	if (!any)
		bounded_end(x, g);
	for (unsigned i = 0; i < g->n_cpus && any; i++) {
		if (g->thread[i].phase != SPINS)
			continue;
		if (!take_back(x, g, &g->thread[i]))
			return;
		spun |= (int)i == cpu; /* it gives its turn away: others move at no cost */
	}
	for (unsigned k = 0; k < g->n_cpus && any; k++) {
		unsigned i = ((unsigned)(cpu < 0 ? 0 : cpu) + k) % g->n_cpus;
		bool free = cpu < 0 || (int)i == cpu || !able[cpu] || spun ||
			    yields(x, &g->thread[cpu]) || x->twin_free_switch;

		if (!able[i])
			continue;
		if (!free && cost >= (unsigned)x->preemptions)
			x->cut = true;
		else
			bounded_move(x, g, i, false, cost + !free);
	}
}
