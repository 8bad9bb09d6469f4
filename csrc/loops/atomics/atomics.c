/* Group `atomics`: one operation on one reference count, over and over. */
#include "loops/atomics/atomics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host.h"
#include "error.h"
#include "loops/engine/registry.h"

/* ---- kinds of atomics ---- */

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

/* ---- the loops ---- */

/* Settings by place: those of a loop that may lose, or that counts runs, follow. */
enum { SET_LINE, SET_PACE, SET_BALLAST, SET_MORE };
enum { LINE_SAME, LINE_FALSE_SHARING, LINE_OWN };
enum { COUNT_OFF, COUNT_ON };

static const struct op {
	bool tries, counts;
	int delta, start;
} ops[] = {
#define ROW(op, tries, counts, delta, start) { tries, counts, delta, start },
	ATOMICS_LIST(ROW)
#undef ROW
};

static const struct atomics_timed *timed_of(enum atomics_op op, const int32_t *settings,
					    int atomics)
{
	const struct op *o = &ops[op];
	int backoff = o->tries ? settings[SET_MORE] : BACKOFF_NONE;
	enum atomics_way way = WAY_BARE;

	if (settings[SET_PACE] || settings[SET_BALLAST])
		way = WAY_PACED;
	else if (o->counts && settings[SET_MORE + o->tries] == COUNT_ON)
		way = WAY_COUNTED;
	return &table_of(atomics)->timed[op][backoff][way];
}

static const char *instruction_of(enum atomics_op op, int atomics)
{
	const struct atomics_table *t = table_of(atomics);

	switch (op) {
	case OP_xadd:
	case OP_dec_and_test:
		return t->add;
	case OP_get_put:
		return t->cmpxchg_and_add;
	case OP_incdec:
	case OP_rcuref:
		return t->add_relaxed;
	case OP_inc_not_zero_refused: /* what would be claimed is what it avoids */
	case OP_relaxed_load:
	case OP_relaxed_store:
		return NULL; /* any load, any store */
	default:
		return t->cmpxchg;
	}
}

/* ---- where the counts are ---- */

#define SLOT (2 * sizeof(int))            /* a count, and what a freeze protects */
#define NEIGHBOURS (64 / SLOT)            /* in the least line there is */

struct block {
	_Alignas(ARCH_CACHELINE) int words[ARCH_CACHELINE / sizeof(int)];
};

struct ground {
	enum atomics_op op;
	struct block *blocks;  /* one for each thread, used or not */
	struct atomics_share *shares;
};

static int *block_of(const struct loop_run *run, const struct ground *g, uint32_t i)
{
	return i == 0 && run->place ? run->place : g->blocks[i].words;
}

static int *count_of(const struct loop_run *run, const struct ground *g, uint32_t i)
{
	switch (run->config.settings[SET_LINE]) {
	case LINE_OWN:
		return g->blocks[i].words;
	case LINE_FALSE_SHARING:
		return block_of(run, g, i / NEIGHBOURS) + i % NEIGHBOURS * 2;
	default:
		return block_of(run, g, 0);
	}
}

static void set_up_share(struct loop_run *run, struct ground *g, uint32_t i)
{
	struct atomics_share *s = &g->shares[i];

	s->count = count_of(run, g, i);
	s->count[0] = ops[g->op].start;
	s->count[1] = 0;
	s->pace = (uint32_t)run->config.settings[SET_PACE];
	s->ballast = (uint32_t)run->config.settings[SET_BALLAST];
	s->next = g->op == OP_relaxed_store ? (int)i : s->count[0];
	run->threads[i].own = s;
}

static void destroy(struct loop_run *run)
{
	struct ground *g = run->shared;

	if (!g)
		return;
	free(g->blocks);
	free(g->shares);
	free(g);
}

static int create(struct loop_run *run, enum atomics_op op, vms_error *err)
{
	struct ground *g = calloc(1, sizeof(*g));
	uint32_t i, n = run->n_threads;

	run->shared = g;
	if (!g || posix_memalign((void **)&g->blocks, 4096, n * sizeof(*g->blocks)) ||
	    posix_memalign((void **)&g->shares, 4096, n * sizeof(*g->shares))) {
		destroy(run);
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u counts", n);
	}
	g->op = op;
	memset(g->blocks, 0, n * sizeof(*g->blocks));
	memset(g->shares, 0, n * sizeof(*g->shares));
	for (i = 0; i < n; i++)
		set_up_share(run, g, i);
	return VMS_OK;
}

/* ---- the oracle ---- */

static const char *wrong(struct loop_run *run, const char *what, uint32_t seen, uint32_t expected)
{
	snprintf(run->verdict, sizeof(run->verdict), "%s is %u where %u must be", what, seen,
		 expected);
	return run->verdict;
}

/* Over the counts, each once: what threads on the same one expect adds up. */
static uint32_t grown(const struct loop_run *run, const struct ground *g, unsigned word)
{
	uint32_t i, sum = 0;

	for (i = 0; i < run->n_threads; i++) {
		sum += word ? 0 : g->shares[i].lowered;
		if (i == 0 || run->config.settings[SET_LINE] != LINE_SAME)
			sum += (uint32_t)g->shares[i].count[word] -
			       (word ? 0 : (uint32_t)ops[g->op].start);
	}
	return sum;
}

