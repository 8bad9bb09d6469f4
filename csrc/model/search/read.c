/*
 * The search: every consistent execution graph once (Kokologiannakis,
 * Marmanis, Gladstein, Vafeiadis: Truly Stateless, Optimal Dynamic Partial
 * Order Reduction, POPL 2022).
 *
 * Events are added CPU by CPU. A read branches over the writes that it may read
 * from, a write over its places in coherence order. A write that comes late is
 * also offered to the reads that are there already: such a backward revisit
 * keeps what was added before the read and what led to the write, and drops the
 * rest. It is made only when what is dropped was added in the one canonical way
 * (is "maximal"), so no graph is reached twice, and no memory of what was seen
 * is needed.
 *
 * The paper's consistency test is free here: candidates are filtered by rows of
 * predecessors that are kept closed, and a candidate that passes is consistent.
 */

static void visit(struct explore *x, graph_t *g);

/* Deep enough for what is alive at once; a copy is freed when its visit ends. */
static graph_t *copy(struct explore *x, const graph_t *g)
{
	graph_t *to = (graph_t *)(x->arena + x->arena_used);

	if (x->arena_used + sizeof(*to) > x->arena_size) {
		x->bounded = x->stopped = true;
		return NULL;
	}
	x->arena_used += sizeof(*to);
	graph_copy(to, g);
	return to;
}

static void offer(struct explore *x, const graph_t *g);

static void visit_copy(struct explore *x, graph_t *copy)
{
	if (__builtin_expect(x->strata != NULL, 0)) {
		offer(x, copy);
		x->arena_used -= sizeof(*copy);
		return;
	}
	x->depth++;
	/* subtrees at the split depth are dealt out to the jobs in turn */
	if (x->jobs < 2 || x->depth != x->split || x->dealt++ % x->jobs == x->job)
		visit(x, copy);
	x->depth--;
	x->arena_used -= sizeof(*copy);
}

/* Writes of its place that a CPU has read or written: coherence forbids it to
 * see, or to write, anything older. */
static set_t known_writes(const graph_t *g, const thread_t *t, unsigned place)
{
	set_t reads = set_and(g->place[place].reads, t->mine);
	set_t known = set_and(g->place[place].writes, t->mine);
	unsigned r;

	SET_EACH(r, reads) {
		if (g->event[r].rf != RF_INIT)
			known = set_or(known, set_bit((unsigned)g->event[r].rf));
	}
	return known;
}

/* Walks see memory, but only walks bind later walks: a CPU's own write to an
 * entry does not reach its TLB before a flush. */
static set_t known_walks(const graph_t *g, const thread_t *t, unsigned place,
			       const struct locals *ls)
{
	set_t reads = set_and(g->place[place].reads, t->mine), known = SET_NONE;
	unsigned r;

	SET_EACH(r, reads) {
		if (g->event[r].rf != RF_INIT && ls->at[g->event[r].node].op.flags & OPF_WALK)
			known = set_or(known, set_bit((unsigned)g->event[r].rf));
	}
	return known;
}

static unsigned add(struct explore *x, graph_t *g, thread_t *t, const event_t *like)
{
	unsigned e = set_free(g->used);

	if (e >= SET_BITS || t->count >= sizeof(t->at) / sizeof(t->at[0])) {
		x->too_wide = x->stopped = true;
		return SET_BITS;
	}
	if (e >= g->top)
		g->top = e + 1;
	g->event[e] = *like;
	g->event[e].prev = t->last;
	g->before[e] = g->used;
	g->used = set_or(g->used, set_bit(e));
	g->readers[e] = SET_NONE;
	g->co_after[e] = SET_NONE;
	g->entry[e] = t->order;
	g->porf[e] = t->last < 0 ? SET_NONE : with(g->porf, (unsigned)t->last);
	t->mine = set_or(t->mine, set_bit(e));
	t->at[t->count++] = (int16_t)e;
	t->last = (int16_t)e;
	if (like->hidden)
		g->place[like->place].hidden = set_or(g->place[like->place].hidden, set_bit(e));
	if (like->plain)
		g->place[like->place].plain = set_or(g->place[like->place].plain, set_bit(e));
	x->steps++;
	return e;
}

/* ---- reads ---- */

