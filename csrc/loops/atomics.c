/* Group `atomics`: one operation on one reference count, over and over. */
#include "loops/atomics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host.h"
#include "error.h"
#include "loops/registry.h"

enum { LINE_SAME, LINE_FALSE_SHARING, LINE_OWN };
enum { SET_LINE, SET_BACKOFF, SET_PACE, SET_BALLAST };

#ifdef SCENARIO_TWO_VARIANTS
extern const struct atomics_table loops_atomics_llsc, loops_atomics_lse, loops_atomics_outline;
#else
extern const struct atomics_table loops_atomics_only;
#endif

static const struct atomics_table *table_of(int atomics)
{
#ifdef SCENARIO_TWO_VARIANTS
	if (atomics == VMS_ATOMICS_OUTLINE)
		return &loops_atomics_outline;
	if (atomics == VMS_ATOMICS_LSE ||
	    (atomics == VMS_ATOMICS_AUTO && arch_has_lse() > 0))
		return &loops_atomics_lse;
	return &loops_atomics_llsc;
#else
	(void)atomics;
	return &loops_atomics_only;
#endif
}

const char *vms_loop_atomics(int loop, int atomics)
{
	return loop_at(loop) ? table_of(atomics)->name : NULL;
}

const char *vms_loop_atomics_lacks(int loop, int atomics)
{
	(void)loop;
	if (atomics < VMS_ATOMICS_AUTO || atomics > VMS_ATOMICS_OUTLINE)
		return "no such kind";
	if (atomics != VMS_ATOMICS_AUTO && arch_has_lse() < 0)
		return "llsc, lse and outline are kinds of aarch64; here there is one";
	if (atomics == VMS_ATOMICS_LSE && arch_has_lse() == 0)
		return "this CPU has no LSE";
	return NULL;
}

/* ---- shared state ---- */

#define START 1000000

struct shared {
	_Alignas(ARCH_CACHELINE) int counts[ARCH_CACHELINE / sizeof(int)];
};

struct ground {
	struct shared *lines;  /* one for all, or one each */
	struct atomics_share *shares;
};

static int *count_of(const struct loop_run *run, struct ground *g, uint32_t i)
{
	switch (run->config.settings[SET_LINE]) {
	case LINE_OWN:
		return &g->lines[i].counts[0];
	case LINE_FALSE_SHARING:
		return &g->lines[i / 16].counts[i % 16];
	default:
		return run->place ? run->place : &g->lines[0].counts[0];
	}
}

static int create(struct loop_run *run, vms_error *err)
{
	struct ground *g = calloc(1, sizeof(*g));
	uint32_t i, k;

	if (!g || posix_memalign((void **)&g->lines, 4096, run->n_threads * sizeof(*g->lines)) ||
	    posix_memalign((void **)&g->shares, 4096,
			   run->n_threads * sizeof(*g->shares)))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u counts",
				run->n_threads);
	memset(g->shares, 0, run->n_threads * sizeof(*g->shares));
	for (i = 0; i < run->n_threads; i++) {
		for (k = 0; k < ARCH_CACHELINE / sizeof(int); k++)
			g->lines[i].counts[k] = START;
		g->shares[i].count = count_of(run, g, i);
		*g->shares[i].count = START;
		g->shares[i].pace = (uint32_t)run->config.settings[SET_PACE];
		g->shares[i].ballast = (uint32_t)run->config.settings[SET_BALLAST];
		run->threads[i].own = &g->shares[i];
	}
	run->shared = g;
	return VMS_OK;
}

static void destroy(struct loop_run *run)
{
	struct ground *g = run->shared;

	free(g->lines);
	free(g->shares);
	free(g);
}

/* What all threads together added, for 32 bits that may wrap. */
static const char *check_sum(struct loop_run *run)
{
	struct ground *g = run->shared;
	uint32_t i, k, expected = 0, seen = run->place ? *(uint32_t *)run->place - START : 0;

	for (i = 0; i < run->n_threads; i++) {
		expected += (uint32_t)run->totals[i] - (uint32_t)run->threads[i].refused;
		for (k = 0; k < ARCH_CACHELINE / sizeof(int); k++)
			seen += (uint32_t)g->lines[i].counts[k] - START;
	}
	if (seen == expected)
		return NULL;
	snprintf(run->verdict, sizeof(run->verdict),
		 "the counts grew by %u where the threads added %u", seen, expected);
	return run->verdict;
}

static const struct atomics_timed *timed_of(enum atomics_op op, const int32_t *settings,
					    int atomics)
{
	bool paced = settings[SET_PACE] || settings[SET_BALLAST];

	return &table_of(atomics)->timed[op][settings[SET_BACKOFF]][paced];
}

static atomics_work *work_of(const struct loop_run *run, enum atomics_op op)
{
	return timed_of(op, run->config.settings, run->config.atomics)->work;
}

static uint64_t code_of(enum atomics_op op, const int32_t *settings, int atomics,
			const void **code)
{
	const struct atomics_timed *t = timed_of(op, settings, atomics);

	*code = t->begin;
	return (uint64_t)(t->end - t->begin);
}

static const char *const lines_of[] = { "same", "false-sharing", "own", NULL };
static const char *const backoffs[] = { "none", "pause", "exponential", NULL };

#define SETTINGS                                                                          \
	{ { .name = "line", .about = "where the threads' counts are", .choices = lines_of }, \
	  { .name = "backoff", .about = "what a thread does that lost", .choices = backoffs }, \
	  { .name = "pace", .about = "spin units between two operations", .high = 100000 },  \
	  { .name = "ballast", .about = "a planted slow-down: spin units in each operation", \
	    .high = 1000 } }

#define ATOMICS_LOOP(ident, op, about_, operation_)                                       \
	static atomics_work *work_##ident(const struct loop_run *run, uint32_t role)      \
	{                                                                                 \
		(void)role;                                                               \
		return work_of(run, op);                                                  \
	}                                                                                 \
	static uint64_t code_##ident(const int32_t *settings, int atomics, const void **code) \
	{                                                                                 \
		return code_of(op, settings, atomics, code);                              \
	}                                                                                 \
	const struct loop loop_##ident = {                                                \
		.group = "atomics",                                                       \
		.name = #ident,                                                           \
		.about = about_,                                                          \
		.operation = operation_,                                                  \
		.settings = SETTINGS,                                                     \
		.least_threads = 1,                                                       \
		.roles = 1,                                                               \
		.chunk = 8192,                                                            \
		.create = create,                                                         \
		.destroy = destroy,                                                       \
		.work = work_##ident,                                                     \
		.check = check_sum,                                                       \
		.code = code_##ident,                                                     \
	}

ATOMICS_LOOP(xadd, OP_XADD, "fetch and add, unconditional", "one add");
ATOMICS_LOOP(add_unless, OP_ADD_UNLESS, "add one unless zero, as a speculative get does",
	     "one add");
