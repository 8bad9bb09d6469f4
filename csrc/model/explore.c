#include "model/explore.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define ARENA (16ull << 30) /* reserved; what is not touched costs nothing */
#define LIMIT_MASK 1023u    /* the clock is read every so many executions */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

struct found *explore_violation(struct explore *x, enum violation kind, int hazard, int invariant,
				int outcome, uint32_t node, uint8_t cpu)
{
	struct found *f = x->found;
	unsigned i;

	for (i = 0; i < x->n_found; i++, f++) {
		if (f->kind == kind && f->hazard == hazard && f->outcome == outcome)
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
		f->cpu = cpu;
		x->n_found++;
	}
	f->count++;
	if (x->stop_at_first)
		x->stopped = true;
	return f;
}

bool explore_limit(struct explore *x)
{
	if ((x->limit && x->executions >= x->limit) ||
	    (x->deadline_ns && !(x->executions & LIMIT_MASK) && now_ns() > x->deadline_ns)) {
		x->bounded = true;
		return true;
	}
	return false;
}

typedef int explore_fn(struct explore *x);

static explore_fn *const searches[3][3] = {
	{ explore_sc_1, explore_sc_4, explore_sc_16 },
	{ explore_tso_1, explore_tso_4, explore_tso_16 },
	{ explore_arm64_1, explore_arm64_4, explore_arm64_16 },
};

static void forget(struct explore *x)
{
	x->executions = x->blocked = x->pruned = x->steps = x->revisits = 0;
	memset(x->outcomes, 0, sizeof(x->outcomes));
	x->n_found = 0;
	x->bounded = x->too_wide = x->stopped = false;
}

int explore_run(struct explore *x)
{
	x->arena_size = ARENA;
	x->arena = mmap(NULL, x->arena_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (x->arena == MAP_FAILED)
		return -1;
	for (unsigned width = 0; width < 3; width++) {
		forget(x);
		if (!searches[x->m->kind][width](x))
			break;
		x->bounded = true; /* stays so if even the widest is too narrow */
	}
	if (x->m->out_of_memory)
		x->bounded = true;
	munmap(x->arena, x->arena_size);
	return 0;
}
