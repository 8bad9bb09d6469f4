/*
 * A run that is written down: which CPU makes its next event, and which write it
 * reads from or stands behind. The graph is the one that the search had, so it shows
 * the same violation, in the same words.
 */

static unsigned newest(const graph_t *g, const struct candidates *c, unsigned cell)
{
	for (unsigned i = 0; i < c->n; i++) {
		if (c->w[i] > RF_LATER && set_empty(writes_after(g, cell, c->w[i])))
			return i;
	}
	return c->n;
}

/* Requests of t that are no events. False: it makes no event any more. */
static bool to_event(struct explore *x, graph_t *g, thread_t *t)
{
	for (;;) {
		const struct op *op = &x->m->locals.at[t->node].op;

		if (t->node == LOCAL_NONE || t->phase == WAITS || t->phase == SPINS ||
		    t->phase == STOPPED || x->stopped)
			return false;
		if (waits_again(x, g, t))
			return false;
		if (op_event(op))
			return place_known(x, g, op);
		visit_other(x, g, t, op);
	}
}

/* Whether this candidate is the write of the later step that a read trusts in. */
static bool counts_on(const struct explore *x, const struct script_step *step, int w)
{
	const struct guess *guess = &x->follow.guess[w <= GUESS_FIRST ? GUESS_FIRST - w : 0];
	unsigned cpu = x->script[step->from].cpu, pos = 0;

	for (int i = 0; i < step->from; i++)
		pos += x->script[i].cpu == cpu;
	return w <= GUESS_FIRST && guess->value == step->value && guess->writer == cpu &&
	       guess->pos == pos;
}

/* The event that the step names. False: there is no such event. */
static bool scripted(struct explore *x, graph_t *g, const struct script_step *step,
			   const int16_t *slot)
{
	thread_t *t = &g->thread[step->cpu];
	const struct op *op;
	struct candidates c;
	bool write;
	unsigned i;

	if (step->cpu >= g->n_cpus || !to_event(x, g, t))
		return false;
	op = &x->m->locals.at[t->node].op;
	if (op->kind == OP_FLUSH)
		return visit_flush(x, g, t, op);
	if (op->kind == OP_CHOICE)
		return step->value < op->value && add_choice(x, g, t, step->value);
	write = t->phase == WRITE_DUE || op->kind == OP_STORE;
	check_race(x, g, t, op);
	if (write)
		find_places(x, g, t, op, &c);
	else
		find_candidates(x, g, t, op, &c);
	i = newest(g, &c, cell_of(x->m, op, due_part(g, t, op)));
	if (step->later) {
		for (i = 0; i < c.n && !counts_on(x, step, c.w[i]);)
			i++;
	} else if (step->from != SCRIPT_NEWEST) {
		int w = step->from < 0 ? RF_INIT : slot[step->from];

		for (i = 0; i < c.n && c.w[i] != w;)
			i++;
	}
	if (i == c.n)
		return false;
	if (write && add_write(x, g, t, op, c.w[i]) == SET_BITS)
		return false;
	if (!write)
		add_read(x, g, t, op, c.w[i]);
	return !x->stopped;
}

/* Reads of earlier steps that took their values on trust in the write of this one. */
static bool bind_earlier(struct explore *x, graph_t *g, unsigned step, const int16_t *slot)
{
	for (unsigned i = 0; i < step; i++) {
		if (x->script[i].later && x->script[i].from == (int)step &&
		    (SEARCH_MODEL != 2 || !bind(x, g, (unsigned)slot[i], (unsigned)slot[step])))
			return false;
	}
	return true;
}

/* What is left once the steps are over: CPUs that end, or wait for ever. */
static bool script_end(struct explore *x, graph_t *g)
{
	const int16_t none[1] = { RF_INIT };
	bool all = true;

	for (unsigned i = 0; i < g->n_cpus; i++) {
		struct script_step step = { .cpu = (uint8_t)i, .from = SCRIPT_NEWEST };

		for (unsigned n = 0; x->script_rest && n < SCRIPT_REST; n++) {
			if (!scripted(x, g, &step, none))
				break;
		}
		all &= !to_event(x, g, &g->thread[i]);
	}
	return all;
}

static void script(struct explore *x, graph_t *g)
{
	int16_t slot[TRACE_MAX];

	for (unsigned i = 0; i < x->n_script; i++) {
		const struct script_step *step = &x->script[i];

		bool ahead = step->from > (int)i;

		if (ahead != step->later || step->from >= (int)x->n_script || step->from == (int)i ||
		    !scripted(x, g, step, slot)) {
			x->script_failed = true;
			return;
		}
		slot[i] = g->thread[step->cpu].last;
		if (!bind_earlier(x, g, i, slot)) {
			x->script_failed = true;
			return;
		}
	}
	if (script_end(x, g))
		leaf(x, g);
}
