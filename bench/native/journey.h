/*
 * What a journey costs over the system calls that it cannot avoid: one journey
 * through the vocabulary with every call written down, then exactly those calls
 * again, bare. Alternately, so a host that drifts drifts under both.
 */
#ifndef BENCH_JOURNEY_H
#define BENCH_JOURNEY_H

#include "api.h"

struct journey_cost {
	uint64_t journeys;
	uint64_t journey_ns;   /* sum over journeys through kapi */
	uint64_t bare_ns;      /* sum over the same system calls, bare */
	uint64_t calls;        /* mmap and mprotect calls per journey */
	double ratio;          /* median of the pairwise ratios */
};

/* Time the first actor of a scenario whose parameter 0 is gigantic, a huge page's
 * journey, against exactly the system calls that it makes, alternately, one thread. */
int journey_cost(const vms_scenario *scenario, const int32_t *knobs, int gigantic,
		 uint64_t budget_ns, struct journey_cost *out, vms_error *err);

#endif