/* What a read of this value makes of its CPU. */
static void answered(struct explore *x, graph_t *g, unsigned e, const struct op *op,
			   uint64_t seen)
{
	event_t *ev = &g->event[e];

	ev->value = seen;
	ev->next = ev->node;
	ev->exclusive = false;
	if (op_waits(op, seen)) {
		ev->exclusive = op->kind == OP_LOCK && seen == 0;
		ev->phase = WAITS;
	} else if (op_rmw(op) && op_writes_after(op, seen)) {
		ev->exclusive = true;
		ev->phase = WRITE_DUE;
	} else {
		ev->phase = ev->walk ? ACCESS_DUE : RUNNABLE;
		ev->next = model_step(x->m, ev->node, seen);
	}
}

static uint64_t value_of(const struct explore *x, const graph_t *g, unsigned place, int w)
{
	return w == RF_INIT ? x->m->places.at[place].init : g->event[w].value;
}

static inline bool done(const struct op *op, uint64_t seen)
{
	if (op->flags & OPF_WALK)
		return seen & PTE_PRESENT;
	return !op_rmw(op) || op_writes_after(op, seen);
}

/* The rows that reads-from adds to a read. A CPU sees its own write before
 * others do, so that one orders nothing by itself. */
static set_t from(const struct explore *x, const graph_t *g, const thread_t *t,
			const struct op *op, int w)
{
	if (w == RF_INIT)
		return SET_NONE;
#if MODEL != 0
	if (set_has(t->mine, (unsigned)w) && !(op->flags & OPF_WALK)) {
		set_t s = SET_NONE;
#if MODEL == 2
		const struct op *by = &x->m->locals.at[g->event[w].node].op;

		/* addr;rfi, data;rfi, and rmw;rfi;[A] */
		s = set_or(dependency(g, t, by->dep), dependency(g, t, by->walk));
		s = set_or(s, dependency(g, t, by->data));
		if (op_rmw(by) && op->order == MACH_ACQUIRE &&
		    done(op, g->event[w].value))
			s = set_or(s, closure(g, (unsigned)w));
#endif
		return s;
	}
#endif
	(void)t, (void)op, (void)x;
	return closure(g, (unsigned)w);
}

/* Event e reads from w: every row that says so. */
static void read_from(struct explore *x, graph_t *g, thread_t *t, unsigned e,
			    const struct op *op, int w, set_t base)
{
	place_t *p = &g->place[op->place];
	set_t later = writes_after(g, op->place, w);
	set_t flushes = access_flushes(g, t, op);

	g->event[e].rf = (int16_t)w;
	g->pred[e] = set_or(base, from(x, g, t, op, w));
	p->reads = set_or(p->reads, set_bit(e));
	if (w == RF_INIT) {
		p->init_readers = set_or(p->init_readers, set_bit(e));
	} else {
		g->readers[w] = set_or(g->readers[w], set_bit(e));
		g->porf[e] = set_or(g->porf[e], with(g->porf, (unsigned)w));
	}
	if (!set_empty(later) && !x->twin_no_fr)
		order_before(g, closure(g, e), later); /* from-reads */
	if (!set_empty(flushes))
		order_before(g, closure(g, e), flushes);
	step(g, t, op, e, false);
	t->node = g->event[e].next;
	t->phase = g->event[e].phase;
}

/* A read-modify-write that may still write after reading from w? One that did
 * so already and led to this one can never be put behind it. */
static bool taken(const graph_t *g, unsigned place, int w, set_t porf)
{
	set_t readers = w == RF_INIT ? g->place[place].init_readers : g->readers[w];
	unsigned r;

	SET_EACH(r, set_and(readers, porf)) {
		if (g->event[r].exclusive)
			return true;
	}
	return false;
}

struct candidates {
	unsigned n;
	int16_t w[SET_BITS + 1];
};

