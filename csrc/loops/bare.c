/*
 * The loop that a programmer would write who only wants to know: threads, a flag to
 * start, the clock around it. It shares nothing with the engine, and uses the
 * compiler's atomics.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api.h"

struct bare {
	_Alignas(128) int count;
	_Alignas(128) int ready;
	int n_threads;
	void (*loop)(int *count, uint64_t n);
	uint64_t operations;
};

struct bare_thread {
	_Alignas(128) struct bare *bare;
	pthread_t thread;
	double ns;
};

static void bare_add_unless(int *count, uint64_t n)
{
	int seen;

	while (n--) {
		seen = __atomic_load_n(count, __ATOMIC_RELAXED);
		do {
			if (seen == 0)
				break;
		} while (!__atomic_compare_exchange_n(count, &seen, seen + 1, 0, __ATOMIC_SEQ_CST,
						      __ATOMIC_RELAXED));
	}
}

static void bare_xadd(int *count, uint64_t n)
{
	while (n--)
		__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
}

static void bare_get_put(int *count, uint64_t n)
{
	int seen;

	while (n--) {
		seen = __atomic_load_n(count, __ATOMIC_RELAXED);
		do {
			if (seen == 0)
				break;
		} while (!__atomic_compare_exchange_n(count, &seen, seen + 1, 0, __ATOMIC_SEQ_CST,
						      __ATOMIC_RELAXED));
		__atomic_fetch_sub(count, 1, __ATOMIC_SEQ_CST);
	}
}

static const struct {
	const char *name;
	void (*loop)(int *count, uint64_t n);
} loops[] = {
	{ "add_unless", bare_add_unless },
	{ "xadd", bare_xadd },
	{ "get_put", bare_get_put },
};

static void *run(void *argument)
{
	struct bare_thread *t = argument;
	struct bare *b = t->bare;
	struct timespec begin, end;

	__atomic_fetch_add(&b->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&b->ready, __ATOMIC_SEQ_CST) < b->n_threads)
		sched_yield();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	b->loop(&b->count, b->operations);
	clock_gettime(CLOCK_MONOTONIC, &end);
	t->ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
	return NULL;
}

double vms_bare_loop_ns(const char *operation, const int32_t *cpus, int n_threads,
			uint64_t operations)
{
	struct bare b = { .count = 1000000, .n_threads = n_threads, .operations = operations };
	struct bare_thread threads[64];
	double ns = 0;
	int i, started;

	for (i = 0; i < (int)(sizeof(loops) / sizeof(loops[0])); i++) {
		if (!strcmp(loops[i].name, operation))
			b.loop = loops[i].loop;
	}
	if (!b.loop || n_threads < 1 || n_threads > 64 || !operations)
		return -VMS_EINVAL;
	for (started = 0; started < n_threads; started++) {
		pthread_attr_t attr;
		cpu_set_t set;
		int e;

		threads[started].bare = &b;
		pthread_attr_init(&attr);
		CPU_ZERO(&set);
		if (cpus && cpus[started] >= 0 && cpus[started] < CPU_SETSIZE) {
			CPU_SET(cpus[started], &set);
			pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
		}
		e = pthread_create(&threads[started].thread, &attr, run, &threads[started]);
		pthread_attr_destroy(&attr);
		if (e)
			break;
	}
	if (started < n_threads) /* let those that wait go */
		__atomic_fetch_add(&b.ready, n_threads, __ATOMIC_SEQ_CST);
	for (i = 0; i < started; i++) {
		pthread_join(threads[i].thread, NULL);
		ns += threads[i].ns;
	}
	return started < n_threads ? -VMS_EUNSUPPORTED
				   : ns / n_threads / (double)operations;
}
