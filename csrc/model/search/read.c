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

/* Writes of its place that a CPU has read or written: coherence forbids it to
 * see, or to write, anything older. */
static set_t known_writes(const graph_t *g, const thread_t *t, unsigned place)
{
	set_t reads = set_and(g->place[place].reads, t->mine);
	set_t known = set_and(g->place[place].writes, t->mine);
	unsigned r;

	SET_EACH(r, reads) {
		if (g->event[r].rf >= 0)
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
		if (g->event[r].rf >= 0 && ls->at[g->event[r].node].op.flags & OPF_WALK)
			known = set_or(known, set_bit((unsigned)g->event[r].rf));
	}
	return known;
}

static inline __attribute__((always_inline)) unsigned add(struct explore *x, graph_t *g, thread_t *t, const event_t *like)
{
	unsigned e = set_free(g->used);

	if (e >= SET_BITS || t->count >= sizeof(t->at) / sizeof(t->at[0])) {
		x->too_wide = x->stopped = true; /* the next width has room, or nobody has */
		return SET_BITS;
	}
	if (e >= g->top)
		g->top = e + 1;
	g->event[e] = *like;
	g->event[e].prev = t->last;
	g->event[e].pos = t->count;
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
	explore_count(&x->steps);
	return e;
}

/* ---- accesses of several cells ---- */

/* Which part of its request a CPU's next event is. */
static inline unsigned due_part(const graph_t *g, const thread_t *t, const struct op *op)
{
	if (__builtin_expect(op->cells == 1, 1))
		return 0;
	if (t->phase == READ_DUE)
		return g->event[t->last].part + 1u;
	if (t->phase == WRITE_DUE && g->event[t->last].writes)
		return g->event[t->last].part + 1u;
	return 0;
}

static inline unsigned cell_of(const struct model *m, const struct op *op, unsigned part)
{
	unsigned place = op->place;

	while (part-- > 0)
		place = m->places.at[place].next;
	return place;
}

static unsigned shift_of(const struct model *m, const struct op *op, unsigned cell)
{
	return 8 * (place_byte(&m->places.at[cell]) - place_byte(&m->places.at[op->place]));
}

/* Of a value of the whole access, what belongs in this cell. */
static inline uint64_t cell_value(const struct model *m, const struct op *op, unsigned cell,
				  uint64_t value)
{
	unsigned size = m->places.at[cell].size;

	if (op->cells == 1)
		return value;
	value >>= shift_of(m, op, cell);
	return size >= 8 ? value : value & ((1ull << 8 * size) - 1);
}

/* The value of a whole read, whose last part is to see this. before: position of its
 * first part on its CPU. */
static uint64_t whole_of_parts(const struct model *m, const graph_t *g, const thread_t *t,
			       const struct op *op, unsigned first, unsigned parts,
			       uint64_t last)
{
	uint64_t value = 0;
	unsigned i;

	for (i = 0; i < parts; i++) {
		const event_t *ev = &g->event[t->at[first + i]];

		value |= ev->value << shift_of(m, op, ev->place);
	}
	if (parts < op->cells)
		value |= last << shift_of(m, op, cell_of(m, op, parts));
	return value;
}

static inline uint64_t whole_value(const struct model *m, const graph_t *g, const thread_t *t,
				   const struct op *op, unsigned first, unsigned parts,
				   uint64_t last)
{
	return __builtin_expect(op->cells == 1, 1)
		       ? last : whole_of_parts(m, g, t, op, first, parts, last);
}

/* The parts of an access, the last of which is e: what is before one is before all,
 * for the access is single-copy atomic. Each is then in the rows of the others. */
static void tie(graph_t *g, const thread_t *t, unsigned e, set_t base)
{
	unsigned first = g->event[e].pos - g->event[e].part, i;
	set_t parts = SET_NONE;

	for (i = first; i <= g->event[e].pos; i++) {
		base = set_or(base, closure(g, (unsigned)t->at[i]));
		parts = set_or(parts, set_bit((unsigned)t->at[i]));
	}
	order_before(g, base, parts);
}

static bool ends_full(const graph_t *g, const struct op *op, unsigned e)
{
	return g->event[e].writes && op_rmw(op) && op->order == MACH_FULL;
}

