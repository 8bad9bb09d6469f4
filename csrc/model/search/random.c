/*
 * One run after another instead of all of them: the next CPU and what a read
 * sees are drawn at random, without backtracking, so nothing is copied. Random
 * walk, or PCT (Burckhardt et al., ASPLOS 2010): CPUs have random priorities, the
 * highest that can moves, and at a few random steps, one fewer than the depth of
 * the bugs that are looked for, it falls to the bottom.
 */

static void start_over(struct explore *x, graph_t *g)
{
	g->used = g->later = SET_NONE;
	g->top = g->n_places = 0;
	g->n_cpus = x->m->n_cpus;
	for (unsigned i = 0; i < g->n_cpus; i++) {
		thread_t *t = &g->thread[i];

		t->node = x->m->root[i];
		t->last = -1;
		t->phase = RUNNABLE;
		t->count = 0;
		t->mine = SET_NONE;
		t->order = (order_t){ { SET_NONE } };
	}
}

static int draw_cpu(struct explore *x, const graph_t *g)
{
	unsigned able[MODEL_CPUS], n = 0, best = 0;

	for (unsigned i = 0; i < g->n_cpus; i++) {
		if (is_due(&g->thread[i]))
			return (int)i;
		if (g->thread[i].phase == RUNNABLE && g->thread[i].node != LOCAL_NONE)
			able[n++] = i;
	}
	if (n == 0)
		return -1;
	if (x->strategy == STRATEGY_RANDOM)
		return (int)able[explore_draw(x, n)];
	for (unsigned i = 1; i < n; i++) {
		if (x->priority[able[i]] > x->priority[able[best]])
			best = i;
	}
	explore_falls(x, &x->priority[able[best]]);
	return (int)able[best];
}

/* The write e was added: some of the reads that trusted in it are bound to it. */
static bool written_by_chance(struct explore *x, graph_t *g, unsigned e)
{
	unsigned r;
	set_t reads;

	if (e == SET_BITS || !parts_stand(g, &g->thread[g->event[e].cpu], e))
		return false;
	if (SEARCH_MODEL == 2) {
		note_chances(x, g, e);
		reads = trusting(x, g, e);
		SET_EACH(r, reads) {
			if (explore_draw(x, 2) && !bind(x, g, r, e))
				return false;
		}
	}
	return !x->stopped;
}

static bool draw_event(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	struct candidates c;
	bool write = t->phase == WRITE_DUE || op->kind == OP_STORE;

	check_race(x, g, t, op);
	if (write)
		find_places(x, g, t, op, &c);
	else
		find_candidates(x, g, t, op, &c);
	if (c.n == 0)
		return false;
	c.n = c.n > 1 ? explore_draw(x, c.n) : 0;
	if (write)
		return written_by_chance(x, g, add_write(x, g, t, op, c.w[c.n]));
	add_read(x, g, t, op, c.w[c.n]);
	return !x->stopped;
}

static void random_run(struct explore *x, graph_t *g)
{
	for (;;) {
		int cpu = draw_cpu(x, g);
		thread_t *t = &g->thread[cpu < 0 ? 0 : cpu];
		const struct op *op = &x->m->locals.at[t->node].op;

		if (cpu < 0) {
			leaf(x, g);
			return;
		}
		if (waits_again(x, g, t))
			continue;
		if (!place_known(x, g, op))
			return;
		if (op->kind <= OP_AWAIT) {
			if (!draw_event(x, g, t, op)) {
				explore_pruned(x);
				return;
			}
		} else if (op->kind == OP_FLUSH) {
			visit_flush(x, g, t, op);
		} else if (op->kind == OP_CHOICE) {
			add_choice(x, g, t, explore_draw(x, (unsigned)op->value));
		} else {
			visit_other(x, g, t, op);
		}
		if (x->stopped || x->m->out_of_memory)
			return;
	}
}

static void random_runs(struct explore *x, graph_t *g)
{
	while (!x->stopped && !x->m->out_of_memory) {
		start_over(x, g);
		explore_new_run(x);
		random_run(x, g);
	}
}
