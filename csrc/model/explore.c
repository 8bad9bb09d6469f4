#include "model/explore.h"
#include "model/escape.h"
#include "model/walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Reserved: what is not touched costs nothing, but where memory may not be promised
 * twice, or under an emulator that keeps a record of every page, much is too much. */
#define ARENA (1ull << 30)
#define PASSES_MAX 200u
#define LOOK_AROUND 200u    /* leaves that a search goes on once it must start again, */
#define LOOK_SHARE 4u       /* or one of so many of those that it has made */
#define WIDTHS 4u
#define PCT_STEPS 32u       /* of a run, until a longer one was met */
#define SPLIT_DEPTH 5u
#define ESTIMATE_AFTER (1u << 18) /* steps, a fraction of a second */
#define LIMIT_MASK 63u      /* the clock is read every so many leaves */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static const struct site *site_of(const struct explore *x, uint32_t node)
{
	return node == LOCAL_NONE ? NULL : x->m->locals.at[node].op.site;
}

/* Two races are one when they have the same two lines. A random walk knows one of them,
 * until the run is told. */
static bool same_lines(const struct found *f, const struct site *a, const struct site *b)
{
	if (f->kind == VIOLATION_RACE && (!f->pair[1] || !b))
		return f->pair[0] == a || f->pair[0] == b;
	return (f->pair[0] == a && f->pair[1] == b) || (f->pair[0] == b && f->pair[1] == a);
}

struct found *explore_violation(struct explore *x, enum violation kind, int hazard, int invariant,
				int outcome, uint32_t node, uint8_t cpu)
{
	const struct site *own = kind == VIOLATION_RACE ? site_of(x, node) : NULL;
	const struct site *other = kind == VIOLATION_RACE ? site_of(x, x->raced) : NULL;
	struct found *f = x->found;
	unsigned i;

	if (x->strata)
		return NULL;
	for (i = 0; i < x->n_found; i++, f++) {
		if (f->kind == kind && f->hazard == hazard && f->outcome == outcome &&
		    same_lines(f, own, other))
			break;
	}
	if (i == EXPLORE_FOUND)
		return NULL;
	if (i == x->n_found) {
		memset(f, 0, offsetof(struct found, trace));
		f->kind = kind;
		f->hazard = hazard;
		f->invariant = invariant;
		f->outcome = outcome;
		f->node = node;
		f->other = kind == VIOLATION_RACE ? x->raced : LOCAL_NONE;
		f->pair[0] = own;
		f->pair[1] = other;
		f->cpu = cpu;
		__atomic_store_n(&x->n_found, i + 1, __ATOMIC_RELAXED);
	}
	if (!f->pair[1])
		f->pair[1] = other;
	x->violating = node;
	if (x->telling)
		return f;
	f->count += explore_mine(x);
	if (x->stop_at_first)
		x->stopped = true;
	return f;
}

/* A count that became non-zero before the flush is the cause of whatever came of
 * it: references on the old copy that nobody will ever drop (H7). */
static int cause(const struct explore *x, int hazard)
{
	return hazard == 5 && x->m->regime.unfreeze == UNFREEZE_BEFORE_FLUSH ? 7 : hazard;
}

struct found *explore_outcome(struct explore *x, unsigned row)
{
	const struct scenario *s = x->scenario;

	if (row >= s->n_outcomes) /* a check that answers nonsense, as on machine native */
		return explore_violation(x, VIOLATION_HAZARD, 0, 8, explore_no_outcome(s),
					 LOCAL_NONE, MODEL_CPUS);
	x->outcomes[row] += explore_mine(x) && !x->telling;
	if (s->outcomes[row].grade != GRADE_FORBIDDEN)
		return NULL;
	return explore_violation(x, VIOLATION_HAZARD, cause(x, s->outcomes[row].hazard),
				 s->outcomes[row].invariant, (int)row, LOCAL_NONE, MODEL_CPUS);
}

void explore_full(struct explore *x, enum full what)
{
	if (x->full == FULL_NOTHING)
		x->full = what;
	x->bounded = x->stopped = true;
}

static uint64_t leaves_of(const struct explore *x)
{
	return x->executions + x->blocked + x->pruned;
}

/* A search that has to start again looks around first: what it meets it need not meet
 * in a pass of its own. */
static bool seen_enough(struct explore *x)
{
	uint64_t n = leaves_of(x);

	if (!x->follow.more)
		return false;
	if (!x->look_around)
		x->look_around = n + (n / LOOK_SHARE > LOOK_AROUND ? n / LOOK_SHARE : LOOK_AROUND);
	return n >= x->look_around;
}

static void limits(struct explore *x)
{
	uint64_t runs = x->executions + x->blocked + (x->strategy ? x->pruned : 0);

	if (x->telling || x->strata)
		return;
	if (seen_enough(x))
		x->stopped = true;
	if (x->limit && runs >= x->limit)
		x->bounded = x->stopped = true;
	if (x->deadline_ns && !(x->ticks++ & LIMIT_MASK) && now_ns() > x->deadline_ns)
		x->bounded = x->out_of_time = x->stopped = true;
}

void explore_executed(struct explore *x)
{
	if (!x->telling && explore_mine(x))
		explore_count(&x->executions);
	limits(x);
}

void explore_blocked(struct explore *x)
{
	if (!x->telling && explore_mine(x))
		explore_count(&x->blocked);
	limits(x);
}

void explore_pruned(struct explore *x)
{
	if (!x->telling && !x->strata && explore_mine(x))
		explore_count(&x->pruned);
	limits(x);
}

typedef int explore_fn(struct explore *x);

