/*
 * Waiting for peers without burning the CPU that they need. A short spin is in
 * the inline half; here a waiter yields and then sleeps, so that on a loaded host
 * both threads wake together and meet while both have a CPU.
 */
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "native/machine_state.h"
#include "native/meet.h"

#define YIELDS 20
#define SLEEP_NS 200000 /* a wake-up that was missed costs no more than this */

static void futex_wait(uint32_t *word, uint32_t value)
{
	struct timespec t = { 0, SLEEP_NS };

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &t, NULL, 0);
}

static void wake_sleepers(const struct machine *m)
{
	unsigned i;

	for (i = 0; i < m->n_cpus; i++) {
		struct cpu *peer = &m->cpus[i];

		/* relaxed: a sleeper that we fail to see wakes by its time-out */
		if (!__atomic_load_n(&peer->sleeping, __ATOMIC_RELAXED))
			continue;
		__atomic_store_n(&peer->sleeping, 0, __ATOMIC_RELAXED);
		syscall(SYS_futex, &peer->sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}

static bool all_arrived(const struct machine *m, uint64_t ticket)
{
	unsigned i;

	for (i = 0; i < m->n_cpus; i++) {
		/* acquire: pairs with the release in native_meet() */
		if (__atomic_load_n(&m->cpus[i].arrived, __ATOMIC_ACQUIRE) < ticket)
			return false;
	}
	return true;
}

void meet_slow(struct cpu *cpu, uint64_t ticket)
{
	const struct machine *m = cpu->machine;
	unsigned tries;

	for (tries = 0; !all_arrived(m, ticket); tries++) {
		wake_sleepers(m);
		if (tries < YIELDS) {
			sched_yield();
			continue;
		}
		__atomic_store_n(&cpu->sleeping, 1, __ATOMIC_RELAXED);
		if (!all_arrived(m, ticket))
			futex_wait(&cpu->sleeping, 1);
		__atomic_store_n(&cpu->sleeping, 0, __ATOMIC_RELAXED);
	}
	wake_sleepers(m);
}

/* A retry loop makes progress only when a peer runs, and a peer may need this CPU. */
void meet_relax(struct cpu *cpu)
{
	(void)cpu;
	arch_cpu_relax();
	sched_yield();
}

void meet_spin_lock_slow(struct cpu *cpu, int *lock)
{
	unsigned spins = 0;

	__atomic_store_n(&cpu->waiting, WAITING_FOR_ANY, __ATOMIC_RELAXED);
	/* acquire: the section after the lock; pairs with mach_spin_unlock() */
	while (__atomic_load_n(lock, __ATOMIC_RELAXED) || arch_xchg_acquire(lock, 1)) {
		arch_cpu_relax();
		if (++spins > 1000)
			sched_yield();
	}
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
}
