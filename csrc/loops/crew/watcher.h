/*
 * A reader that watches what a remapper costs it. Back to back it looks at the cycle
 * counter after every 16 accesses, and when these took a microsecond or more they are a
 * stall. Paced, each access has an instant at which it should begin, and what counts is
 * the time from there to its end: the wait behind a stall too, as an open system sees it.
 */
#ifndef LOOPS_WATCHER_H
#define LOOPS_WATCHER_H

#include "loops/crew/field.h"

#define STALL_NS 1000

struct watcher {
	_Alignas(ARCH_CACHELINE) struct loop_thread *t;
	struct field *f;
	struct cpu *cpu;
	volatile uint64_t left; /* accesses to make; in memory, since a fault cuts off */
	uint64_t last, next;    /* cycles: end of the last access, begin of the next */
	uint64_t pace, least;   /* cycles: 0, or between two begins; the least stall */
	double ns_per_cycle;
	uint64_t *stalls;       /* the histogram */
	double stalled_ns;
	uint64_t sink;
	unsigned at, span, stride; /* the next page or slot; of so many; vmemmap pages apart */
	uint64_t *seen;         /* the last stamp of each page */
	uint64_t added;         /* compare-and-swaps that won */
	bool wrong;             /* met a stamp that cannot be */
	struct stamp bad;
	unsigned bad_vpn;
};

enum watcher_kind { WATCH_IDLE, WATCH_LOAD, WATCH_CAS, WATCH_LOOKUP, WATCH_GET };

/* NULL when out of memory. n of them, on lines of their own. */
struct watcher *watchers_create(unsigned n, unsigned span);
void watchers_destroy(struct watcher *w, unsigned n);
/* In its thread; pages of the window `stride` apart, or as many slots. */
void watcher_enter(struct watcher *w, struct field *f, struct loop_thread *t, unsigned span,
		   unsigned stride, uint64_t pace_ns);

/* n accesses of a kind, with faults caught; counters `faults` and `stalled_ns` follow. */
void watcher_work(struct watcher *w, enum watcher_kind kind, uint64_t n);

/* NULL, or what one of them saw. */
const char *watchers_check(const struct watcher *w, unsigned n, struct loop_run *run);

/* The first counters of every loop with watchers, and its first histogram. */
enum { COUNT_FAULTS, COUNT_STALLED_NS, COUNT_WATCHER };
#define WATCHER_COUNTERS "faults", "stalled_ns"

#endif
