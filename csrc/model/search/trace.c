/*
 * From a graph to a story: the events that a violation depends on, in one order,
 * with as few changes of CPU as the greedy choice finds. Of all executions that
 * show the same violation the one with the fewest changes, and among those the
 * fewest events, is kept.
 *
 * The order follows program order and reads-from, and wherever it can also what
 * the model orders; a read that then meets an old value is marked.
 */

/* e and all that leads to it. */
static set_t causes(const graph_t *g, set_t of)
{
	set_t all = of, last;
	unsigned e;

	do {
		last = all;
		SET_EACH(e, last)
			all = set_or(all, set_or(g->porf[e], g->pred[e]));
	} while (!set_empty(set_minus(all, last)));
	return all;
}

/* Whether all that e needs has been told. A walk orders nothing in a story: it
 * is told where its access is, so that an old translation looks old. A read that took
 * its value on trust is told before the write that it reads from. */
static bool tellable(const graph_t *g, unsigned e, set_t open, set_t walks, bool strict)
{
	const event_t *ev = &g->event[e];

	if (ev->reads && ev->rf >= 0 && !ev->guessed && !ev->walk &&
	    set_has(open, (unsigned)ev->rf))
		return false;
	return !strict || !set_meets(set_minus(g->pred[e], set_or(walks, set_bit(e))), open);
}

static int story_next(const graph_t *g, set_t open, set_t walks, const unsigned *pos,
			    unsigned cpu, bool strict)
{
	for (unsigned k = 0; k < g->n_cpus; k++) {
		unsigned c = (cpu + k) % g->n_cpus, e;
		const thread_t *t = &g->thread[c];

		if (pos[c] >= t->count)
			continue;
		e = (unsigned)t->at[pos[c]];
		if (!set_has(open, e) || !tellable(g, e, open, walks, strict))
			continue;
		if (g->event[e].walk && pos[c] + 1u < t->count) {
			e = (unsigned)t->at[pos[c] + 1u];
			if (set_has(open, e) && !tellable(g, e, open, walks, strict))
				continue;
		}
		return (int)c;
	}
	return -1;
}

static set_t all_walks(const graph_t *g)
{
	set_t walks = SET_NONE;
	unsigned e;

	SET_EACH(e, g->used) {
		if (g->event[e].walk)
			walks = set_or(walks, set_bit(e));
	}
	return walks;
}

/* Those of the writes that coherence puts before e. */
static set_t co_before(const graph_t *g, unsigned e, set_t writes)
{
	set_t before = SET_NONE;
	unsigned w;

	SET_EACH(w, writes) {
		if (set_has(g->co_after[w], e))
			before = set_or(before, set_bit(w));
	}
	return before;
}

static void story_line(const graph_t *g, const struct model *m, unsigned e, set_t told,
			     const uint16_t *line, struct trace_event *out)
{
	const event_t *ev = &g->event[e];
	set_t writes = set_and(g->place[ev->place].writes, told);
	uint64_t before = m->places.at[ev->place].init;
	unsigned w;

	SET_EACH(w, writes) {
		if (!set_meets(g->co_after[w], writes))
			before = g->event[w].value;
	}
	*out = (struct trace_event){ .node = ev->node, .value = ev->value, .before = before,
				     .place = (int16_t)ev->place, .cpu = ev->cpu, .rf = -1,
				     .after = -1, .write = ev->writes, .read = ev->reads };
	/* the last of the told writes that coherence puts before it */
	SET_EACH(w, writes) {
		if (ev->writes && set_has(g->co_after[w], e) &&
		    !set_meets(set_and(g->co_after[w], writes), co_before(g, e, writes)))
			out->after = (int16_t)line[w];
	}
	if (!ev->reads)
		return;
	out->stale = set_meets(writes_after(g, ev->place, ev->rf), told);
}

static unsigned tell(const graph_t *g, const struct model *m, set_t wanted, unsigned first,
			   struct trace_event *out, unsigned *switches)
{
	unsigned pos[MODEL_CPUS] = { 0 }, n = 0, e, last = first;
	set_t told = SET_NONE, walks = all_walks(g);
	uint16_t line[SET_BITS], event[TRACE_MAX];

	*switches = 0;
	while (n < TRACE_MAX) {
		set_t open = set_minus(wanted, told);
		int c = story_next(g, open, walks, pos, last, true);

		if (c < 0)
			c = story_next(g, open, walks, pos, last, false);
		if (c < 0)
			break;
		*switches += (unsigned)c != last;
		last = (unsigned)c;
		e = (unsigned)g->thread[c].at[pos[c]++];
		story_line(g, m, e, told, line, &out[n]);
		event[n] = (uint16_t)e;
		line[e] = (uint16_t)n++;
		told = set_or(told, set_bit(e));
	}
	for (unsigned i = 0; i < n; i++) {
		int rf = g->event[event[i]].rf;

		if (out[i].read && rf >= 0 && set_has(told, (unsigned)rf))
			out[i].rf = (int16_t)line[rf];
	}
	return n;
}

/* of: the events that show it; none: all. */
static void violation(struct explore *x, const graph_t *g, struct found *f, int cpu,
			    set_t of)
{
	set_t wanted = set_empty(of) ? g->used : causes(g, of);
	unsigned first, n, switches;

	if (!f || !x->trace || f->count > TRACE_TRIES)
		return;
	for (first = 0; first < g->n_cpus; first++) {
		n = tell(g, x->m, wanted, first, x->draft, &switches);
		if (f->n && (switches > f->switches || (switches == f->switches && n >= f->n)))
			continue;
		f->n = n;
		f->switches = switches;
		f->cpu = (uint8_t)(cpu < 0 ? MODEL_CPUS : cpu);
		f->node = x->violating;
		f->other = x->raced;
		memcpy(f->trace, x->draft, n * sizeof(f->trace[0]));
	}
}
