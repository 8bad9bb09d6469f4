/* The spinlock excludes, with a CPU for each actor and with one CPU for all. */
#include <kapi.h>

#include "rig.h"
#include "tap.h"

#define ROUNDS 20000u

struct shared {
	spinlock_t lock;
	unsigned plain, inside, intruded;
};

static void actor(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned i;

	(void)cpu;
	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&s->lock);
		s->intruded += s->inside++ != 0;
		s->plain++;
		s->inside--;
		spin_unlock(&s->lock);
	}
}

static void contend(unsigned n, bool one_cpu)
{
	rig_actor *actors[] = { actor, actor, actor };
	struct shared s = { 0 };
	static struct rig r;

	rig_create(&r, n);
	rig_run(&r, actors, &s, one_cpu);
	ok(s.plain == n * ROUNDS && !s.intruded, "%u actors%s: one at a time", n,
	   one_cpu ? " on one CPU" : "");
	ok(!s.lock.locked, "and the lock is free at the end");
	rig_destroy(&r);
}

int main(void)
{
	contend(2, false);
	contend(3, false);
	contend(3, true);
	return done();
}
