/* What a window says of its chunks: the cost, apart from what disturbed some of them. */
#include "loops/engine/costs.h"
#include "tap.h"

/* n chunks of ten operations; every disturb-th takes nine times as long; 0: none. */
static void fill(struct chunk_costs *c, unsigned n, unsigned disturb)
{
	unsigned i;

	costs_begin(c);
	for (i = 1; i <= n; i++)
		costs_note(c, disturb && i % disturb == 0 ? 450 : 50, 10);
}

static void disturbance(struct chunk_costs *c)
{
	fill(c, 1000, 3);
	ok(costs_quantile(c, 0.1) == 5 && costs_quantile(c, 0.5) == 5,
	   "a third of the chunks is disturbed, and neither decile nor median shows it");
	ok(costs_quantile(c, 0.9) == 45, "the ninth decile does");
	fill(c, 1000, 1);
	ok(costs_quantile(c, 0.1) == 45, "what is so in every chunk is the cost");
}

static void ends(struct chunk_costs *c)
{
	fill(c, 0, 0);
	ok(costs_quantile(c, 0.5) == 0, "no chunk, no cost");
	fill(c, 1, 0);
	ok(costs_quantile(c, 0) == 5 && costs_quantile(c, 1) == 5, "one chunk is all of them");
	costs_note(c, 30, 10);
	ok(costs_quantile(c, 0) == 3 && costs_quantile(c, 1) == 5, "least and greatest");
}

/* Costs that grow evenly: however many are dropped, the quantiles stay where they were. */
static void a_long_window(struct chunk_costs *c)
{
	const uint64_t n = 40 * COSTS_KEPT + 17;
	double decile, median;
	uint64_t i;

	costs_begin(c);
	for (i = 1; i <= n; i++)
		costs_note(c, i, 1);
	ok(c->n >= COSTS_KEPT / 2 && c->n < COSTS_KEPT, "a long window is thinned out, to %u of %llu",
	   c->n, (unsigned long long)n);
	decile = costs_quantile(c, 0.1) / (double)n;
	median = costs_quantile(c, 0.5) / (double)n;
	ok(decile > 0.099 && decile < 0.101 && median > 0.499 && median < 0.501,
	   "evenly: decile %.4f, median %.4f of the greatest", decile, median);
}

int main(void)
{
	struct chunk_costs c;

	if (!costs_create(&c))
		return 1;
	disturbance(&c);
	ends(&c);
	a_long_window(&c);
	costs_destroy(&c);
	return done();
}
