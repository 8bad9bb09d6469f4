/*
 * Group `grace`: what a read section and a grace period cost. Objects are published in
 * slots; the updater replaces a batch of them, waits one grace period, and only then
 * kills the old ones: a reader in a section that meets a dead object has shown that the
 * grace period was too short.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "loops/crew/crew.h"
#include "native/clock.h"
#include "native/rcu.h"

enum { SET_FENCES, SET_BATCH, SET_READERS };
enum { FENCES_MEMBARRIER, FENCES_READERS };
enum { READERS_SECTIONS, READERS_IDLE };

#define SLOTS 512
#define TAKEN 16 /* objects in one section of a reader that has an updater */
#define ALIVE 8u
#define IDLE_NS 1000000

struct object {
	_Alignas(64) uint32_t alive; /* ALIVE, or 0: nobody may look any more */
};

struct grace_reader {
	_Alignas(ARCH_CACHELINE) uint64_t dead; /* objects met after their end */
	uint32_t at;
};

struct grace {
	struct crew crew;
	struct object *slots[SLOTS];
	struct object objects[2][SLOTS];
	struct grace_reader *readers;
	unsigned n_readers, batch, now; /* now: which of the two sets is shown */
	uint64_t owed;
};

static struct grace *grace_of(const struct loop_run *run)
{
	return run->shared;
}

/* ---- set up ---- */

static void destroy(struct loop_run *run)
{
	struct grace *g = grace_of(run);

	if (!g)
		return;
	crew_destroy(&g->crew);
	free(g->readers);
	free(g);
	run->shared = NULL;
}

static void *zeroed_lines(size_t size)
{
	void *p;

	return posix_memalign(&p, ARCH_CACHELINE, size) ? NULL : memset(p, 0, size);
}

static int create(struct loop_run *run, vms_error *err)
{
	static const struct regime no_regime;
	const int32_t *s = run->config.settings;
	struct grace *g = zeroed_lines(sizeof(*g));
	unsigned i;
	int status;

	if (!g)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	run->shared = g;
	g->batch = run->loop->roles > 1 ? (unsigned)s[SET_BATCH] : 1;
	g->n_readers = run->n_threads;
	g->readers = zeroed_lines(run->n_threads * sizeof(*g->readers));
	for (i = 0; i < SLOTS; i++) {
		g->slots[i] = &g->objects[0][i];
		g->objects[0][i].alive = ALIVE;
	}
	status = g->readers ? crew_create(&g->crew, run, &no_regime, 0, 0, err)
			    : vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	for (i = 0; i < run->n_threads && !status; i++)
		g->crew.machine.cpus[i].rcu_fence = s[SET_FENCES] == FENCES_READERS;
	if (status)
		destroy(run);
	return status;
}

static void enter(struct loop_thread *t)
{
	struct grace *g = grace_of(t->run);

	crew_enter(&g->crew, t);
	t->own = &g->readers[t->index];
}

static void leave(struct loop_thread *t)
{
	crew_leave(&grace_of(t->run)->crew, t);
}

/* ---- readers ---- */

/* One pointer, over and over: what the section itself costs. */
static void read_work(struct loop_thread *t, uint64_t n)
{
	struct grace *g = grace_of(t->run);
	struct grace_reader *r = t->own;
	uint64_t dead = 0;
	uint32_t alive;

	for (; n; n--) {
		rcu_read_lock();
		alive = READ_ONCE(rcu_dereference(g->slots[0])->alive);
		rcu_read_unlock();
		dead += alive != ALIVE;
	}
	r->dead += dead;
}

/* Takes pointers first and looks later: what dies too early is met. Only slots that
 * the updater replaces. */
