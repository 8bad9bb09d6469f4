/* Nanosecond clocks. Threads stamp their own; the coordinator is never the clock. */
#ifndef NATIVE_CLOCK_H
#define NATIVE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t clock_now_ns(void)
{
	return clock_ns_of(CLOCK_MONOTONIC);
}

/* Of arch_cycles(), measured in 2 ms (probe.c). */
double clock_cycles_per_ns(void);

static inline uint64_t clock_thread_ns(void)
{
	return clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
}

#endif