static bool may_read(const struct explore *x, const graph_t *g, const thread_t *t,
			   const struct op *op, int w, set_t known, set_t flushes)
{
	set_t base, later = writes_after(g, op->place, w);
	uint64_t seen = value_of(x, g, op->place, w);
	set_t porf;

	base = base(g, t, op, false, done(op, seen));
	/* an entry that is not present is in no TLB: it is as old as any load */
	if (op->flags & OPF_WALK && !(seen & PTE_PRESENT))
		known = known_writes(g, t, op->place);
	if (set_meets(later, known))
		return false; /* older than what this CPU has seen */
	if (!x->twin_no_fr && set_meets(later, base))
		return false; /* a newer one is ordered before this read */
	if (op->flags & OPF_WALK && !may_walk(g, t, op->place, w))
		return false;
	if (!set_empty(flushes) &&
	    set_meets(flushes, set_or(base, from(x, g, t, op, w))))
		return false; /* a stale translation, and the flush is over */
	/* waiting is for the newest value only: an older one changes by itself */
	if (op_waits(op, seen) && !set_empty(later))
		return false;
	if (!op_rmw(op) || !op_writes_after(op, seen))
		return true;
	porf = t->last < 0 ? SET_NONE : with(g->porf, (unsigned)t->last);
	if (w != RF_INIT)
		porf = set_or(porf, with(g->porf, (unsigned)w));
	return !taken(g, op->place, w, porf);
}

static void find_candidates(const struct explore *x, const graph_t *g, const thread_t *t,
				  const struct op *op, struct candidates *c)
{
	set_t known = op->flags & OPF_WALK
			      ? known_walks(g, t, op->place, &x->m->locals)
			      : known_writes(g, t, op->place);
	set_t flushes = access_flushes(g, t, op);
	unsigned w;

	c->n = 0;
	SET_EACH(w, g->place[op->place].writes) {
		if (may_read(x, g, t, op, (int)w, known, flushes))
			c->w[c->n++] = (int16_t)w;
	}
	if (may_read(x, g, t, op, RF_INIT, known, flushes))
		c->w[c->n++] = RF_INIT;
}

/* Two accesses of which one is plain and neither is ordered before the other:
 * there is an interleaving in which they stand side by side. */
static set_t races(const graph_t *g, const thread_t *t, const struct op *op, bool write,
			 set_t base)
{
	const place_t *p = &g->place[op->place];
	set_t others = write ? set_or(p->reads, p->writes) : p->writes;

	if (!(op->flags & OPF_PLAIN))
		others = set_and(others, p->plain);
	return set_and(set_minus(set_minus(others, base), t->mine), g->used);
}

/* Reported, and then the run goes on: what the race leads to is worth seeing. */
static void racing(struct explore *x, const graph_t *g, const thread_t *t, uint32_t node,
			 set_t pair)
{
	int cpu = (int)(t - g->thread);
	unsigned e;

	SET_EACH(e, pair) {
		if (g->event[e].cpu != cpu)
			x->raced = g->event[e].node;
	}
	violation(x, g, explore_violation(x, VIOLATION_RACE, 0, 0, -1, node, (uint8_t)cpu),
			cpu, pair);
}

static void check_race(struct explore *x, const graph_t *g, const thread_t *t,
			     const struct op *op);

static void add_read(struct explore *x, graph_t *g, thread_t *t, const struct op *op, int w)
{
	uint64_t seen = value_of(x, g, op->place, w);
	set_t base = base(g, t, op, false, done(op, seen));
	event_t ev = { .node = t->node, .place = op->place, .reads = true,
		       .plain = op->flags & OPF_PLAIN, .cpu = (uint8_t)(t - g->thread),
		       .walk = op->flags & OPF_WALK && op->kind == OP_LOAD };
	unsigned e = add(x, g, t, &ev);

	if (e == SET_BITS)
		return;
	answered(x, g, e, op, seen);
	read_from(x, g, t, e, op, w, base);
}

/* False: this branch is over. */
static bool visit_read(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	struct candidates c;
	unsigned i, cpu = (unsigned)(t - g->thread);

	check_race(x, g, t, op);
	find_candidates(x, g, t, op, &c);
	if (c.n == 0) {
		x->pruned++;
		return false;
	}
	for (i = 0; i + 1 < c.n && !x->stopped; i++) {
		graph_t *h = copy(x, g);

		if (!h)
			return false;
		add_read(x, h, &h->thread[cpu], op, c.w[i]);
		visit_copy(x, h);
	}
	if (x->stopped)
		return false;
	add_read(x, g, t, op, c.w[i]);
	return !x->stopped;
}
