/*
 * The loop that a programmer would write who only wants to know: threads, a count of
 * operations, the clock around it. It shares nothing with the engine, and uses the
 * compiler's atomics. Whoever is done works on until all are: the rest would otherwise
 * be measured without contention.
 */
#include "loops/atomics/bare.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "api.h"

#define WARM 2000

struct bare {
	_Alignas(128) int own;
	_Alignas(128) int ready;
	_Alignas(128) int done;
	_Alignas(128) int *count;
	int n_threads;
	pthread_mutex_t gate; /* shut until all threads exist */
	uint64_t (*loop)(int *count, uint64_t n);
	uint64_t operations;
};

struct bare_thread {
	_Alignas(128) struct bare *bare;
	pthread_t thread;
	double begin, end, cpu; /* seconds */
	uint64_t lost;
};

/* A value that is not used lets the compiler take another instruction. */
static inline void use(int value)
{
	__asm__ volatile("" :: "r"(value));
}

/* Each returns how often it lost. */

static inline void add_unless_zero(int *count, uint64_t *lost)
{
	int seen = __atomic_load_n(count, __ATOMIC_RELAXED);

	while (seen != 0 &&
	       !__atomic_compare_exchange_n(count, &seen, seen + 1, 0, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED))
		++*lost;
}

static uint64_t bare_add_unless(int *count, uint64_t n)
{
	uint64_t lost = 0;

	for (; n; n--)
		add_unless_zero(count, &lost);
	return lost;
}

static uint64_t bare_xadd(int *count, uint64_t n)
{
	for (; n; n--)
		use(__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST));
	return 0;
}

static uint64_t bare_get_put(int *count, uint64_t n)
{
	uint64_t lost = 0;

	for (; n; n--) {
		add_unless_zero(count, &lost);
		use(__atomic_fetch_sub(count, 1, __ATOMIC_SEQ_CST));
	}
	return lost;
}

static const struct {
	const char *name;
	uint64_t (*loop)(int *count, uint64_t n);
} loops[] = {
	{ "add_unless", bare_add_unless },
	{ "xadd", bare_xadd },
	{ "get_put", bare_get_put },
};

static double seconds_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *run(void *argument)
{
	struct bare_thread *t = argument;
	struct bare *b = t->bare;
	int *count = b->count;
	unsigned spins = 0;

	pthread_mutex_lock(&b->gate);
	pthread_mutex_unlock(&b->gate);
	if (b->n_threads == 0)
		return NULL;
	b->loop(count, WARM);
	__atomic_fetch_add(&b->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&b->ready, __ATOMIC_SEQ_CST) < b->n_threads) {
		if (++spins % 1000 == 0)
			sched_yield();
	}
	t->cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	t->begin = seconds_of(CLOCK_MONOTONIC);
	t->lost = b->loop(count, b->operations);
	t->end = seconds_of(CLOCK_MONOTONIC);
	t->cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID) - t->cpu;
	__atomic_fetch_add(&b->done, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&b->done, __ATOMIC_SEQ_CST) < b->n_threads)
		b->loop(count, 1000);
	return NULL;
}

static int start(struct bare_thread *t, int cpu)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int e;

	pthread_attr_init(&attr);
	if (cpu >= 0 && cpu < CPU_SETSIZE) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	e = pthread_create(&t->thread, &attr, run, t);
	pthread_attr_destroy(&attr);
	return e;
}

/* Rates add up; times do not where one thread is faster than another. */
static void sum_up(const struct bare *b, const struct bare_thread *t, struct bare_figures *out)
{
	double rate = 0, first = t[0].begin, share;
	int i;

	for (i = 1; i < b->n_threads; i++)
		first = t[i].begin < first ? t[i].begin : first;
	*out = (struct bare_figures){ .share = 1 };
	for (i = 0; i < b->n_threads; i++) {
		out->lost += (double)t[i].lost / (double)b->operations / b->n_threads;
		rate += (double)b->operations / (t[i].end - t[i].begin);
		share = t[i].cpu / (t[i].end - first);
		out->share = share < out->share ? share : out->share;
	}
	out->ns = b->n_threads / rate * 1e9;
}

int bare_run(const char *operation, const int32_t *cpus, int n_threads, uint64_t operations,
	     int *count, struct bare_figures *out)
{
	struct bare b = { .n_threads = n_threads, .operations = operations };
	struct bare_thread threads[BARE_MAX_THREADS];
	int i, started;

	for (i = 0; i < (int)(sizeof(loops) / sizeof(loops[0])); i++) {
		if (!strcmp(loops[i].name, operation))
			b.loop = loops[i].loop;
	}
	if (!b.loop || n_threads < 1 || n_threads > BARE_MAX_THREADS || !operations)
		return VMS_EINVAL;
	b.count = count ? count : &b.own;
	*b.count = 1000000;
	pthread_mutex_init(&b.gate, NULL);
	pthread_mutex_lock(&b.gate);
	for (started = 0; started < n_threads; started++) {
		threads[started].bare = &b;
		if (start(&threads[started], cpus ? cpus[started] : -1))
			break;
	}
	if (started < n_threads)
		b.n_threads = 0; /* nobody shall wait for those that are missing */
	pthread_mutex_unlock(&b.gate);
	for (i = 0; i < started; i++)
		pthread_join(threads[i].thread, NULL);
	pthread_mutex_destroy(&b.gate);
	if (started < n_threads)
		return VMS_EUNSUPPORTED;
	sum_up(&b, threads, out);
	return VMS_OK;
}
