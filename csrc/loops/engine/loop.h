/*
 * A timed loop of `bench`: what is done over and over, by how many, on what. The
 * engine (engine.c) supplies threads, the window, clocks and histograms; a loop
 * supplies work. One file a family of loops; each is listed in list.h.
 */
#ifndef LOOPS_LOOP_H
#define LOOPS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "arch/arch.h"
#include "native/runner.h"

struct loop_run;

/* One thread of a run, on lines of its own. The loop counts in here or in registers. */
struct loop_thread {
	_Alignas(ARCH_CACHELINE) struct loop_run *run;
	void *shared;          /* what create() made */
	void *own;             /* this thread's part of it, if the loop set one */
	uint64_t operations;   /* since create(), counted by the engine */
	/* Since create(), all of them; the engine subtracts what was before the window,
	 * and sets longest_run to 0 when it begins. runs counts ends of runs. */
	uint64_t retries, refused, runs, longest_run;
	uint32_t index;        /* 0 .. n_threads - 1 */
	uint32_t role;         /* 0 worker or reader, 1 remapper */
	/* Buckets of this thread. Read the pointer in each work(): outside the window it
	 * leads to buckets that nobody looks at. */
	uint64_t *histograms[VMS_MAX_HISTOGRAMS];
	double counters[VMS_MAX_COUNTERS]; /* as retries; summed over threads at the end */
	volatile uint32_t measuring; /* 1 inside the window: counts outside it are dropped */
};

struct loop_setting {
	const char *name, *about;
	const char *const *choices; /* NULL-terminated; NULL: a number from low to high */
	int32_t low, high, preset;
	const char *(*lacks)(int choice); /* NULL, or why the host cannot */
};

struct loop {
	const char *group, *name, *about, *operation;
	struct loop_setting settings[VMS_MAX_SETTINGS];     /* ends at name == NULL */
	const char *counters[VMS_MAX_COUNTERS];             /* ends at NULL */
	const char *histograms[VMS_MAX_HISTOGRAMS];
	uint32_t least_threads, roles;
	bool uses_regime;
	bool contends;         /* the threads share a line, which is at run->place if that is set */
	uint32_t chunk;        /* operations between two looks at the clock, at most; the
				* engine takes fewer where they are long */
	uint32_t chunk_remapper; /* the same of role 1, whose operations may come in batches
				  * and so differ in length; 0: as chunk */
	/* Make the shared state; VMS_OK or a status with *err filled. Runs on a thread
	 * that is pinned to the first worker's CPU, so that it touches the lines first. */
	int (*create)(struct loop_run *run, vms_error *err);
	/* Only after a create() that said VMS_OK. */
	void (*destroy)(struct loop_run *run);
	/* In each thread, before the first work() and after the last; may be NULL. */
	void (*enter)(struct loop_thread *t);
	void (*leave)(struct loop_thread *t);
	/* In each thread at both edges of its window: bring t->counters up to date, which
	 * work() has left aside. May be NULL. */
	void (*look)(struct loop_thread *t);
	/* The function that does n operations, chosen once by settings and role. */
	void (*(*work)(const struct loop_run *run, uint32_t role))(struct loop_thread *t, uint64_t n);
	/* The oracle, after all threads have left: NULL, or what is wrong. All operations
	 * since create() count, those of the warm-up too. */
	const char *(*check)(struct loop_run *run);
	/* Where the machine code of work() is; bytes, 0 if not known. May be NULL. */
	uint64_t (*code)(const int32_t *settings, int atomics, const void **code);
	/* The instructions that code claims, for this vms_atomics. May be NULL. */
	const char *(*instruction)(int atomics);
};

struct loop_run {
	const struct loop *loop;
	vms_loop_config config;
	void *shared;
	void *place;           /* the shared line, zeroed; NULL: create() finds its own */
	struct loop_thread *threads;
	uint32_t n_threads;
	const uint64_t *totals; /* operations of each thread since create(), for check() */
	struct runner runner;
	char verdict[VMS_ERROR_TEXT]; /* room for what check() returns */
};

/* Everybody leaves soon. A loop that waits for another thread must look. */
static inline bool loop_stopping(const struct loop_run *run)
{
	return runner_stopping(&run->runner);
}

/* Time that passes between two operations, as other work: about a cycle a unit. */
static inline void loop_spin(uint64_t units)
{
	for (; units; units--)
		__asm__ volatile("");
}

/* Count `ns` in a histogram; `bucket` of it is vms_histogram_floor()'s inverse. */
unsigned histogram_bucket(uint64_t ns);
static inline void histogram_add(uint64_t *buckets, uint64_t ns)
{
	buckets[histogram_bucket(ns)]++;
}

#endif
