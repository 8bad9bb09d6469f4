/*
 * States that a bounded search has been in, each with the least that it took to
 * get there. A 64-bit key: its high bits stand for the state, its low byte holds
 * the cost, so two states are confused with a chance of n^2 / 2^57.
 */
#ifndef MODEL_SEEN_H
#define MODEL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_COST_MAX 255u

struct seen {
	uint64_t *slot;    /* open addressing; 0: free */
	size_t n, size;    /* size is a power of two */
};

/* True: new, or reached at a lower cost than before; remembered then. */
bool seen_add(struct seen *s, uint64_t key, unsigned cost);
void seen_free(struct seen *s);

#endif