/* All parts of a read are there, the last is e: what its CPU hands on. */
static void order_parts(const struct model *m, graph_t *g, thread_t *t, const struct op *op,
			unsigned e)
{
	unsigned first = g->event[e].pos - g->event[e].part;

	for (unsigned i = first; i <= g->event[e].pos; i++)
		order_step(m, g, t, op, (unsigned)t->at[i], false);
}

#include "model/search/thread.c"

/* ---- reads ---- */

static inline bool done_by(const struct op *op, uint64_t seen)
{
	if (op->flags & OPF_WALK)
		return seen & PTE_PRESENT;
	return !op_rmw(op) || op_writes_after(op, seen);
}

/* What a read of this value, of its cell, makes of its CPU. */
static __attribute__((noinline)) void answered_parts(struct explore *x, graph_t *g, unsigned e,
						     const struct op *op, uint64_t seen)
{
	event_t *ev = &g->event[e];
	thread_t *t = &g->thread[ev->cpu];
	unsigned first = (unsigned)ev->pos - ev->part, i;

	ev->value = seen;
	ev->next = ev->node;
	ev->exclusive = false;
	if (ev->part + 1u < op->cells) {
		ev->phase = READ_DUE;
		return;
	}
	seen = whole_value(x->m, g, t, op, first, ev->part, seen);
	if (op_waits(op, seen)) {
		ev->phase = WAITS;
	} else if (op_rmw(op) && op_writes_after(op, seen)) {
		for (i = first; i < ev->pos; i++)
			g->event[t->at[i]].exclusive = true;
		ev->exclusive = true;
		ev->phase = WRITE_DUE;
	} else {
		for (i = first; i < ev->pos; i++)
			g->event[t->at[i]].exclusive = false;
		ev->next = model_step(x->m, ev->node, seen);
		ev->phase = ev->walk ? ACCESS_DUE : RUNNABLE;
	}
}

static inline __attribute__((always_inline)) void
answered(struct explore *x, graph_t *g, unsigned e, const struct op *op, uint64_t seen)
{
	event_t *ev = &g->event[e];

	if (__builtin_expect(op->cells > 1, 0)) {
		answered_parts(x, g, e, op, seen);
		return;
	}
	ev->value = seen;
	ev->next = ev->node;
	ev->exclusive = false;
	if (op_waits(op, seen)) {
		ev->phase = WAITS;
	} else if (op_rmw(op) && op_writes_after(op, seen)) {
		ev->exclusive = true;
		ev->phase = WRITE_DUE;
	} else {
		ev->next = model_step(x->m, ev->node, seen);
		ev->phase = ev->walk ? ACCESS_DUE : RUNNABLE;
	}
}

/* Of a write, RF_INIT, or a guess: what a read of this cell sees. */
static uint64_t value_of(const struct explore *x, const graph_t *g, unsigned cell, int w)
{
	if (w <= GUESS_FIRST)
		return x->follow.guess[GUESS_FIRST - w].value;
	return w == RF_INIT ? x->m->places.at[cell].init : g->event[w].value;
}

/* Writes of this cell that come after w, for one who reads w; a guess reads what is
 * not there yet. */
static inline set_t newer_than(const graph_t *g, unsigned cell, int w)
{
	return w <= RF_LATER ? SET_NONE : writes_after(g, cell, w);
}

/* The rows that reads-from adds to a read. */
static set_t rows_from(const struct explore *x, const graph_t *g, const thread_t *t,
		       const struct op *op, int w, bool done)
{
	if (w <= RF_INIT)
		return SET_NONE;
	if (set_has(t->mine, (unsigned)w) && !(op->flags & OPF_WALK)) {
		/* a part that is forwarded does not order the others, which tie() would make
		 * it do: rather none is ordered */
		return op->cells > 1 ? SET_NONE : order_own(x->m, g, t, op, (unsigned)w, done);
	}
	return closure(g, (unsigned)w);
}

/* Event e reads from w: every row that says so. base: rows of the part; whole: of the
 * access, once all parts are there. */
