/*
 * The engine's own: a run of a loop from start to figures.
 *
 * Each worker goes through the same phases and looks at the clock itself:
 *
 *   enter     one after the other touches what is its own; all have entered
 *   warm-up   works until its time is up and every thread has got so far
 *   window    from a common instant to a common deadline, or n operations
 *   hold      works on until everybody is out of the window: the load stays
 *   leave     nobody works any more; the oracle is asked
 */
#ifndef LOOPS_ENGINE_H
#define LOOPS_ENGINE_H

#include <pthread.h>

#include "loops/engine/costs.h"
#include "loops/engine/loop.h"

/* What a worker alone writes; Python reads it after the end. */
struct worker {
	_Alignas(ARCH_CACHELINE) struct engine *engine;
	struct loop_thread *t;
	void (*work)(struct loop_thread *t, uint64_t n);
	uint64_t chunk;        /* operations between two looks at the clock */
	double pace_ns;        /* of one operation, as the last chunk of the warm-up had it */
	uint64_t begin_ns;     /* the common begin of the window */
	bool fixed;            /* counts operations, the clock does not end its window */
	vms_loop_thread out;
	struct chunk_costs costs; /* of the window */
	uint64_t *buckets;     /* of the window, then those for what is outside it */
	double counters[VMS_MAX_COUNTERS]; /* before the window, then of it */
	pthread_t thread;
	bool started;
};

struct engine {
	struct loop_run run;
	struct worker *workers;
	uint64_t *totals;
	int n_histograms;
	void *room;            /* that run.place was chosen from; NULL: it was not */
	pthread_t watchdog;
	bool watched;
	uint64_t limit_ns;     /* real-time alone: nobody is it after this instant; 0: none */

	/* Under the runner's lock, told by its `changed`. */
	uint32_t entered;
	bool created;

	/* Polled by every worker between two chunks. */
	_Alignas(ARCH_CACHELINE) uint32_t warm; /* threads whose warm-up is long enough */
	uint32_t out;          /* threads that have left their window */
	uint32_t counted;      /* of those, the ones that counted operations */
	uint64_t begin_ns;     /* of the window; 0: not known yet */
};

struct vms_loop_run {
	struct engine e;
};

void *worker_main(void *worker);

/* SCHED_FIFO, for the calling worker; false with errno. */
bool realtime_raise(void);
void realtime_lower(pthread_t thread);
/* Refuses what could hang the host. */
int realtime_check(const vms_loop_config *c, vms_error *err);
/* Starts the watchdog: before any worker is real-time. */
int realtime_prepare(struct engine *e, vms_error *err);
void realtime_arm(struct engine *e);
void realtime_end(struct engine *e);

#endif
