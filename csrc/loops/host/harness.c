/* Group `harness`: what the measuring itself costs, with the engine's own means. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "loops/engine/loop.h"
#include "native/clock.h"

#define SPINS_BEFORE_YIELD 4000

/* ---- a spin barrier: how far apart do threads leave it? ---- */

struct meeting {
	_Alignas(ARCH_CACHELINE) uint64_t arrived; /* meetings so far; UINT64_MAX: gone */
	uint64_t met;          /* those that this thread was at */
	uint64_t early;        /* times that it passed before a peer had come: never */
	uint64_t passed_ns[2]; /* when it left this meeting and the last, by parity */
};

static int barrier_create(struct loop_run *run, vms_error *err)
{
	void *p;

	if (posix_memalign(&p, 4096, run->n_threads * sizeof(struct meeting)))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for a barrier");
	__builtin_memset(p, 0, run->n_threads * sizeof(struct meeting));
	run->shared = p;
	return VMS_OK;
}

static void shared_free(struct loop_run *run)
{
	free(run->shared);
}

/* False if a peer has left for good: the meeting is not one of all. */
static bool await(const struct meeting *peer, uint64_t ticket)
{
	unsigned spins = 0;
	uint64_t seen;

	/* acquire: what the peer wrote before it came; pairs with the release below */
	while ((seen = __atomic_load_n(&peer->arrived, __ATOMIC_ACQUIRE)) < ticket) {
		arch_cpu_relax();
		if (++spins % SPINS_BEFORE_YIELD == 0)
			sched_yield();
	}
	return seen != UINT64_MAX;
}

/* How far apart the meeting before this one was left: everybody has come here since. */
static void note_skew(const struct loop_thread *t, const struct meeting *all, uint64_t ticket)
{
	uint64_t first = UINT64_MAX, last = 0, at;
	uint32_t i;

	for (i = 0; i < t->run->n_threads; i++) {
		at = all[i].passed_ns[(ticket - 1) & 1];
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	histogram_add(t->histograms[0], last - first);
}

static void barrier_work(struct loop_thread *t, uint64_t n)
{
	struct meeting *all = t->shared, *own = &all[t->index];
	uint32_t i;

	for (; n; n--) {
		uint64_t ticket = ++own->met;
		bool complete = true;

		/* release: passed_ns of the last meeting before this arrival */
		__atomic_store_n(&own->arrived, ticket, __ATOMIC_RELEASE);
		for (i = 0; i < t->run->n_threads; i++)
			complete = await(&all[i], ticket) && complete;
		own->passed_ns[ticket & 1] = clock_now_ns();
		for (i = 0; i < t->run->n_threads; i++)
			own->early += __atomic_load_n(&all[i].arrived, __ATOMIC_RELAXED) < ticket;
		if (complete && ticket > 1 && t->index == 0)
			note_skew(t, all, ticket);
	}
}

static void barrier_leave(struct loop_thread *t)
{
	struct meeting *all = t->shared;

	/* release: as in barrier_work(); nobody waits for this thread from here on */
	__atomic_store_n(&all[t->index].arrived, UINT64_MAX, __ATOMIC_RELEASE);
}

static const char *barrier_check(struct loop_run *run)
{
	const struct meeting *all = run->shared;
	uint32_t i;

	for (i = 0; i < run->n_threads; i++) {
		if (all[i].early || all[i].met != run->totals[i]) {
			snprintf(run->verdict, sizeof(run->verdict),
				 "thread %u left the barrier %llu times before all had come", i,
				 (unsigned long long)all[i].early);
			return run->verdict;
		}
	}
	return NULL;
}

static void (*barrier_choose(const struct loop_run *run, uint32_t role))(struct loop_thread *,
									   uint64_t)
{
	(void)run;
	(void)role;
	return barrier_work;
}

const struct loop loop_barrier_skew = {
	.group = "harness",
	.name = "barrier_skew",
	.about = "a spin barrier: the time between the first to leave it and the last",
	.operation = "one meeting of all threads, and a look at the clock",
	.histograms = { "skew_ns" },
	.least_threads = 2,
	.roles = 1,
	.chunk = 512,
	.create = barrier_create,
	.destroy = shared_free,
	.leave = barrier_leave,
	.work = barrier_choose,
	.check = barrier_check,
};

/* ---- clocks ---- */

struct readings {
	_Alignas(ARCH_CACHELINE) uint64_t last, backwards;
};

static int clock_create(struct loop_run *run, vms_error *err)
{
	void *p;

	if (posix_memalign(&p, 4096, run->n_threads * sizeof(struct readings)))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for readings");
	__builtin_memset(p, 0, run->n_threads * sizeof(struct readings));
	run->shared = p;
	return VMS_OK;
}

#define CLOCK_WORK(name, read)                                             \
	static void name(struct loop_thread *t, uint64_t n)                \
	{                                                                  \
		struct readings *r = (struct readings *)t->shared + t->index; \
		uint64_t last = r->last, now;                              \
                                                                           \
		for (; n; n--, last = now) {                               \
			now = read;                                        \
			r->backwards += now < last;                        \
		}                                                          \
		r->last = last;                                            \
	}

CLOCK_WORK(read_cycles, arch_cycles())
CLOCK_WORK(read_monotonic, clock_now_ns())
CLOCK_WORK(read_thread, clock_thread_ns())

static void (*clock_choose(const struct loop_run *run, uint32_t role))(struct loop_thread *,
									 uint64_t)
{
	static void (*const works[])(struct loop_thread *, uint64_t) = {
		read_cycles, read_monotonic, read_thread
	};

	(void)role;
	return works[run->config.settings[0]];
}

static const char *clock_check(struct loop_run *run)
{
	const struct readings *r = run->shared;
	uint32_t i;

	for (i = 0; i < run->n_threads; i++) {
		if (r[i].backwards)
			return "a clock went backwards";
	}
	return NULL;
}

static const char *const clocks[] = { "cycles", "monotonic", "thread-cpu", NULL };

const struct loop loop_clock_cost = {
	.group = "harness",
	.name = "clock_cost",
	.about = "one reading of a clock",
	.operation = "one reading",
	.settings = { { .name = "clock", .choices = clocks, .preset = 1,
			.about = "the cycle counter, the engine's clock, or the thread's CPU time" } },
	.least_threads = 1,
	.roles = 1,
	.chunk = 8192,
	.create = clock_create,
	.destroy = shared_free,
	.work = clock_choose,
	.check = clock_check,
};

/* ---- the unit of `pace` ---- */

static int nothing_to_create(struct loop_run *run, vms_error *err)
{
	(void)run;
	(void)err;
	return VMS_OK;
}

static void spin_work(struct loop_thread *t, uint64_t n)
{
	(void)t;
	loop_spin(n);
}

static void (*spin_choose(const struct loop_run *run, uint32_t role))(struct loop_thread *,
									uint64_t)
{
	(void)run;
	(void)role;
	return spin_work;
}

const struct loop loop_spin_unit = {
	.group = "harness",
	.name = "spin_unit",
	.about = "the unit of the setting pace",
	.operation = "one unit",
	.least_threads = 1,
	.roles = 1,
	.chunk = 1 << 18,
	.create = nothing_to_create,
	.work = spin_choose,
};
