/*
 * What a request of a CPU depends on, found out from what its code does.
 *
 * An actor's code is a function of the answers that its requests got. To learn whether
 * a request depends on an earlier read, the actor runs again from the start with another
 * value for that one read and the same answers for all others. If the request then has
 * another address, another value, or (of a store) is not made at all, it depends on the
 * read: the order of the two is one that no compiler may give up, because it cannot know
 * which value will come. If nothing changes there is no dependency. Nothing is inferred
 * from how near two numbers are. docs/search.md says why this is right for compiled C,
 * and why what it may miss (a value that is never tried) raises an alarm at worst.
 */
#ifndef MODEL_DEPEND_H
#define MODEL_DEPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "model/local.h"

struct model;

/* Lists of ordinals of a CPU's events, one after another in a pool. */
struct dependencies {
	uint32_t n, max;
	uint16_t *at;
};

/* Of one request: address, value, and, of what writes, whether it is made at all. */
struct depends {
	const uint16_t *address, *value, *made;
	unsigned n_address, n_value, n_made;
};

/* Runs the actor with other answers and keeps what came of it in the node. */
void depend_find(struct model *m, uint32_t node);
void depend_free(struct model *m);

static inline struct depends depend_of(const struct dependencies *d, const struct local *l)
{
	const uint16_t *p = d->at + l->depends;
	struct depends all = { p + 3, p + 3 + p[0], p + 3 + p[0] + p[1], p[0], p[1], p[2] };

	return all;
}

/* cpu.c, while such a run is under way. False: it has seen enough. */
struct twin;
bool depend_answer(struct twin *t, const struct op *op, uint64_t *answer);

#endif
