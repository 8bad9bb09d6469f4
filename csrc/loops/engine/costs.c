/* The costs of a window's chunks: costs.h. */
#include "loops/engine/costs.h"

#include <stdlib.h>
#include <string.h>

bool costs_create(struct chunk_costs *c)
{
	c->ns = malloc(COSTS_KEPT * sizeof(*c->ns));
	return c->ns != NULL;
}

void costs_destroy(struct chunk_costs *c)
{
	free(c->ns);
}

void costs_begin(struct chunk_costs *c)
{
	memset(c->ns, 0, COSTS_KEPT * sizeof(*c->ns));
	c->n = c->skipped = 0;
	c->stride = 1;
}

static void thin_out(struct chunk_costs *c)
{
	uint32_t i;

	c->n = COSTS_KEPT / 2;
	for (i = 0; i < c->n; i++)
		c->ns[i] = c->ns[2 * i + 1];
	c->stride *= 2;
}

void costs_note(struct chunk_costs *c, uint64_t ns, uint64_t operations)
{
	if (++c->skipped < c->stride)
		return;
	c->skipped = 0;
	c->ns[c->n++] = (float)ns / (float)operations;
	if (c->n == COSTS_KEPT)
		thin_out(c);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

double costs_quantile(struct chunk_costs *c, double share)
{
	if (!c->n)
		return 0;
	qsort(c->ns, c->n, sizeof(*c->ns), by_value);
	return c->ns[(uint32_t)(share * (c->n - 1) + 0.5)];
}
