/*
 * What an operation cost in each chunk of a window, chunk by chunk. A window's mean holds
 * whatever disturbed it; chunks tell the cost from the disturbance, which only adds, and
 * comes and goes in milliseconds.
 */
#ifndef LOOPS_COSTS_H
#define LOOPS_COSTS_H

#include <stdbool.h>
#include <stdint.h>

/* When the room is full every other chunk is dropped, and of the coming ones as many. */
#define COSTS_KEPT 4096

struct chunk_costs {
	float *ns;             /* per operation, in the order of time until it is sorted */
	uint32_t n;
	uint32_t stride;       /* one chunk in so many is kept */
	uint32_t skipped;      /* since the last that was */
};

/* False: out of memory. */
bool costs_create(struct chunk_costs *c);
void costs_destroy(struct chunk_costs *c);
/* By the thread that fills it, outside its window: touches the pages. */
void costs_begin(struct chunk_costs *c);
void costs_note(struct chunk_costs *c, uint64_t ns, uint64_t operations);
/* The cost that this share of the chunks stayed below; 0 where there are none. Sorts. */
double costs_quantile(struct chunk_costs *c, double share);

#endif