/* search/unit.c, once for each model and width; see meson.build. */
explore_fn explore_sc_1, explore_sc_2, explore_sc_4, explore_sc_16;
explore_fn explore_tso_1, explore_tso_2, explore_tso_4, explore_tso_16;
explore_fn explore_arm64_1, explore_arm64_2, explore_arm64_4, explore_arm64_16;

static explore_fn *const searches[3][WIDTHS] = {
	{ explore_sc_1, explore_sc_2, explore_sc_4, explore_sc_16 },
	{ explore_tso_1, explore_tso_2, explore_tso_4, explore_tso_16 },
	{ explore_arm64_1, explore_arm64_2, explore_arm64_4, explore_arm64_16 },
};

/* PCT's draw for a run: priorities above the change points, all different
 * enough; and the steps at which the leader falls. */
void explore_new_run(struct explore *x)
{
	if (x->strategy != STRATEGY_PCT)
		return;
	x->n_changes = (x->bug_depth ? x->bug_depth : PCT_DEPTH) - 1;
	if (x->step > x->longest)
		x->longest = x->step;
	x->step = 0;
	for (unsigned i = 0; i < x->m->n_cpus; i++)
		x->priority[i] = PCT_DEPTH_MAX + explore_draw(x, 1u << 16) * MODEL_CPUS + i;
	for (unsigned i = 0; i < x->n_changes; i++)
		x->change[i] = explore_draw(x, x->longest);
}

void explore_tell(struct explore *x, const struct script_step *script, unsigned n)
{
	bool stopped = x->stopped, wide = x->too_wide;
	uint64_t steps = x->steps, executions = x->executions, blocked = x->blocked;

	x->script = script;
	x->n_script = n;
	x->telling = x->script_rest = true;
	for (unsigned width = x->width; width < WIDTHS; width++) {
		x->stopped = x->too_wide = false;
		searches[x->kind][width](x);
		if (!x->too_wide)
			break;
	}
	x->telling = x->script_rest = false;
	x->script = NULL;
	x->stopped = stopped;
	x->too_wide = wide;
	x->steps = steps;
	x->executions = executions;
	x->blocked = blocked;
}

static void forget(struct explore *x)
{
	x->longest = PCT_STEPS;
	x->script_failed = false;
	x->random = x->seed * 0x9e3779b97f4a7c15ull | 1;
	x->executions = x->blocked = x->pruned = x->steps = x->revisits = 0;
	memset(x->outcomes, 0, sizeof(x->outcomes));
	x->n_found = 0;
	x->bounded = x->too_wide = x->out_of_time = x->cut = false;
	x->stopped = x->asked_to_stop;
	x->full = FULL_NOTHING;
	x->look_around = 0;
	x->leaves = x->estimate = 0;
	x->probes = 0;
	x->estimate_next = x->estimate_after ? x->estimate_after : ESTIMATE_AFTER;
	seen_free(&x->seen);
	seen_free(&x->guessed);
}

/* Load buffering is reached by more than one way, and only one search can tell that it
 * was there before: where there is any, the first job does the work of all. */
static bool leave_to_first(const struct explore *x)
{
	return x->jobs > 1 && x->follow.n_guesses && x->job;
}

/* One search from scratch. True: it has to be made again, because it met words
 * that it should have followed from the beginning, or was too narrow. */
static bool pass(struct explore *x)
{
	forget(x);
	x->passes++;
	explore_end(x);
	x->split = x->jobs > 1 && !x->follow.n_guesses ? SPLIT_DEPTH : 0;
	x->m = model_create(x->scenario, x->regime, x->params, x->kind, &x->follow);
	if (!x->m)
		return false;
	if (x->m->bad_init != LOCAL_NONE) {
		uint64_t kind = x->m->locals.at[x->m->bad_init].op.old;

		explore_violation(x, kind > VIOLATION_ESCAPE ? (enum violation)kind
							     : VIOLATION_ESCAPE,
				  0, 0, -1, x->m->bad_init, MODEL_CPUS);
		return false;
	}
	x->m->twin_invent = x->twin_invent;
	x->m->twin_no_dependencies = x->twin_independent;
	x->m->twin_one_size = x->twin_one_size;
	x->m->twin_blind = x->twin_blind;
	if (leave_to_first(x))
		return false;
	if (walk_possible(x) && !x->script)
		walk_runs(x);
	else if (!x->follow.more || x->script)
		searches[x->kind][x->width](x);
	if (x->m->full != FULL_NOTHING)
		explore_full(x, x->m->full);
	if (x->follow.full)
		explore_full(x, FULL_FOLLOWED);
	if (x->asked_to_stop || x->out_of_time || x->full != FULL_NOTHING)
		return false;
	if (x->follow.more && !x->script && !(x->stop_at_first && x->n_found)) {
		if (x->passes < PASSES_MAX)
			return true;
		explore_full(x, FULL_PASSES);
		return false;
	}
	return x->too_wide && ++x->width < WIDTHS;
}

int explore_run(struct explore *x)
{
	x->arena_size = ARENA;
	x->arena = mmap(NULL, x->arena_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (x->arena == MAP_FAILED)
		return -1;
	x->width = x->passes = 0;
	escape_install();
	while (pass(x))
		;
	escape_remove();
	munmap(x->arena, x->arena_size);
	seen_free(&x->seen);
	seen_free(&x->guessed);
	if (!x->m)
		return -1;
	if (x->too_wide && x->full == FULL_NOTHING)
		x->full = FULL_EVENTS;
	if (x->full != FULL_NOTHING || x->follow.more || x->cut)
		x->bounded = true;
	return 0;
}

void explore_end(struct explore *x)
{
	if (x->m)
		model_destroy(x->m);
	x->m = NULL;
}
