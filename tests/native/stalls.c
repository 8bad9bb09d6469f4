/* Plans of stalls: drawn again from seed and run, sound, and obeyed. */
#include <kapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hunt/team.h"
#include "native/clock.h"
#include "rig.h"
#include "tap.h"

#define RUNS 5000u
#define END_OF_RUN 0xffffu

static const struct scenario no_scenario = { .name = "stalls", .n_outcomes = 1 };

/* A team without a hunt: what draws plans, and the CPUs that obey them. */
static void set_up(struct team *t, uint64_t seed, unsigned n)
{
	static const struct regime regime;
	static uint64_t state;
	const struct cpu_setup setup = {
		.ops = &native_ops, .regime = &regime, .state = &state, .membarrier = true,
	};
	vms_error e;
	unsigned a;

	memset(t, 0, sizeof(*t));
	if (machine_create(&t->machine, n, &setup, &e)) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
	t->plain = t->points = &no_scenario;
	t->n_actors = n;
	t->seed = seed;
	for (a = 0; a < n; a++) {
		t->typical_points[a] = 20 + a;
		t->n_landmarks[a] = 3;
		memcpy(t->landmarks[a], (uint16_t[]){ 2, 7, 11 }, 6);
	}
}

static unsigned differing(struct team *x, struct team *y)
{
	unsigned run, a, n = 0;

	for (run = 0; run < RUNS; run++) {
		for (a = 0; a < x->n_actors; a++) {
			stall_plan(&x->machine.cpus[a], run);
			stall_plan(&y->machine.cpus[a], run);
			n += memcmp(x->machine.cpus[a].stalls, y->machine.cpus[a].stalls,
				    sizeof(x->machine.cpus[a].stalls)) != 0;
		}
	}
	return n;
}

/* The same rare runs, learnt by both. */
static void learn(struct team *t)
{
	const struct rare_run rare[] = { { 17, 1 }, { 18, 1 }, { 400, 2 } };

	stall_learn(t, rare, KAPI_COUNT(rare));
}

static void reproducible(unsigned n)
{
	static struct team x, y;
	unsigned others;

	set_up(&x, 42, n);
	set_up(&y, 42, n);
	ok(!differing(&x, &y), "%u actors: the same seed draws the same plans", n);
	learn(&x);
	learn(&y);
	ok(x.corpus.n == 3, "%u actors: plans of rare runs are kept", n);
	ok(!differing(&x, &y), "%u actors: and the same plans are drawn from those", n);
	machine_destroy(&y.machine);
	set_up(&y, 43, n);
	learn(&y);
	others = differing(&x, &y);
	ok(others > RUNS / 2, "%u actors: another seed draws others (%u of %u)", n, others, RUNS * n);
	machine_destroy(&y.machine);
	machine_destroy(&x.machine);
}

static unsigned unsound(const struct cpu *cpu)
{
	unsigned i, bad = 0;

	for (i = 0; i < MAX_STALLS && cpu->stalls[i].kind != STALL_NONE; i++) {
		const struct stall *s = &cpu->stalls[i];

		bad += i && s->at < cpu->stalls[i - 1].at;
		if (s->kind != STALL_WAIT)
			continue;
		bad += s->whom == cpu->actor || s->whom >= cpu->machine->n_cpus;
	}
	for (; i < MAX_STALLS; i++)
		bad += cpu->stalls[i].kind != STALL_NONE;
	return bad;
}

static void sound(void)
{
	unsigned run, a, bad = 0, none = 0, armed;
	static struct team r;

	set_up(&r, 7, 3);
	learn(&r);
	for (run = 0; run < RUNS; run++) {
		for (armed = a = 0; a < 3; a++) {
			stall_plan(&r.machine.cpus[a], run);
			bad += unsound(&r.machine.cpus[a]);
			armed += r.machine.cpus[a].stall_at != UINT64_MAX;
		}
		none += !armed;
	}
	ok(!bad, "stalls stand in the order of their points and nobody waits for itself");
	ok(none > RUNS / 100 && none < RUNS / 2, "some runs are left alone (%u of %u)", none, RUNS);
	machine_destroy(&r.machine);
}

