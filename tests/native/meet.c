/*
 * The rendezvous: all to all. Nobody passes before everybody has arrived, with a
 * CPU for each actor and with one CPU for all; a twin that waits for nobody is
 * noticed, so the check would notice ours.
 */
#include <stdlib.h>
#include <string.h>

#include "native/clock.h"
#include "rig.h"
#include "tap.h"

#define ROUNDS 1000u
#define LATE_ROUNDS 8u

typedef void meeting(struct cpu *cpu, const struct batch *b);

struct trial {
	meeting *meet;
	unsigned rounds, late_ms; /* late: actor 0 comes so much later, every round */
	uint32_t at[KAPI_MAX_ACTORS]; /* rounds begun */
	uint64_t payload[KAPI_MAX_ACTORS];
	unsigned early[KAPI_MAX_ACTORS]; /* a peer had not begun the round */
	unsigned torn[KAPI_MAX_ACTORS];
};

static void our_meet(struct cpu *cpu, const struct batch *b)
{
	native_meet(cpu, b);
}

/* Broken on purpose: arrives, and goes on at once. */
static void broken_meet(struct cpu *cpu, const struct batch *b)
{
	(void)b;
	__atomic_store_n(&cpu->arrived, ++cpu->ticket, __ATOMIC_RELEASE);
}

static void look_round(struct trial *t, unsigned me, unsigned n, uint32_t round)
{
	unsigned i;

	for (i = 0; i < n; i++)
		t->early[me] += __atomic_load_n(&t->at[i], __ATOMIC_RELAXED) < round;
}

static void actor(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	unsigned me = cpu->actor, n = cpu->machine->n_cpus;
	uint32_t round;

	for (round = 1; round <= t->rounds; round++) {
		if (t->late_ms && me == 0)
			sleep_ms(t->late_ms);
		__atomic_store_n(&t->at[me], round, __ATOMIC_RELAXED);
		t->meet(cpu, rig_batch(cpu));
		look_round(t, me, n, round);
		t->meet(cpu, rig_batch(cpu));
	}
}

/* Plain data handed to the neighbour: what comes before is seen after. */
static void hand_on(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	unsigned me = cpu->actor, next = (me + 1) % cpu->machine->n_cpus;
	uint64_t round;

	for (round = 1; round <= t->rounds; round++) {
		t->payload[me] = round;
		t->meet(cpu, rig_batch(cpu));
		t->torn[me] += t->payload[next] != round;
		t->meet(cpu, rig_batch(cpu));
	}
}

static void run(struct trial *t, unsigned n, rig_actor *what, bool one_cpu)
{
	static struct rig r;
	rig_actor *actors[KAPI_MAX_ACTORS];
	unsigned i;

	rig_create(&r, n);
	for (i = 0; i < n; i++)
		actors[i] = what;
	rig_run(&r, actors, t, one_cpu);
	rig_destroy(&r);
}

static unsigned total(const unsigned *v)
{
	unsigned i, sum = 0;

	for (i = 0; i < KAPI_MAX_ACTORS; i++)
		sum += v[i];
	return sum;
}

static void all_to_all(unsigned n, bool one_cpu)
{
	struct trial t = { .meet = our_meet, .rounds = one_cpu ? ROUNDS / 4 : ROUNDS };
	const char *where = one_cpu ? "on one CPU" : "on all CPUs";

	run(&t, n, actor, one_cpu);
	ok(!total(t.early), "%u actors %s: nobody passes before all have arrived", n, where);
	run(&t, n, hand_on, one_cpu);
	ok(!total(t.torn), "%u actors %s: what was written before is seen after", n, where);
}

static void a_late_one(void)
{
	struct trial t = { .meet = our_meet, .rounds = LATE_ROUNDS, .late_ms = 5 };
	uint64_t begin = clock_now_ns();

	run(&t, 3, actor, false);
	ok(!total(t.early), "an actor that is 5 ms late is waited for, asleep");
	ok(clock_now_ns() - begin < 2000000000u, "and the sleepers wake in time");
}

static void the_broken_twin(void)
{
	struct trial t = { .meet = broken_meet, .rounds = LATE_ROUNDS, .late_ms = 5 };

	run(&t, 2, actor, false);
	ok(total(t.early), "a barrier that waits for nobody is noticed");
}

int main(void)
{
	all_to_all(2, false);
	all_to_all(4, false);
	all_to_all(2, true);
	all_to_all(KAPI_MAX_ACTORS, true);
	a_late_one();
	the_broken_twin();
	return done();
}
