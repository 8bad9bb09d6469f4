/* The main loop of the search: which CPU goes on, and what a full run amounts to. */

/* Whether a CPU is in the middle of an access. */
static inline bool is_due(const thread_t *t)
{
	return t->phase == READ_DUE || t->phase == WRITE_DUE || t->phase == ACCESS_DUE;
}

/* A write that is due belongs to the read before it, so it goes first; then the
 * lowest CPU that can move. -1: none. */
static int next_cpu(const graph_t *g)
{
	int found = -1;

	for (int i = (int)g->n_cpus - 1; i >= 0; i--) {
		if (is_due(&g->thread[i]))
			return i;
		if (g->thread[i].phase == RUNNABLE && g->thread[i].node != LOCAL_NONE)
			found = i;
	}
	return found;
}

static uint64_t final_of_cell(const struct explore *x, const graph_t *g, unsigned cell)
{
	unsigned w;

	if (cell < g->n_places) {
		SET_EACH(w, g->place[cell].writes) {
			if (set_empty(g->co_after[w]))
				return g->event[w].value;
		}
	}
	return x->m->places.at[cell].init;
}

static uint64_t final_value(const struct explore *x, const graph_t *g, const struct op *op)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < op->cells; i++) {
		unsigned cell = cell_of(x->m, op, i);

		value |= final_of_cell(x, g, cell) << shift_of(x->m, op, cell);
	}
	return value;
}

/* The final check reads what every place ended as. */
static void check(struct explore *x, const graph_t *g, const unsigned *results)
{
	uint32_t node = model_check_root(x->m, results);
	const struct op *op;

	for (;;) {
		if (node == LOCAL_NONE)
			return;
		op = &x->m->locals.at[node].op;
		if (op->kind == OP_END)
			break;
		if (op->kind == OP_VIOLATE) {
			violation(x, g, explore_violation(x, (enum violation)op->old,
					op_hazard(op), op_invariant(op), -1, node,
					MODEL_CPUS), -1, SET_NONE);
			return;
		}
		node = model_step(x->m, node, op_reads(op) ? final_value(x, g, op) : 0);
	}
	violation(x, g, explore_outcome(x, (unsigned)op->value), -1, SET_NONE);
}

/* Whether anything that a CPU waits on has a newer value that it did not read; what it
 * wrote itself in a turn that left no trace is no news. */
static bool waits_on_old(const struct explore *x, const graph_t *g, const thread_t *t)
{
	const struct local *at = x->m->locals.at;
	unsigned i = t->phase == SPINS ? at[at[t->node].idle].ordinal : t->count - 1u;

	for (; i < t->count; i++) {
		const event_t *ev = &g->event[t->at[i]];

		if (ev->reads &&
		    !set_empty(set_minus(writes_after(g, ev->place, ev->rf), t->mine)))
			return true;
	}
	return false;
}

/* Nobody can move and somebody has not finished. If what it waits for is the
 * newest there is, nothing will ever end the wait. */
static void stuck(struct explore *x, const graph_t *g)
{
	enum violation kind = VIOLATION_DEADLOCK;
	bool stale = false;
	int cpu = -1;

	for (unsigned i = 0; i < g->n_cpus; i++) {
		const thread_t *t = &g->thread[i];

		/* somebody waits for a CPU that died of a violation: no news */
		if (t->phase == STOPPED && x->m->locals.at[t->node].op.kind == OP_VIOLATE)
			stale = true;
		if (t->phase != WAITS && t->phase != SPINS)
			continue;
		cpu = (int)i;
		if (t->phase == SPINS)
			kind = VIOLATION_SPIN;
		stale |= waits_on_old(x, g, t);
	}
	explore_blocked(x);
	if (!stale && cpu >= 0)
		violation(x, g, explore_violation(x, kind, 0, 8, -1, g->thread[cpu].node,
							(uint8_t)cpu), cpu, SET_NONE);
}

static uint64_t mixed(uint64_t h)
{
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
	return (h ^ (h >> 27)) * 0x94d049bb133111ebull;
}

/* The same for two graphs that have the same reads-from and coherence: what a CPU asks is
 * a function of what its reads saw. Two that differ are confused with a chance of 2^-64. */
