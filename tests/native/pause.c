/* Pausing the others: nobody moves meanwhile, and interrupts off defer it. */
#include <kapi.h>
#include <signal.h>
#include <string.h>

#include "native/clock.h"
#include "rig.h"
#include "tap.h"

enum { PAUSER, FIRST, SECOND, N_ACTORS };

struct trial {
	uint64_t count[N_ACTORS]; /* of each actor's own steps; atomic */
	uint32_t over, irq_off_now, let_go;
	unsigned moved, stuck, acknowledged_early, rounds;
	uint32_t paused;
};

static uint64_t steps(struct trial *t, unsigned i)
{
	return __atomic_load_n(&t->count[i], __ATOMIC_ACQUIRE);
}

static void counter(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;

	while (!__atomic_load_n(&t->over, __ATOMIC_RELAXED))
		__atomic_fetch_add(&t->count[cpu->actor], 1, __ATOMIC_RELAXED);
}

/* Counting goes on, but in sections that no pause may interrupt. */
static void careful_counter(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;

	while (!__atomic_load_n(&t->over, __ATOMIC_RELAXED)) {
		local_irq_disable();
		__atomic_fetch_add(&t->count[cpu->actor], 1, __ATOMIC_RELAXED);
		local_irq_enable();
	}
}

static void pauser(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	uint64_t first, second, end;
	unsigned i;

	for (i = 0; i < t->rounds; i++) {
		mach_pause_others(true, KAPI_SITE("pause"));
		first = steps(t, FIRST);
		second = steps(t, SECOND);
		sleep_ms(1);
		t->moved += steps(t, FIRST) != first || steps(t, SECOND) != second;
		mach_resume_others(KAPI_SITE("resume"));
		end = clock_now_ns() + 2000000000u;
		while ((steps(t, FIRST) == first || steps(t, SECOND) == second) &&
		       clock_now_ns() < end)
			sched_yield();
		t->stuck += steps(t, FIRST) == first || steps(t, SECOND) == second;
	}
	__atomic_store_n(&t->over, 1, __ATOMIC_RELAXED);
	(void)cpu;
}

static void nobody_moves(rig_actor *peer, bool one_cpu, const char *how)
{
	rig_actor *actors[] = { pauser, peer, peer };
	struct trial t = { .rounds = 20 };
	static struct rig r;

	rig_create(&r, N_ACTORS);
	rig_run(&r, actors, &t, one_cpu);
	ok(!t.moved, "%s: no peer makes a step while paused", how);
	ok(!t.stuck, "%s: every peer goes on afterwards", how);
	rig_destroy(&r);
}

/* ---- interrupts off ---- */

static void holder(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;

	local_irq_disable();
	__atomic_store_n(&t->irq_off_now, 1, __ATOMIC_RELEASE);
	while (!cpu->pause_deferred && !__atomic_load_n(&t->let_go, __ATOMIC_ACQUIRE))
		sched_yield();
	sleep_ms(20);
	t->acknowledged_early = __atomic_load_n(&t->paused, __ATOMIC_ACQUIRE);
	local_irq_enable();
}

static void asker(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;

	(void)cpu;
	await_u32(&t->irq_off_now, 1, 5000);
	mach_pause_others(true, KAPI_SITE("pause"));
	__atomic_store_n(&t->paused, 1, __ATOMIC_RELEASE);
	mach_resume_others(KAPI_SITE("resume"));
	__atomic_store_n(&t->let_go, 1, __ATOMIC_RELEASE);
}

static void interrupts_off_defer(void)
{
	static rig_actor *const actors[] = { asker, holder };
	struct trial t = { 0 };
	static struct rig r;

	rig_create(&r, 2);
	rig_run(&r, actors, &t, false);
	ok(!t.acknowledged_early, "a pause waits for a CPU with interrupts off");
	ok(t.paused, "and gets its answer when they are on again");
	rig_destroy(&r);
}

/* ---- two at once ---- */

static void both(struct cpu *cpu, void *argument)
{
	struct trial *t = argument;
	unsigned i;

	for (i = 0; i < t->rounds; i++) {
		mach_pause_others(true, KAPI_SITE("pause"));
		t->moved += __atomic_fetch_add(&t->paused, 1, __ATOMIC_ACQ_REL) != 0;
		__atomic_fetch_sub(&t->paused, 1, __ATOMIC_ACQ_REL);
		mach_resume_others(KAPI_SITE("resume"));
	}
	(void)cpu;
}

/* An actor that has ended its part still answers, as between two runs of a hunt. */
static void both_and_meet(struct cpu *cpu, void *argument)
{
	both(cpu, argument);
	native_meet(cpu, rig_batch(cpu));
}

static void two_pausers(void)
{
	static rig_actor *const actors[] = { both_and_meet, both_and_meet };
	struct trial t = { .rounds = 200 };
	static struct rig r;

	rig_create(&r, 2);
	rig_run(&r, actors, &t, false);
	ok(!t.moved, "of two pausers one waits for the other");
	rig_destroy(&r);
}

static bool default_action(void)
{
	struct sigaction now;

	sigaction(SIGRTMIN + 4, NULL, &now);
	return now.sa_handler == SIG_DFL;
}

static void installation(void)
{
	vms_error e = { 0 };

	ok(!default_action(), "the signal is taken while somebody may pause");
	pause_uninstall();
	ok(default_action(), "and given back after the last user");
	signal(SIGRTMIN + 4, SIG_IGN);
	ok(pause_install(&e) == VMS_EUNSUPPORTED && strstr(e.text, "taken by somebody else"),
	   "a signal that somebody else has is left alone, with a clear line");
	signal(SIGRTMIN + 4, SIG_DFL);
}

int main(void)
{
	vms_error e = { 0 };

	if (UNDER_TSAN)
		return skip_all(NO_SIGNALS);
	ok(pause_install(&e) == VMS_OK, "the pause signal is there to be taken");
	nobody_moves(counter, false, "interrupts on");
	nobody_moves(careful_counter, false, "in IRQ-off sections");
	nobody_moves(counter, true, "on one CPU");
	interrupts_off_defer();
	two_pausers();
	installation();
	return done();
}
