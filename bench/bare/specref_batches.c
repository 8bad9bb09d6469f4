/*
 * The ceiling for `hunt` on a scenario of two actors without remaps: a bare C
 * loop of the same race, with nothing around it. Two pinned threads walk the same
 * array of 4096 instances and meet only between arrays.
 *
 *   cc -O2 -pthread specref_batches.c && ./a.out SECONDS BUG CPU_A CPU_B
 *
 * prints: runs per second, hits (stale uses) per second, share of the CPUs
 * received. BUG 1 leaves the recheck out, 0 keeps it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 4096

struct instance {
	_Alignas(64) atomic_int ref;
	atomic_int slot;
	volatile unsigned id;
};

static struct instance instances[BATCH];
static unsigned char results[BATCH];
static int bug;
static double seconds;
static _Alignas(128) atomic_uint arrived;
static _Alignas(128) atomic_int stop;
static uint64_t runs, hits[2], cpu_ns[2], wall_ns[2];

static uint64_t now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void meet(unsigned *round)
{
	unsigned target = 2 * ++*round;

	atomic_fetch_add_explicit(&arrived, 1, memory_order_acq_rel);
	while (atomic_load_explicit(&arrived, memory_order_acquire) < target)
		;
}

static void put(struct instance *s)
{
	if (atomic_fetch_sub_explicit(&s->ref, 1, memory_order_acq_rel) == 1)
		s->id = 99;
}

static void write_one(struct instance *s)
{
	atomic_store_explicit(&s->slot, 0, memory_order_release);
	if (atomic_fetch_sub_explicit(&s->ref, 1, memory_order_acq_rel) != 1)
		return;
	s->id = 99;
	s->id = 2;
	atomic_store_explicit(&s->ref, 1, memory_order_release);
	put(s);
}

static unsigned char read_one(struct instance *s)
{
	unsigned char stale = 0;
	int c;

	if (!atomic_load_explicit(&s->slot, memory_order_acquire))
		return 0;
	c = atomic_load_explicit(&s->ref, memory_order_relaxed);
	do {
		if (!c)
			return 0;
	} while (!atomic_compare_exchange_strong_explicit(&s->ref, &c, c + 1,
			memory_order_acquire, memory_order_relaxed));
	if (bug || atomic_load_explicit(&s->slot, memory_order_relaxed))
		stale = s->id != 1;
	put(s);
	return stale;
}

static void part(int me)
{
	unsigned i;

	for (i = BATCH / 2 * (unsigned)me; i < BATCH / 2 * (unsigned)(me + 1); i++) {
		hits[me] += results[i];
		instances[i].id = 1;
		atomic_store_explicit(&instances[i].ref, 1, memory_order_relaxed);
		atomic_store_explicit(&instances[i].slot, 1, memory_order_relaxed);
	}
}

static void *actor(void *argument)
{
	int me = argument != NULL;
	unsigned i, round = 0;
	uint64_t begin, cpu = now(CLOCK_THREAD_CPUTIME_ID);

	part(me);
	hits[me] = 0;
	meet(&round);
	begin = now(CLOCK_MONOTONIC);
	for (;;) {
		for (i = 0; i < BATCH; i++) {
			if (me)
				results[i] = read_one(&instances[i]);
			else
				write_one(&instances[i]);
		}
		meet(&round);
		part(me);
		if (!me) {
			runs += BATCH;
			if ((double)(now(CLOCK_MONOTONIC) - begin) > seconds * 1e9)
				atomic_store(&stop, 1);
		}
		meet(&round);
		if (atomic_load_explicit(&stop, memory_order_relaxed))
			break;
	}
	wall_ns[me] = now(CLOCK_MONOTONIC) - begin;
	cpu_ns[me] = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	return NULL;
}

static void start(pthread_t *t, int cpu, void *argument)
{
	pthread_attr_t attr;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	if (pthread_create(t, &attr, actor, argument))
		exit(3);
}

int main(int argc, char **argv)
{
	pthread_t a, b;
	double wall;

	if (argc != 5)
		return 2;
	seconds = atof(argv[1]);
	bug = atoi(argv[2]);
	start(&a, atoi(argv[3]), NULL);
	start(&b, atoi(argv[4]), &runs);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	wall = (double)wall_ns[0] * 1e-9;
	printf("%.0f %.0f %.3f\n", (double)runs / wall, (double)(hits[0] + hits[1]) / wall,
	       (double)(cpu_ns[0] + cpu_ns[1]) / (double)(wall_ns[0] + wall_ns[1]));
	return 0;
}