static uint64_t fingerprint(const graph_t *g)
{
	uint64_t all = 0;
	unsigned e;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e];
		uint64_t h = (uint64_t)ev->pos << 8 | (uint64_t)ev->cpu << 1 | ev->writes;

		if (ev->reads && ev->rf >= 0)
			h += (uint64_t)(g->event[ev->rf].pos * MODEL_CPUS +
					g->event[ev->rf].cpu + 1u) << 24;
		if (ev->writes)
			h += (uint64_t)set_count(g->co_after[e]) << 48;
		if (!ev->reads && !ev->writes)
			h += ev->value << 24;
		all += mixed(h + 0x9e3779b97f4a7c15ull);
	}
	return all;
}

/* Every CPU has ended, none waits. */
static bool complete(const graph_t *g)
{
	for (unsigned i = 0; i < g->n_cpus; i++) {
		if (g->thread[i].phase != RUNNABLE && g->thread[i].phase != STOPPED)
			return false;
	}
	return true;
}

static void tell_violation(struct explore *x, const graph_t *g, const thread_t *t,
			   const struct op *op);

/* A graph with reads that took their values on trust: what it violates was not told as
 * it grew, for it might have come to nothing. */
static void tell_late(struct explore *x, const graph_t *g)
{
	for (unsigned i = 0; i < g->n_cpus; i++) {
		const thread_t *t = &g->thread[i];
		const struct op *op = &x->m->locals.at[t->node].op;
		unsigned e, other;

		if (t->phase == STOPPED && op->kind == OP_VIOLATE)
			tell_violation(x, g, t, op);
		SET_EACH(e, t->mine) {
			const event_t *ev = &g->event[e];
			const struct op *own = &x->m->locals.at[ev->node].op;
			set_t pair = races(g, t, own, ev->place, ev->writes, closure(g, e));

			SET_EACH(other, pair) {
				if (!set_has(g->pred[other], e) && other < e)
					racing(x, g, t, ev->node,
					       set_or(set_bit(e), set_bit(other)));
			}
		}
	}
}

static bool tell_store_after_free(struct explore *x, const graph_t *g)
{
	int e = x->m->scenario->flags & SCENARIO_VMEMMAP ? store_after_free(x, g) : -1;
	const event_t *ev = &g->event[e < 0 ? 0 : e];

	if (e < 0)
		return false;
	violation(x, g, explore_violation(x, VIOLATION_HAZARD,
					  x->m->regime.flush == FLUSH_NONE ? 10 : 8, 2, -1,
					  ev->node, ev->cpu), ev->cpu, set_bit((unsigned)e));
	return true;
}

static bool any_guessed(const graph_t *g)
{
	unsigned e;

	SET_EACH(e, g->used) {
		if (g->event[e].guessed)
			return true;
	}
	return false;
}

/* Nobody can move any more. */
static void leaf(struct explore *x, const graph_t *g)
{
	unsigned results[MODEL_CPUS];
	bool stopped = false;

	if (!set_empty(g->later)) {
		explore_pruned(x); /* a value that nobody came to write */
		return;
	}
	if (SEARCH_MODEL == 2 && x->follow.guesses_frozen && any_guessed(g)) {
		/* the search may come here by more than one set of guesses */
		if (!seen_add(&x->guessed, fingerprint(g), 0))
			return;
		tell_late(x, g);
	}
	if (tell_store_after_free(x, g)) {
		explore_executed(x);
		return;
	}
	if (!complete(g)) {
		stuck(x, g);
		return;
	}
	for (unsigned i = 0; i < g->n_cpus; i++) {
		const struct op *op = &x->m->locals.at[g->thread[i].node].op;

		stopped |= op->kind != OP_END;
		results[i] = (unsigned)op->value;
	}
	explore_executed(x);
	if (x->leaf)
		x->leaf(x, fingerprint(g));
	if (!stopped)
		check(x, g, results);
}

/* The environment picks v. */
static bool add_choice(struct explore *x, graph_t *g, thread_t *t, uint64_t v)
{
	event_t ev = { .node = t->node, .value = v, .rf = RF_INIT,
		       .cpu = (uint8_t)(t - g->thread) };
	unsigned e;

	ev.next = model_step(x->m, t->node, v);
	ev.phase = RUNNABLE;
	e = add(x, g, t, &ev);
	if (e == SET_BITS)
		return false;
	g->pred[e] = t->order.row[0];
	t->node = ev.next;
	t->phase = ev.phase;
	return true;
}

