/*
 * How many executions there will be: random probes of the tree of the search, by
 * heterogeneous sampling (P. C. Chen, SIAM Journal on Computing 21(2), 1992), which
 * is Knuth's method (1975) with many probes at once. A probe goes through strata in
 * turn and keeps one graph of each, with the weight of all that came there; where a
 * second one comes, either stays in proportion to its weight. The expected weight
 * that arrives at the leaves is their number.
 *
 * A stratum is a number of events. Every step adds one, but for backward revisits
 * that drop some: those begin another round through the strata.
 *
 * Made once the search has lasted, with a small part of the steps it has taken so
 * far, and again whenever it has taken four times as many.
 */

#define ESTIMATE_SHARE 32u /* of the steps of the search, one of so many is for probes */
#define ESTIMATE_AGAIN 4u

struct strata {
	double weight[2][SET_BITS + 1]; /* of this round and of the next */
	double now;                     /* of the graph that is gone on with */
	unsigned round, events;
	graph_t *kept[2];
};

static double draw_share(struct explore *x)
{
	return (double)explore_draw(x, 1u << 30) / (1u << 30);
}

/* A child of the graph that is gone on with. */
static void offer(struct explore *x, const graph_t *g)
{
	struct strata *s = x->strata;
	unsigned n = set_count(g->used), round = n > s->events ? s->round : !s->round;
	double *weight = &s->weight[round][n];

	*weight += s->now;
	if (draw_share(x) * *weight < s->now)
		graph_copy(&s->kept[round][n], g);
}

/* One event further, with all its branches. True: a leaf. */
static bool expand(struct explore *x, graph_t *g)
{
	struct strata *s = x->strata;

	while (!x->stopped && !x->m->out_of_memory) {
		int cpu = next_cpu(g);

		if (cpu < 0)
			return complete(g);
		if (waits_again(x, g, &g->thread[cpu]))
			continue;
		if (!place_known(x, g, &x->m->locals.at[g->thread[cpu].node].op) ||
		    !advance(x, g, &g->thread[cpu]))
			break;
		if (set_count(g->used) > s->events) {
			offer(x, g);
			break;
		}
	}
	return false;
}

static double probe(struct explore *x)
{
	struct strata *s = x->strata;
	double leaves = 0;
	bool any = true;

	memset(s->weight, 0, sizeof(s->weight));
	s->round = 0;
	s->weight[0][0] = 1;
	start_over(x, s->kept[0]);
	for (; any; s->round = !s->round) {
		any = false;
		for (s->events = 0; s->events <= SET_BITS; s->events++) {
			s->now = s->weight[s->round][s->events];
			s->weight[s->round][s->events] = 0;
			if (!(s->now > 0) || x->stopped)
				continue;
			any = true;
			if (expand(x, &s->kept[s->round][s->events]))
				leaves += s->now;
		}
	}
	return leaves;
}

static void estimate(struct explore *x)
{
	const size_t size = sizeof(struct strata) + 2 * (SET_BITS + 1) * sizeof(graph_t);
	uint64_t steps = x->steps, pruned = x->pruned, revisits = x->revisits;
	struct strata *s = (struct strata *)(x->arena + x->arena_used);

	x->estimate_next = steps * ESTIMATE_AGAIN;
	if (x->job || x->arena_used + size > x->arena_size / 2)
		return;
	s->kept[0] = (graph_t *)(s + 1);
	s->kept[1] = s->kept[0] + SET_BITS + 1;
	x->strata = s;
	x->arena_used += size;
	do {
		x->leaves += probe(x);
		x->probes++;
	} while (!x->stopped && x->steps - steps < steps / ESTIMATE_SHARE);
	x->strata = NULL;
	x->arena_used -= size;
	x->steps = steps;
	x->pruned = pruned;
	x->revisits = revisits;
	x->estimate = x->leaves / (double)x->probes;
}
