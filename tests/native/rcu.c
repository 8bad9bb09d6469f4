/*
 * Grace periods, by membarrier and by fences in the readers: one waits for a
 * section that began before it, and for no other.
 */
#include <kapi.h>

#include "native/clock.h"
#include "rig.h"
#include "tap.h"

enum { UPDATER, LATER, READER, N_ACTORS }; /* the updater scans in this order */

struct trial {
	unsigned step; /* what has happened; atomic */
	unsigned grace_over;
	bool irq;
	bool again; /* the reader enters once more at once */
	bool before_waited, later_ignored;
};

enum { NOTHING, READER_INSIDE, LATER_INSIDE, GRACE_OVER, ALL_SEEN };

static bool come_to(struct trial *t, unsigned step, unsigned ms)
{
	return await_u32(&t->step, step, ms);
}

static void go_to(struct trial *t, unsigned step)
{
	__atomic_store_n(&t->step, step, __ATOMIC_RELEASE);
}

static void updater(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;

	(void)cpu;
	come_to(t, READER_INSIDE, 5000);
	synchronize_rcu();
	__atomic_store_n(&t->grace_over, 1, __ATOMIC_RELEASE);
}

static void leave(const struct trial *t)
{
	if (t->irq)
		local_irq_enable();
	else
		rcu_read_unlock();
}

static void enter(const struct trial *t)
{
	if (t->irq)
		local_irq_disable();
	else
		rcu_read_lock();
}

/* Inside before the grace period begins. */
static void reader(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	const struct cpu *updating = &cpu->machine->cpus[UPDATER];

	enter(t);
	go_to(t, READER_INSIDE);
	if (!await_u32(&updating->waiting, READER + 1, 5000))
		return;
	come_to(t, LATER_INSIDE, 5000);
	sleep_ms(20);
	t->before_waited = !__atomic_load_n(&t->grace_over, __ATOMIC_ACQUIRE);
	leave(t);
	if (t->again)
		enter(t);
	come_to(t, ALL_SEEN, 5000);
	if (t->again)
		leave(t);
}

/* Enters while the grace period waits for the reader, and stays. */
static void later(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	const struct cpu *updating = &cpu->machine->cpus[UPDATER];

	if (await_u32(&updating->waiting, READER + 1, 5000))
		rcu_read_lock();
	go_to(t, LATER_INSIDE);
	t->later_ignored = await_u32(&t->grace_over, 1, 5000);
	go_to(t, ALL_SEEN);
	if (cpu->rcu_nest)
		rcu_read_unlock();
}

static void whom_it_waits_for(bool fence, bool irq, bool again)
{
	static rig_actor *const actors[] = { updater, later, reader };
	const char *how = fence ? "fences" : "membarrier";
	struct trial t = { .irq = irq, .again = again };
	static struct rig r;
	unsigned i;

	rig_create(&r, N_ACTORS);
	for (i = 0; i < N_ACTORS; i++)
		r.machine.cpus[i].rcu_fence = fence;
	rig_run(&r, actors, &t, false);
	ok(t.before_waited, "%s: waits for %s that began before", how,
	   irq ? "an IRQ-off section" : "a section");
	ok(t.later_ignored, "%s: and not for one that began after%s", how,
	   again ? ", not even of the same reader" : "");
	rig_destroy(&r);
}

/* ---- reuse after a grace period, as fast as it goes ---- */

#define UPDATES 1000u

struct reuse {
	uint32_t current, over;
	uint32_t alive[2]; /* 1: the object may be read */
	unsigned met_dead, reads;
};

static void reuser(struct cpu *cpu, void *argument)
{
	struct reuse *s = argument;
	uint32_t i;

	for (i = 1; i <= UPDATES; i++) {
		uint32_t new = i & 1;

		WRITE_ONCE(s->alive[new], 1);
		rcu_assign_pointer(s->current, new);
		synchronize_rcu();
		WRITE_ONCE(s->alive[!new], 0);
		/* on one CPU the readers would hardly run */
		if (i % 64 == 0)
			native_spin(1000);
	}
	__atomic_store_n(&s->over, 1, __ATOMIC_RELEASE);
	(void)cpu;
}

static void follower(struct cpu *cpu, void *argument)
{
	struct reuse *s = argument;
	unsigned reads = 0, dead = 0;

	while (!__atomic_load_n(&s->over, __ATOMIC_ACQUIRE)) {
		uint32_t i;

		rcu_read_lock();
		i = rcu_dereference(s->current);
		native_spin(reads % 64);
		dead += !READ_ONCE(s->alive[i]);
		rcu_read_unlock();
		reads++;
	}
	__atomic_fetch_add(&s->reads, reads, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->met_dead, dead, __ATOMIC_RELAXED);
	(void)cpu;
}

static void reuse(bool fence)
{
	static rig_actor *const actors[] = { reuser, follower, follower };
	struct reuse s = { .alive = { 1, 1 } };
	static struct rig r;
	unsigned i;

	rig_create(&r, 3);
	for (i = 0; i < 3; i++)
		r.machine.cpus[i].rcu_fence = fence;
	rig_run(&r, actors, &s, false);
	ok(!s.met_dead, "%s: no reader meets an object after its grace period, %u reads",
	   fence ? "fences" : "membarrier", s.reads);
	rig_destroy(&r);
}

static void nesting(void)
{
	static struct rig r;
	struct cpu *cpu;

	rig_create(&r, 1);
	cpu = &r.machine.cpus[0];
	rcu_read_lock();
	rcu_read_lock();
	rcu_read_unlock();
	ok(cpu->rcu & 1, "an inner section does not end the outer one");
	rcu_read_unlock();
	ok(!(cpu->rcu & 1), "the outer one ends it");
	synchronize_rcu();
	ok(!cpu->invariant, "a grace period outside any section returns");
	rcu_read_lock();
	synchronize_rcu();
	ok(cpu->invariant == 8, "inside a section it would wait for itself: I8, not a hang");
	rcu_read_unlock();
	rig_destroy(&r);
}

int main(void)
{
	bool fence;

	for (fence = !rcu_have_membarrier();; fence = true) {
		whom_it_waits_for(fence, false, false);
		whom_it_waits_for(fence, false, true);
		whom_it_waits_for(fence, true, false);
		reuse(fence);
		if (fence)
			break;
	}
	nesting();
	return done();
}