static void read_from(struct explore *x, graph_t *g, thread_t *t, unsigned e,
		      const struct op *op, int w, set_t base)
{
	event_t *ev = &g->event[e];
	place_t *p = &g->place[ev->place];
	set_t later = newer_than(g, ev->place, w);
	set_t flushes = access_flushes(g, t, op);
	uint64_t seen = whole_value(x->m, g, t, op, (unsigned)ev->pos - ev->part, ev->part,
				    ev->value);
	bool last = ev->part + 1u == op->cells;

	ev->rf = (int16_t)w;
	g->pred[e] = set_or(base, rows_from(x, g, t, op, w, last && done_by(op, seen)));
	p->reads = set_or(p->reads, set_bit(e));
	if (w == RF_INIT) {
		p->init_readers = set_or(p->init_readers, set_bit(e));
	} else if (w <= RF_LATER) {
		g->later = set_or(g->later, set_bit(e));
	} else {
		g->readers[w] = set_or(g->readers[w], set_bit(e));
		g->porf[e] = set_or(g->porf[e], with(g->porf, (unsigned)w));
	}
	if (!set_empty(later) && !x->twin_no_fr)
		order_before(g, closure(g, e), later); /* from-reads */
	if (!set_empty(flushes))
		order_before(g, closure(g, e), flushes);
	if (op->cells == 1) {
		order_step(x->m, g, t, op, e, false);
	} else if (last) {
		tie(g, t, e, SET_NONE);
		order_parts(x->m, g, t, op, e);
	}
	t->node = ev->next;
	t->phase = ev->phase;
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
	int16_t w[SET_BITS + 1 + GUESSES_MAX];
};

/* The parts before this one that would then come before what they must not follow. */
static bool parts_allow(const graph_t *g, const thread_t *t, const struct op *op, set_t whole)
{
	unsigned first = t->count - (op->cells - 1u), i;

	for (i = first; i < t->count; i++)
		whole = set_or(whole, closure(g, (unsigned)t->at[i]));
	for (i = first; i < t->count; i++) {
		const event_t *ev = &g->event[t->at[i]];

		if (set_meets(newer_than(g, ev->place, ev->rf), whole))
			return false;
	}
	return true;
}

/* A read-modify-write needs a write that no other one before it has read. */
static inline bool is_taken(const graph_t *g, const thread_t *t, unsigned cell, int w)
{
	set_t porf = t->last < 0 ? SET_NONE : with(g->porf, (unsigned)t->last);

	if (w >= 0)
		porf = set_or(porf, with(g->porf, (unsigned)w));
	return taken(g, cell, w, porf);
}

/* The usual case of may_read(): one cell, no translation. */
static inline __attribute__((always_inline)) bool
may_read_one(const struct explore *x, const graph_t *g, const thread_t *t, const struct op *op,
	     int w, set_t known)
{
	set_t later = newer_than(g, op->place, w);
	uint64_t seen = value_of(x, g, op->place, w);

	if (set_meets(later, known))
		return false; /* older than what this CPU has seen */
	if (!x->twin_no_fr &&
	    set_meets(later, order_base(x->m, g, t, op, false, done_by(op, seen))))
		return false; /* a newer one is ordered before this read */
	/* waiting is for the newest value only: an older one changes by itself */
	if (op_waits(op, seen) && (!set_empty(later) || w <= RF_LATER))
		return false;
	return !op_rmw(op) || !op_writes_after(op, seen) || w <= RF_LATER ||
	       !is_taken(g, t, op->place, w);
}

static __attribute__((noinline)) bool
may_read(const struct explore *x, const graph_t *g, const thread_t *t, const struct op *op,
	 unsigned part, int w, set_t known, set_t flushes)
{
	unsigned cell = cell_of(x->m, op, part);
	set_t base, from, later = newer_than(g, cell, w);
	uint64_t seen = value_of(x, g, cell, w);
	bool last = part + 1u == op->cells, done = false;

	if (last) {
		seen = whole_value(x->m, g, t, op, t->count - part, part, seen);
		done = done_by(op, seen);
	}
	base = order_base(x->m, g, t, op, false, done);
	/* an entry that is not present is in no TLB: it is as old as any load */
	if (op->flags & OPF_WALK && !(seen & PTE_PRESENT))
		known = known_writes(g, t, cell);
	if (set_meets(later, known))
		return false; /* older than what this CPU has seen */
	from = set_or(base, rows_from(x, g, t, op, w, done));
	/* a newer one is ordered before this read, or before what it reads; of one cell,
	 * and under a twin, base alone says it */
	if (!x->twin_no_fr && set_meets(later, op->cells == 1 ? base : from))
		return false;
	if (op->cells > 1 && last) {
		set_t own = later;
		unsigned i;

		for (i = t->count - part; i < t->count; i++)
			from = set_or(from, closure(g, (unsigned)t->at[i]));
		if (set_meets(own, from) || !parts_allow(g, t, op, from))
			return false;
	}
	if (op->flags & OPF_WALK && !may_walk(g, t, cell, w))
		return false;
	if (!set_empty(flushes) && set_meets(flushes, from))
		return false; /* a stale translation, and the flush is over */
	/* waiting is for the newest value only: an older one changes by itself */
	if (last && op_waits(op, seen) && (!set_empty(later) || w <= RF_LATER))
		return false;
	if (!last || !op_rmw(op) || !op_writes_after(op, seen) || w <= RF_LATER)
		return true;
	return !is_taken(g, t, cell, w);
}

