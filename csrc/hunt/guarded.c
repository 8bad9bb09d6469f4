/*
 * The loop of a scenario with a vmemmap: one instance at a time, each actor's run
 * under a recovery point, because its accesses may fault. A run takes some ten
 * microseconds here, so the loop is a call through pointers.
 */
#include "hunt/team.h"

static void aim(struct cpu *cpu, const struct batch *b, unsigned i)
{
	struct team *t = cpu->team;
	unsigned vpn = i * t->mmu.blocks * t->mmu.vmemmap_pages;

	cpu->state = b->states + i * b->stride;
	cpu->ptes = t->mmu.ptes + vpn;
	cpu->vmemmap = (uintptr_t)t->mmu.window + (size_t)vpn * t->mmu.page_size;
}

void guarded_release(struct cpu *cpu)
{
	pause_resume(cpu);
	if (cpu->rcu_nest) {
		cpu->rcu_nest = 1;
		native_rcu_leave(cpu);
	}
	native_irq_on(cpu);
	if (cpu->pause_deferred)
		pause_pending(cpu);
	if (cpu->broken)
		__atomic_store_n(&cpu->team->window_abandoned, 1, __ATOMIC_RELAXED);
	cpu->broken = 0;
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
	cpu->aborted++;
}

/* Own frame: nothing but the arguments is live across the jump. */
static __attribute__((noinline)) unsigned run_guarded(struct cpu *cpu, unsigned (*once)(void *))
{
	unsigned result;

	cpu->hazard = 0;
	if (sigsetjmp(cpu->recovery, 0)) {
		cpu->guarded = 0;
		guarded_release(cpu);
		return RESULT_ABORTED | (unsigned)cpu->hazard << 8 | (unsigned)cpu->invariant;
	}
	cpu->guarded = 1;
	result = once(cpu->state);
	cpu->guarded = 0;
	return result | cpu->notes;
}

void guarded_loop(struct cpu *cpu, const struct batch *b, unsigned (*once)(void *))
{
	unsigned *r = b->results[cpu->actor], i, skew;
	bool points = cpu->team->arm.points;

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
		r[i] = run_guarded(cpu, once);
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
		if (r[a] & RESULT_ABORTED && (r[a] >> 8 & 0xff))
			return t->plain->n_outcomes + (r[a] >> 8 & 0xff) - 1;
		if (r[a] & RESULT_ABORTED)
			return b->no_outcome;
	}
	row = t->plain->check(t->cpus[0].state, r);
	return row < t->plain->n_outcomes ? row : b->no_outcome;
}

static unsigned count_aborted(struct team *t)
{
	unsigned a, n = 0;

	for (a = 0; a < t->n_actors; a++) {
		n += t->cpus[a].aborted;
		t->cpus[a].aborted = 0;
	}
	return n;
}

static void check_all(struct team *t)
{
	const struct batch *b = &t->batch;
	struct rare_run rare[RARE_RUNS];
	unsigned i, row, n_rare = 0;

	for (i = 0; i < b->n; i++) {
		aim(&t->cpus[0], b, i);
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
	struct cpu *cpu = &t->cpus[0];
	unsigned i;

	if (t->ran)
		check_all(t);
	mmu_reset(&t->mmu, count_aborted(t) != 0);
	t->window_abandoned = 0;
	for (i = 0; i < b->n; i++) {
		aim(cpu, b, i);
		__builtin_memset(cpu->state, 0, t->plain->state_size);
		t->plain->init(cpu->state);
	}
}
