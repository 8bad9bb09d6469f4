/*
 * What thread 0 has in every loop with a remapper: a schedule, and the interrupts that
 * the window saw. Operations may come in batches: work() asks for n, and a batch is
 * made whenever as many are owed.
 */
#ifndef LOOPS_REMAPPER_H
#define LOOPS_REMAPPER_H

#include "loops/crew/watcher.h"

struct remapper {
	const struct loop_run *run;
	uint64_t interval_ns;  /* between two begins; 0: back to back */
	uint64_t next_ns;      /* of the next begin */
	uint64_t owed;
	unsigned batch;
};

/* rate: operations a second, 0: as fast as they go. */
void remapper_init(struct remapper *r, const struct loop_run *run, unsigned batch,
		   uint64_t rate);
/* n more operations are owed; true as long as a batch of them should be made. */
bool remapper_owes(struct remapper *r, uint64_t n);
/* Until the next batch should begin; the instant from which its latency counts, or 0
 * when it may begin at once. */
uint64_t remapper_turn(struct remapper *r);

/* Counters of a loop with a remapper, behind those of its watchers. */
enum {
	COUNT_TLB = COUNT_WATCHER, COUNT_CALL, COUNT_RESCHEDULE, COUNT_SYSTEM_CALLS,
	COUNT_SAVED, COUNT_FREEZE_RETRIES
};
#define REMAPPER_COUNTERS WATCHER_COUNTERS, "tlb_interrupts", "call_interrupts", \
	"reschedule_interrupts", "system_calls", "saved_bytes", "freeze_retries"
#define REMAPPER_HISTOGRAMS "stall_ns", "remap_ns"
#define HISTOGRAM_REMAP 1

/* At both edges of the window, in thread 0. */
void remapper_look(struct loop_thread *t);

#endif