/* What this read may take on trust; see guess.c. */
static void find_guesses(struct explore *x, const graph_t *g, const thread_t *t,
			 const struct op *op, unsigned cell, struct candidates *c)
{
	uint64_t key = x->m->places.at[cell].key;

	if (SEARCH_MODEL != 2 || !x->follow.guesses_frozen || !may_guess(op))
		return;
	for (unsigned i = 0; i < x->follow.guesses_frozen; i++) {
		const struct guess *guess = &x->follow.guess[i];

		if (guess->cpu != t - g->thread || guess->key != key ||
		    !may_count_on(x, g, t, cell, guess))
			continue;
		if (c->n == GUESSES_MAX)
			explore_full(x, FULL_GUESSES);
		else
			c->w[c->n++] = (int16_t)(GUESS_FIRST - (int)i);
	}
}

static void find_candidates(struct explore *x, const graph_t *g, const thread_t *t,
			    const struct op *op, struct candidates *c)
{
	unsigned part = due_part(g, t, op), cell = cell_of(x->m, op, part), w;
	set_t known = op->flags & OPF_WALK ? known_walks(g, t, cell, &x->m->locals)
					   : known_writes(g, t, cell);
	set_t flushes = access_flushes(g, t, op);

	c->n = 0;
	if (op->cells == 1 && op->walk < 0 && !(op->flags & OPF_WALK)) {
		find_guesses(x, g, t, op, cell, c);
		SET_EACH(w, g->place[cell].writes) {
			if (may_read_one(x, g, t, op, (int)w, known))
				c->w[c->n++] = (int16_t)w;
		}
		if (may_read_one(x, g, t, op, RF_INIT, known))
			c->w[c->n++] = RF_INIT;
		return;
	}
	find_guesses(x, g, t, op, cell, c);
	SET_EACH(w, g->place[cell].writes) {
		if (may_read(x, g, t, op, part, (int)w, known, flushes))
			c->w[c->n++] = (int16_t)w;
	}
	if (may_read(x, g, t, op, part, RF_INIT, known, flushes))
		c->w[c->n++] = RF_INIT;
}

/* Two accesses of which one is plain and neither is ordered before the other:
 * there is an interleaving in which they stand side by side. */
static set_t races(const graph_t *g, const thread_t *t, const struct op *op, unsigned cell,
		   bool write, set_t base)
{
	const place_t *p = &g->place[cell];
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

	if (!set_empty(g->later))
		return; /* told once it is sure to happen: tell_late() */
	SET_EACH(e, pair) {
		if (g->event[e].cpu != cpu)
			x->raced = g->event[e].node;
	}
	violation(x, g, explore_violation(x, VIOLATION_RACE, 0, 0, -1, node, (uint8_t)cpu),
		  cpu, pair);
}

static void add_read(struct explore *x, graph_t *g, thread_t *t, const struct op *op, int w)
{
	unsigned part = due_part(g, t, op), cell = cell_of(x->m, op, part), e;
	uint64_t seen = value_of(x, g, cell, w), whole;
	event_t ev = { .node = t->node, .place = (uint16_t)cell, .reads = true,
		       .part = (uint8_t)part, .plain = op->flags & OPF_PLAIN,
		       .cpu = (uint8_t)(t - g->thread), .guessed = w <= RF_LATER,
		       .walk = op->flags & OPF_WALK && op->kind == OP_LOAD };
	bool last = part + 1u == op->cells;
	set_t base;

	whole = whole_value(x->m, g, t, op, t->count - part, part, seen);
	base = order_base(x->m, g, t, op, false, last && done_by(op, whole));
	e = add(x, g, t, &ev);
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
		explore_pruned(x);
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
