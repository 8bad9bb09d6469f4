/*
 * The loop of a scenario with a vmemmap: one instance at a time, each actor's run
 * under a recovery point, because its accesses may fault. A run takes some ten
 * microseconds here, so the loop is a call through pointers.
 */
#include "hunt/team.h"
#include "native/guard.h"

static void aim(struct cpu *cpu, const struct batch *b, unsigned i)
{
	const struct mmu *m = &cpu->machine->mmu;
	unsigned vpn = i * m->blocks * m->vmemmap_pages;

	cpu->state = b->states + i * b->stride;
	cpu->ptes = m->ptes + vpn;
	cpu->vmemmap = (uintptr_t)m->window + (size_t)vpn * m->page_size;
}

void guarded_loop(struct cpu *cpu, const struct batch *b, unsigned (*once)(void *))
{
	unsigned *r = b->results[cpu->actor], i, skew;
	bool points = team_of(cpu)->arm.points;

	for (i = 0; i < b->n; i++) {
		if (i)
			native_meet(cpu, b);
		skew = (unsigned)b->skew[cpu->actor];
		if (b->jitter)
			skew += (unsigned)(native_random(cpu) % b->jitter);
		native_spin(skew);
		aim(cpu, b, i);
		cpu->notes = 0;
		if (points)
			stall_plan(cpu, b->first_run + i);
		r[i] = guard_run(cpu, once);
		if (points)
			stall_end(cpu, b->first_run + i + 1);
	}
}

/* The row of the first hazard that an actor ran into, or of the final check. */
static unsigned outcome_of(struct team *t, unsigned i)
{
	const struct batch *b = &t->batch;
	unsigned r[KAPI_MAX_ACTORS], a, row;

	for (a = 0; a < t->n_actors; a++) {
		r[a] = b->results[a][i];
		if (result_hazard(r[a]))
			return t->plain->n_outcomes + (unsigned)result_hazard(r[a]) - 1;
		if (r[a] & RESULT_ABORTED)
			return b->no_outcome;
	}
	row = t->plain->check(t->machine.cpus[0].state, r);
	return row < t->plain->n_outcomes ? row : b->no_outcome;
}

static unsigned count_aborted(struct team *t)
{
	unsigned a, n = 0;

	for (a = 0; a < t->n_actors; a++) {
		n += t->machine.cpus[a].aborted;
		t->machine.cpus[a].aborted = 0;
	}
	return n;
}

static void check_all(struct team *t)
{
	const struct batch *b = &t->batch;
	struct rare_run rare[RARE_RUNS];
	unsigned i, row, n_rare = 0;

	for (i = 0; i < b->n; i++) {
		aim(&t->machine.cpus[0], b, i);
		row = outcome_of(t, i);
		t->counts[0].batch[row]++;
		if (t->arm.points && n_rare < RARE_RUNS && stall_is_rare(t, row))
			rare[n_rare++] = (struct rare_run){ b->first_run + i, row };
	}
	stall_learn(t, rare, n_rare);
}

void guarded_check_and_init(struct team *t)
{
	struct batch *b = &t->batch;
	struct cpu *cpu = &t->machine.cpus[0];
	unsigned i;

	if (t->ran)
		check_all(t);
	mmu_reset(&t->machine.mmu, count_aborted(t) != 0);
	t->machine.window_abandoned = 0;
	for (i = 0; i < b->n; i++) {
		aim(cpu, b, i);
		__builtin_memset(cpu->state, 0, t->plain->state_size);
		t->plain->init(cpu->state);
	}
}
