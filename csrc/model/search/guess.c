/* Reads that take a value on trust, as the search goes: see bind.c. */

/* Goes on with h, which is then used up; cpu and cost are of a bounded search. */
typedef void go_on_fn(struct explore *x, graph_t *h, int cpu, unsigned cost);

/* All branches in which some of the reads are bound to w; the one with none is g's own. */
static void visit_bound(struct explore *x, const graph_t *g, unsigned w, set_t reads,
			go_on_fn *go_on, int cpu, unsigned cost)
{
	while (!set_empty(reads) && !x->stopped) {
		unsigned r = set_take(&reads);
		graph_t *h = copy(x, g);

		if (!h)
			return;
		if (!bind(x, h, r, w)) {
			x->arena_used -= sizeof(*h);
			continue;
		}
		visit_bound(x, h, w, reads, go_on, cpu, cost);
		go_on(x, h, cpu, cost);
	}
}

/* What a CPU that stands at one local state keeps in order after its read at another: a
 * set of positions in its program order, and a function of the two states. */
#define KEPT 512u

struct kept {
	uint32_t read, here;
	set_t after;
};

/* The write of a read-modify-write is left out: it stands behind whatever its read sees,
 * if it is made at all. */
static void find_kept(struct explore *x, const graph_t *g, unsigned r, struct kept *k)
{
	const event_t *ev = &g->event[r];
	const thread_t *t = &g->thread[ev->cpu];
	graph_t *h = copy(x, g);

	*k = (struct kept){ ev->node, t->node, SET_NONE };
	if (!h)
		return;
	local_order(x, h, ev->cpu, false);
	for (unsigned i = ev->pos + 1u; i < t->count; i++) {
		unsigned e = (unsigned)t->at[i];

		if (set_has(h->pred[e], r) && !(g->event[e].writes && g->event[e].node == ev->node))
			k->after = set_or(k->after, set_bit(i));
	}
	x->arena_used -= sizeof(*h);
}

/* What the CPU of r keeps in order after it, whatever it reads. */
static set_t held_back(struct explore *x, const graph_t *g, unsigned r)
{
	const event_t *ev = &g->event[r];
	const thread_t *t = &g->thread[ev->cpu];
	struct kept *k = (struct kept *)x->kept +
			 ((ev->node * 0x9e3779b1u ^ t->node * 0x85ebca6bu) >> 16) % KEPT;
	set_t after = SET_NONE;
	unsigned i, cells;

	if (k->read != ev->node || k->here != t->node)
		find_kept(x, g, r, k);
	SET_EACH(i, k->after)
		after = set_or(after, set_bit((unsigned)t->at[i]));
	/* who reads what a read-modify-write wrote comes after its read */
	cells = x->m->locals.at[ev->node].op.cells;
	if (ev->exclusive && ev->pos + cells < t->count)
		after = set_or(after, g->readers[t->at[ev->pos + cells]]);
	return after;
}

/* All pairs of this graph that a later pass has to know of: e, a write that was just
 * added, and a read that leads to it and is not ordered before it, but for the
 * from-reads order that it would not have if it read from e. */
static void note_chances(struct explore *x, const graph_t *g, unsigned e)
{
	const event_t *w = &g->event[e];
	uint64_t key = x->m->places.at[w->place].key;
	set_t reads = set_and(g->place[w->place].reads, g->porf[e]);
	unsigned r;

	if (set_meets(g->later, g->pred[e]))
		return; /* it may come of a value that nobody writes */
	SET_EACH(r, reads) {
		const event_t *ev = &g->event[r];
		struct guess guess = { key, w->value, ev->cpu, w->cpu, w->pos };

		if (ev->cpu == w->cpu || !may_guess(&x->m->locals.at[ev->node].op) ||
		    follow_has_guess(&x->follow, &guess) ||
		    set_meets(held_back(x, g, r), closure(g, e)))
			continue;
		follow_guess(&x->follow, &guess);
	}
}

/* The write e was just added to g, which is the caller's own. */
static void written_then(struct explore *x, const graph_t *g, unsigned e, go_on_fn *go_on,
			 int cpu, unsigned cost)
{
	if (SEARCH_MODEL != 2)
		return;
	note_chances(x, g, e);
	if (!set_empty(g->later))
		visit_bound(x, g, e, trusting(x, g, e), go_on, cpu, cost);
}

static void visit_this(struct explore *x, graph_t *h, int cpu, unsigned cost)
{
	(void)cpu, (void)cost;
	visit_copy(x, h);
}

static void written(struct explore *x, const graph_t *g, unsigned e)
{
	written_then(x, g, e, visit_this, 0, 0);
}