/* ---- obeyed ---- */

struct trial {
	uint32_t begun;
	unsigned done_at;  /* the other's steps when the stall ended */
	uint32_t waiting;  /* what the other says of itself meanwhile */
	uint64_t until;
	bool walks;
	uint64_t took_ns;
};

static void sleeper(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	uint64_t begin = clock_now_ns();

	cpu->next_stall = 0;
	cpu->stalls[0] = (struct stall){ 0, 3, 1, STALL_WAIT };
	__atomic_store_n(&t->begun, 1, __ATOMIC_RELEASE);
	stall_here(cpu);
	t->took_ns = clock_now_ns() - begin;
	t->done_at = (unsigned)__atomic_load_n(&cpu->machine->cpus[1].progress, __ATOMIC_ACQUIRE);
}

/* Quicker than the 5 ms after which a stall gives up. */
static void walker(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	unsigned i;

	__atomic_store_n(&cpu->until, t->until, __ATOMIC_RELAXED);
	__atomic_store_n(&cpu->waiting, t->waiting, __ATOMIC_RELEASE);
	await_u32(&t->begun, 1, 5000);
	if (!t->walks)
		sleep_ms(50);
	for (i = 1; i <= 3 && t->walks; i++) {
		native_spin(100000);
		__atomic_store_n(&cpu->progress, i, __ATOMIC_RELEASE);
	}
}

static void stall(struct trial *t)
{
	static rig_actor *const actors[] = { sleeper, walker };
	static struct team r;

	set_up(&r, 1, 2);
	rig_run_on(&r.machine, actors, t, false);
	machine_destroy(&r.machine);
}

/* A host that takes the CPU away for 5 ms makes a stall give up: some tries. */
static void ends_in_time(struct trial first, const char *when)
{
	struct trial t = first;
	unsigned tries;

	for (tries = 0; tries < 10 && t.done_at < 3; tries++) {
		t = first;
		stall(&t);
	}
	ok(t.done_at >= 3, "a stall ends when the other has come so far%s", when);
}

static void gives_up(struct trial t, const char *when)
{
	stall(&t);
	ok(t.done_at < 3 && t.took_ns < 2000000000u, "and gives up when %s: no deadlock", when);
}

static void obeyed(void)
{
	ends_in_time((struct trial){ .walks = true }, "");
	/* it only has not had the CPU to see that we are there already */
	ends_in_time((struct trial){ .walks = true, .waiting = WAITING_FOR_PROGRESS | 1 },
		     ", though it waits for what we have done");
	gives_up((struct trial){ .waiting = WAITING_FOR_PROGRESS | 1, .until = 5 },
		 "the other stalls for us");
	gives_up((struct trial){ .waiting = 1 }, "the other waits for our section");
	gives_up((struct trial){ .waiting = WAITING_FOR_ANY }, "the other waits for anybody");
}

static unsigned interrupts;

static void interrupt(void *state)
{
	(void)state;
	interrupts++;
}

static void interrupted(void)
{
	static struct team r;
	struct cpu *cpu;

	set_up(&r, 1, 1);
	cpu = &r.machine.cpus[0];
	cpu->interrupt = interrupt;
	cpu->stalls[0] = cpu->stalls[1] = (struct stall){ 0, 0, 0, STALL_INTERRUPT };
	stall_here(cpu);
	ok(interrupts == 1, "an interrupt arrives where the plan says");
	cpu->irq_off = 1;
	stall_here(cpu);
	ok(interrupts == 1, "but not with interrupts off");
	machine_destroy(&r.machine);
}

int main(void)
{
	reproducible(2);
	reproducible(KAPI_MAX_ACTORS);
	sound();
	obeyed();
	interrupted();
	return done();
}