static const char *check(struct loop_run *run)
{
	const struct ground *g = run->shared;
	uint32_t i, done = 0, refused = 0, seen, expected;

	for (i = 0; i < run->n_threads; i++) {
		done += (uint32_t)run->totals[i];
		refused += (uint32_t)run->threads[i].refused;
	}
	if (g->op == OP_relaxed_store) {
		seen = (uint32_t)g->shares[0].count[0];
		return seen < run->n_threads ? NULL : wrong(run, "the value stored last", seen, 0);
	}
	if (g->op == OP_inc_not_zero_refused && refused != done)
		return wrong(run, "the number of refusals", refused, done);
	if (g->op == OP_add_unless && refused)
		return wrong(run, "the number of refusals", refused, 0);
	if (g->op == OP_freeze_unfreeze) {
		seen = grown(run, g, 1);
		if (seen != done - refused)
			return wrong(run, "what a freeze protects", seen, done - refused);
	}
	seen = grown(run, g, 0);
	expected = done * (uint32_t)ops[g->op].delta;
	return seen == expected ? NULL : wrong(run, "the sum of the counts", seen, expected);
}

/* ---- the table ---- */

static const char *const lines_of[] = { "same", "false-sharing", "own", NULL };
static const char *const backoffs[] = { "none", "pause", "exponential", NULL };
static const char *const counting[] = { "off", "on", NULL };

#define LINE { .name = "line", .choices = lines_of, \
	       .about = "where the threads' counts are: one for all, neighbours, apart" }
#define PACE { .name = "pace", .high = 100000, \
	       .about = "spin units between two operations, as other work" }
#define BALLAST { .name = "ballast", .high = 1000, \
		  .about = "a planted slow-down: additions that each operation waits for" }
#define BACKOFF { .name = "backoff", .choices = backoffs, \
		  .about = "what a thread does whose compare-and-swap lost" }
#define COUNT { .name = "count", .choices = counting, \
		.about = "count runs, operations in a row without another thread's" }

#define SETTINGS_00 { LINE, PACE, BALLAST }
#define SETTINGS_01 { LINE, PACE, BALLAST, COUNT }
#define SETTINGS_10 { LINE, PACE, BALLAST, BACKOFF }
#define SETTINGS_11 { LINE, PACE, BALLAST, BACKOFF, COUNT }


#define FACE(op, tries, counts, delta, start)                                          \
	static int create_##op(struct loop_run *run, vms_error *err)                  \
	{                                                                             \
		return create(run, OP_##op, err);                                     \
	}                                                                             \
	static atomics_work *work_##op(const struct loop_run *run, uint32_t role)     \
	{                                                                             \
		(void)role;                                                           \
		return timed_of(OP_##op, run->config.settings, run->config.atomics)->work; \
	}                                                                             \
	static uint64_t code_##op(const int32_t *settings, int atomics, const void **code) \
	{                                                                             \
		const struct atomics_timed *t = timed_of(OP_##op, settings, atomics); \
                                                                                      \
		*code = t->begin;                                                     \
		return (uint64_t)(t->end - t->begin);                                 \
	}                                                                             \
	static const char *instruction_##op(int atomics)                              \
	{                                                                             \
		return instruction_of(OP_##op, atomics);                              \
	}                                                                             \
	const struct loop loop_##op = {                                               \
		.group = "atomics",                                                   \
		.name = #op,                                                          \
		.about = ABOUT_##op,                                                  \
		.operation = OPERATION_##op,                                          \
		.settings = SETTINGS_##tries##counts,                                 \
		.least_threads = 1,                                                   \
		.roles = 1,                                                           \
		.contends = true,                                                     \
		.chunk = 1 << 16,                                                     \
		.create = create_##op,                                                \
		.destroy = destroy,                                                   \
		.work = work_##op,                                                    \
		.check = check,                                                       \
		.code = code_##op,                                                    \
		.instruction = instruction_##op,                                      \
	};

#define ABOUT_xadd "fetch and add, unconditional"
#define OPERATION_xadd "one add"
#define ABOUT_cmpxchg "load, then compare and swap until it is done"
#define OPERATION_cmpxchg "one add"
#define ABOUT_add_unless "add one unless zero: the write of a speculative get"
#define OPERATION_add_unless "one add"
#define ABOUT_get_put "get_unless_zero, then put: add one unless zero, subtract one"
#define OPERATION_get_put "one get and one put"
#define ABOUT_dec_and_test "subtract one and look for zero: a put alone"
#define OPERATION_dec_and_test "one subtraction"
#define ABOUT_freeze_unfreeze "compare and swap 1 for 0, a plain increment, store 1 (release)"
#define OPERATION_freeze_unfreeze "one attempt; refused: somebody else held it frozen"
#define ABOUT_inc_not_zero_refused "add one unless zero on a frozen page: a load and a branch"
#define OPERATION_inc_not_zero_refused "one refusal"
#define ABOUT_rcuref "add first and look at the sign, as rcuref_get and rcuref_put"
#define OPERATION_rcuref "one get and one put"
#define ABOUT_incdec "increment and decrement that ask nothing: what get and put cost at least"
#define OPERATION_incdec "one increment and one decrement"
#define ABOUT_relaxed_load "a relaxed load: the floor of everything that reads"
#define OPERATION_relaxed_load "one load"
#define ABOUT_relaxed_store "a relaxed store: the store buffer hides the line's travels"
#define OPERATION_relaxed_store "one store"

ATOMICS_LIST(FACE)
