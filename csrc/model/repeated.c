/*
 * Why a search outgrew its room: mostly a loop that waits and does not say so. Without
 * mach_relax() every turn is as good as another one, and there is always one more.
 */
#include "model/repeated.h"

/* Where a CPU has made the most events. */
static uint32_t longest(const struct model *m)
{
	uint32_t best = LOCAL_NONE;

	for (uint32_t i = 1; i < m->locals.n; i++) {
		if (m->locals.at[i].cpu < MODEL_CPUS &&
		    (best == LOCAL_NONE || m->locals.at[i].ordinal > m->locals.at[best].ordinal))
			best = i;
	}
	return best;
}

/* How often the request of this node was made on the way to it, up to a relax. */
static unsigned times(const struct model *m, uint32_t node)
{
	const struct site *site = m->locals.at[node].op.site;
	unsigned n = 0;

	for (; node != LOCAL_NONE; node = m->locals.at[node].parent) {
		if (m->locals.at[node].op.kind == OP_RELAX)
			break;
		n += m->locals.at[node].op.site == site;
	}
	return n;
}

uint32_t model_repeated(const struct model *m, unsigned *n)
{
	uint32_t best = LOCAL_NONE, end = longest(m), node;

	*n = 0;
	for (node = end; node != LOCAL_NONE; node = m->locals.at[node].parent) {
		unsigned here = m->locals.at[node].op.site ? times(m, node) : 0;

		if (here > *n) {
			*n = here;
			best = node;
		}
	}
	return best;
}
