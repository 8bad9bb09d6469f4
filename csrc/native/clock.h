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

/* The instant so many ms from now, for pthread_cond_timedwait(): never of the wall clock,
 * whose steps would make the waiter deaf. */
static inline struct timespec clock_after_ms(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

#endif
