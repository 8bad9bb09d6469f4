/* Plans of stalls: drawn again from seed and run, sound, and obeyed. */
#include <kapi.h>
#include <string.h>

#include "native/clock.h"
#include "rig.h"
#include "tap.h"

#define RUNS 5000u
#define END_OF_RUN 0xffffu

static void set_up(struct rig *r, uint64_t seed, unsigned n)
{
	unsigned a;

	rig_create(r, n);
	r->team.seed = seed;
	for (a = 0; a < n; a++) {
		r->team.typical_points[a] = 20 + a;
		r->team.n_landmarks[a] = 3;
		memcpy(r->team.landmarks[a], (uint16_t[]){ 2, 7, 11 }, 6);
	}
}

static unsigned differing(struct rig *x, struct rig *y)
{
	unsigned run, a, n = 0;

	for (run = 0; run < RUNS; run++) {
		for (a = 0; a < x->team.n_actors; a++) {
			stall_plan(&x->team.cpus[a], run);
			stall_plan(&y->team.cpus[a], run);
			n += memcmp(x->team.cpus[a].stalls, y->team.cpus[a].stalls,
				    sizeof(x->team.cpus[a].stalls)) != 0;
		}
	}
	return n;
}

/* The same rare runs, learnt by both. */
static void learn(struct rig *r)
{
	const struct rare_run rare[] = { { 17, 1 }, { 18, 1 }, { 400, 2 } };

	stall_learn(&r->team, rare, KAPI_COUNT(rare));
}

static void reproducible(unsigned n)
{
	static struct rig x, y;
	unsigned others;

	set_up(&x, 42, n);
	set_up(&y, 42, n);
	ok(!differing(&x, &y), "%u actors: the same seed draws the same plans", n);
	learn(&x);
	learn(&y);
	ok(x.team.corpus.n == 3, "%u actors: plans of rare runs are kept", n);
	ok(!differing(&x, &y), "%u actors: and the same plans are drawn from those", n);
	rig_destroy(&y);
	set_up(&y, 43, n);
	learn(&y);
	others = differing(&x, &y);
	ok(others > RUNS / 2, "%u actors: another seed draws others (%u of %u)", n, others, RUNS * n);
	rig_destroy(&y);
	rig_destroy(&x);
}

static unsigned unsound(const struct cpu *cpu)
{
	unsigned i, bad = 0;

	for (i = 0; i < MAX_STALLS && cpu->stalls[i].kind != STALL_NONE; i++) {
		const struct stall *s = &cpu->stalls[i];

		bad += i && s->at < cpu->stalls[i - 1].at;
		if (s->kind != STALL_WAIT)
			continue;
		bad += s->whom == cpu->actor || s->whom >= cpu->team->n_actors;
	}
	for (; i < MAX_STALLS; i++)
		bad += cpu->stalls[i].kind != STALL_NONE;
	return bad;
}

static void sound(void)
{
	unsigned run, a, bad = 0, none = 0, armed;
	static struct rig r;

	set_up(&r, 7, 3);
	learn(&r);
	for (run = 0; run < RUNS; run++) {
		for (armed = a = 0; a < 3; a++) {
			stall_plan(&r.team.cpus[a], run);
			bad += unsound(&r.team.cpus[a]);
			armed += r.team.cpus[a].stall_at != UINT64_MAX;
		}
		none += !armed;
	}
	ok(!bad, "stalls stand in the order of their points and nobody waits for itself");
	ok(none > RUNS / 100 && none < RUNS / 2, "some runs are left alone (%u of %u)", none, RUNS);
	rig_destroy(&r);
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
	t->done_at = (unsigned)__atomic_load_n(&cpu->team->cpus[1].progress, __ATOMIC_ACQUIRE);
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
	static struct rig r;

	set_up(&r, 1, 2);
	rig_run(&r, actors, t, false);
	rig_destroy(&r);
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
	static struct rig r;
	struct cpu *cpu;

	set_up(&r, 1, 1);
	cpu = &r.team.cpus[0];
	cpu->interrupt = interrupt;
	cpu->stalls[0] = cpu->stalls[1] = (struct stall){ 0, 0, 0, STALL_INTERRUPT };
	stall_here(cpu);
	ok(interrupts == 1, "an interrupt arrives where the plan says");
	cpu->irq_off = 1;
	stall_here(cpu);
	ok(interrupts == 1, "but not with interrupts off");
	rig_destroy(&r);
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