static void long_read_work(struct loop_thread *t, uint64_t n)
{
	struct grace *g = grace_of(t->run);
	struct grace_reader *r = t->own;
	struct object *taken[TAKEN];
	unsigned i;

	for (; n; n--) {
		rcu_read_lock();
		for (i = 0; i < TAKEN; i++)
			taken[i] = rcu_dereference(g->slots[(r->at + i) % g->batch]);
		for (i = 0; i < TAKEN; i++)
			r->dead += READ_ONCE(taken[i]->alive) != ALIVE;
		rcu_read_unlock();
		r->at++;
	}
}

static void idle_work(struct loop_thread *t, uint64_t n)
{
	const struct timespec nap = { 0, IDLE_NS };

	(void)t;
	(void)n;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}

/* ---- the updater ---- */

/* Replace the objects of the batch, then end the lives of the old ones. */
static void one_batch(struct grace *g, struct loop_thread *t)
{
	struct object *old = g->objects[g->now], *new = g->objects[!g->now];
	uint64_t begin;
	unsigned i;

	for (i = 0; i < g->batch; i++) {
		WRITE_ONCE(new[i].alive, ALIVE);
		rcu_assign_pointer(g->slots[i], &new[i]);
	}
	begin = clock_now_ns();
	synchronize_rcu();
	histogram_add(t->histograms[0], clock_now_ns() - begin);
	for (i = 0; i < g->batch; i++)
		WRITE_ONCE(old[i].alive, 0);
	g->now = !g->now;
}

static void update_work(struct loop_thread *t, uint64_t n)
{
	struct grace *g = grace_of(t->run);

	for (g->owed += n; g->owed >= g->batch && !loop_stopping(t->run); g->owed -= g->batch)
		one_batch(g, t);
}

static void (*work(const struct loop_run *run, uint32_t role))(struct loop_thread *, uint64_t)
{
	if (role == 1)
		return update_work;
	if (run->loop->roles < 2)
		return read_work;
	return run->config.settings[SET_READERS] == READERS_IDLE ? idle_work : long_read_work;
}

/* ---- the oracle ---- */

static const char *check(struct loop_run *run)
{
	struct grace *g = grace_of(run);
	uint64_t dead = 0;
	unsigned i;

	for (i = 0; i < g->n_readers; i++)
		dead += g->readers[i].dead;
	if (!dead)
		return NULL;
	snprintf(run->verdict, sizeof(run->verdict),
		 "%llu objects were met in a read section after their grace period",
		 (unsigned long long)dead);
	return run->verdict;
}

/* ---- the loops ---- */

static const char *lacks_fences(int choice)
{
	if (choice == FENCES_MEMBARRIER && !rcu_have_membarrier())
		return "this kernel has no private expedited membarrier";
	return NULL;
}

static const char *const fences[] = { "membarrier", "readers", NULL };
static const char *const readers[] = { "sections", "idle", NULL };

#define FENCES \
	[SET_FENCES] = { "fences", "who orders readers against the updater", fences, 0, 0, \
			 FENCES_MEMBARRIER, lacks_fences }
#define COMMON                                                                    \
	.group = "grace", .chunk = 8192, .create = create, .destroy = destroy,   \
	.enter = enter, .leave = leave, .work = work, .check = check

const struct loop loop_grace_read_side = {
	COMMON, .name = "read-side", .operation = "lock, dereference, load, unlock",
	.about = "rcu_read_lock(), rcu_dereference() and rcu_read_unlock()",
	.settings = { FENCES },
	.least_threads = 1, .roles = 1,
};

const struct loop loop_grace_synchronize = {
	COMMON, .name = "synchronize", .operation = "one folio's share of a grace period",
	.about = "synchronize_rcu() by thread 0, once for a batch of folios",
	.settings = {
		FENCES,
		[SET_BATCH] = { "batch", "folios for one grace period", NULL, 1, SLOTS, 1, NULL },
		[SET_READERS] = { "readers", "what the other threads do", readers, 0, 0,
				  READERS_SECTIONS, NULL },
	},
	.histograms = { "grace_ns" },
	.least_threads = 1, .roles = 2, .chunk_remapper = 64,
};
