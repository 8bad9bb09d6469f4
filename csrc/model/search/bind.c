/*
 * Load buffering: a read that sees a write which comes of it by program order and
 * reads-from. Only arm64 allows that, and only where no dependency and no barrier orders
 * the write after the read.
 *
 * The search adds events in program order, so when such a read is added its write is not
 * there yet. The read may then take a value on trust (RF_LATER): one that a write of this
 * cell is known to store after a read of this CPU without being ordered after it. Those
 * are noted as the search meets them (note_chances()), and the search starts again with
 * them: no program without such a write pays anything, and no value comes out of thin
 * air, for a write that depends on the value it would justify is ordered after it. When
 * the write comes, the read may be bound to it (bind()); a run in which a read is never
 * bound is none. docs/search.md, "Load buffering", argues that all are found.
 */

#define GUESS_FIRST (-3) /* GUESS_FIRST - i stands for the i-th guess of struct follow */
#define GUESSES_MAX 64

static bool may_guess(const struct op *op)
{
	return !(op->flags & (OPF_PLAIN | OPF_WALK)) && op->address && op->kind != OP_LOCK &&
	       op->kind != OP_AWAIT && !order_holds_back(op);
}

/* Where in coherence order a read-modify-write that took its value on trust has put its
 * own write: right behind w, or it can not be bound to it. */
static bool stands_behind(const graph_t *g, const thread_t *t, unsigned cells, unsigned r,
			  unsigned w)
{
	const event_t *ev = &g->event[r];
	unsigned own;

	if (!ev->exclusive || ev->pos + cells >= t->count)
		return !ev->exclusive;
	own = (unsigned)t->at[ev->pos + cells];
	return set_has(g->co_after[w], own) &&
	       set_empty(set_minus(set_minus(g->co_after[w], g->co_after[own]), set_bit(own)));
}

/* Whether the CPU of r sees its cell in one order if r reads from w. */
static bool stays_coherent(const graph_t *g, const thread_t *t, unsigned r, unsigned w)
{
	const event_t *ev = &g->event[r];
	set_t after = g->co_after[w];
	const place_t *p = &g->place[ev->place];
	unsigned e;

	SET_EACH(e, set_and(set_or(p->reads, p->writes), t->mine)) {
		const event_t *other = &g->event[e];
		int seen = other->writes ? (int)e : other->rf;

		if (e == r || seen <= RF_LATER)
			continue;
		if (other->pos < ev->pos && seen != RF_INIT && set_has(after, (unsigned)seen))
			return false; /* older than what was seen before */
		if (other->pos > ev->pos && seen != (int)w &&
		    (seen == RF_INIT || !set_has(after, (unsigned)seen)))
			return false; /* newer than what is seen after */
	}
	return true;
}

/* Whether w is the write that a read counts on. */
static bool is_trusted(const struct explore *x, const event_t *read, const event_t *w)
{
	const struct guess *guess = &x->follow.guess[GUESS_FIRST - read->rf];

	return guess->writer == w->cpu && guess->pos == w->pos;
}

/* Whether a CPU that has read this cell before may count on this write now: it sees the
 * writes of a cell in one order, those of one CPU in program order, and comes back to
 * none. That also ends: a loop can not count on one write and another in turn. */
static bool may_count_on(const struct explore *x, const graph_t *g, const thread_t *t,
			 unsigned cell, const struct guess *guess)
{
	set_t reads = set_and(g->place[cell].reads, t->mine);
	int newest_same = -1, newest_other = -1;
	unsigned r;

	SET_EACH(r, reads) {
		const event_t *ev = &g->event[r];
		bool open = ev->rf <= GUESS_FIRST;
		unsigned writer, pos;

		if (!open && ev->rf < 0)
			continue;
		writer = open ? x->follow.guess[GUESS_FIRST - ev->rf].writer
			      : g->event[ev->rf].cpu;
		pos = open ? x->follow.guess[GUESS_FIRST - ev->rf].pos : g->event[ev->rf].pos;
		if (writer == guess->writer && pos > guess->pos)
			return false;
		if (writer == guess->writer && pos == guess->pos)
			newest_same = newest_same > ev->pos ? newest_same : ev->pos;
		else
			newest_other = newest_other > ev->pos ? newest_other : ev->pos;
	}
	return newest_same < 0 || newest_same > newest_other;
}

/* Whether read r, which took its value on trust, may be bound to the new write w. */
static bool may_bind(const struct explore *x, const graph_t *g, unsigned r, unsigned w)
{
	const event_t *ev = &g->event[r];
	const thread_t *t = &g->thread[ev->cpu];
	const struct op *op = &x->m->locals.at[ev->node].op;

	return is_trusted(x, ev, &g->event[w]) && ev->place == g->event[w].place && ev->value == g->event[w].value &&
	       ev->cpu != g->event[w].cpu && set_has(g->porf[w], r) &&
	       !set_has(g->pred[w], r) && !set_meets(g->co_after[w], g->pred[r]) &&
	       stands_behind(g, t, op->cells, r, w) && stays_coherent(g, t, r, w);
}

/* False: the graph is no execution. */
static bool bind(struct explore *x, graph_t *g, unsigned r, unsigned w)
{
	set_t c, way;

	if (!may_bind(x, g, r, w))
		return false;
	g->event[r].rf = (int16_t)w;
	g->readers[w] = set_or(g->readers[w], set_bit(r));
	g->later = set_minus(g->later, set_bit(r));
	c = closure(g, w);
	order_before(g, c, set_bit(r));
	if (set_meets(g->co_after[w], g->pred[r]))
		return false;
	if (!set_empty(g->co_after[w]) && !x->twin_no_fr)
		order_before(g, closure(g, r), g->co_after[w]); /* from-reads */
	way = with(g->porf, w);
	spread(g->porf, g->top, way, set_bit(r));
	g->porf[r] = set_or(g->porf[r], way);
	return true;
}

/* Reads that the new write w might be what they trusted in. */
static set_t trusting(const struct explore *x, const graph_t *g, unsigned w)
{
	set_t all = SET_NONE;
	unsigned r;

	SET_EACH(r, set_and(g->later, g->porf[w])) {
		if (may_bind(x, g, r, w))
			all = set_or(all, set_bit(r));
	}
	return all;
}