static bool visit_choice(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	unsigned cpu = (unsigned)(t - g->thread);

	for (uint64_t v = op->value; v-- > 0 && !x->stopped;) {
		graph_t *h = v ? copy(x, g) : g;

		if (!h || !add_choice(x, h, &h->thread[cpu], v))
			return false;
		if (v)
			visit_copy(x, h);
	}
	return !x->stopped;
}

static bool visit_flush(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	event_t ev = { .node = t->node, .place = op->place, .rf = RF_INIT,
		       .cpu = (uint8_t)(t - g->thread) };
	set_t base = flush_base(g, t, op->place, &x->m->locals);
	unsigned e;

	ev.next = model_step(x->m, t->node, 0);
	ev.phase = RUNNABLE;
	e = add(x, g, t, &ev);
	if (e == SET_BITS)
		return false;
	g->pred[e] = base;
	g->place[op->place].flushes = set_or(g->place[op->place].flushes, set_bit(e));
	order_flushed(t, closure(g, e));
	t->node = ev.next;
	t->phase = ev.phase;
	return true;
}

/* Stopped by a violation that may still turn out not to happen is told at the end. */
static void tell_violation(struct explore *x, const graph_t *g, const thread_t *t,
			   const struct op *op)
{
	int cpu = (int)(t - g->thread);

	violation(x, g, explore_violation(x, (enum violation)op->old, op_hazard(op),
					  op_invariant(op), -1, t->node, (uint8_t)cpu),
		  cpu, t->last < 0 ? SET_NONE : set_bit((unsigned)t->last));
}

/* A CPU's end, or a request that is no event. */
static void visit_other(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	if (op->kind == OP_END || op->kind == OP_VIOLATE) {
		t->phase = STOPPED;
		if (op->kind == OP_VIOLATE && set_empty(g->later))
			tell_violation(x, g, t, op);
		return;
	}
	if (op->kind == OP_FENCE)
		order_fence(t, op);
	t->node = model_step(x->m, t->node, 0);
	t->phase = RUNNABLE;
}

/* A CPU that is about to do for the third time what it did twice. */
static inline bool waits_again(const struct explore *x, const graph_t *g, thread_t *t)
{
	if (t->phase != RUNNABLE || !repeats(x->m, g, t))
		return false;
	t->phase = SPINS;
	return true;
}

static bool place_known(struct explore *x, graph_t *g, const struct op *op)
{
	if (op->kind > OP_AWAIT && op->kind != OP_FLUSH)
		return true;
	if (SEARCH_MODEL == 2 && !local_of(op)->depends) {
		depend_find(x->m, (uint32_t)(local_of(op) - x->m->locals.at));
		if (x->m->out_of_memory)
			return false;
	}
	for (unsigned i = 0; i < op->cells; i++) {
		unsigned cell = cell_of(x->m, op, i);

		if (cell >= GRAPH_PLACES) {
			x->too_wide = x->stopped = true;
			return false;
		}
		place_seen(g, cell);
	}
	return true;
}

/* The next event of t, or what is none. False: this branch is over. */
static bool advance(struct explore *x, graph_t *g, thread_t *t)
{
	const struct op *op = &x->m->locals.at[t->node].op;

	if (t->phase == WRITE_DUE || op->kind == OP_STORE)
		return visit_write(x, g, t, op);
	if (op_reads(op))
		return visit_read(x, g, t, op);
	if (op->kind == OP_FLUSH)
		return visit_flush(x, g, t, op);
	if (op->kind == OP_CHOICE)
		return visit_choice(x, g, t, op);
	visit_other(x, g, t, op);
	return true;
}

static void visit(struct explore *x, graph_t *g)
{
	bool going = true;

	while (going && !x->stopped && !x->m->out_of_memory) {
		int cpu = next_cpu(g);
		thread_t *t = &g->thread[cpu < 0 ? 0 : cpu];
		const struct op *op = &x->m->locals.at[t->node].op;

		if (cpu < 0) {
			leaf(x, g);
			if (x->steps >= x->estimate_next)
				estimate(x);
			return;
		}
		if (waits_again(x, g, t))
			continue;
		if (!place_known(x, g, op))
			return;
		going = advance(x, g, t);
	}
}
