/*
 * Grace periods by per-reader counters (the "memb" flavour of Desnoyers et al.,
 * User-Level Implementations of Read-Copy Update, TPDS 2012, with a counter that
 * is odd inside a section instead of a global phase: readers are few).
 *
 * Why it is right. The fence of the membarrier falls, in each reader,
 * either before its counter went odd or after. Before: that section starts after
 * all that the updater did earlier, and need not be waited for. After: the odd
 * counter is visible here, and is waited for until it changes. No second fence: a
 * section ends with a release that the poll acquires.
 */
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/host.h"
#include "native/fault.h"
#include "native/machine_state.h"
#include "native/rcu.h"

static int membarrier(int command)
{
	return (int)syscall(SYS_membarrier, command, 0, 0);
}

/* Registers the process on the first call; the kernel keeps that. */
bool rcu_have_membarrier(void)
{
	int commands = membarrier(MEMBARRIER_CMD_QUERY);

	if (commands < 0 || !(commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return false;
	return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

static void fence_all(const struct cpu *cpu)
{
	/* with rcu_fence the readers fence themselves: only ours is missing */
	if (cpu->rcu_fence || membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		arch_smp_mb(); /* pairs with the fence in native_rcu_enter() */
}

static void wait_for_reader(struct cpu *cpu, const struct cpu *reader)
{
	/* acquire: the section's accesses before ours; pairs with the release in
	 * native_rcu_leave() */
	unsigned long seen = __atomic_load_n(&reader->rcu, __ATOMIC_ACQUIRE);
	unsigned spins = 0;

	if (!(seen & 1))
		return;
	/* relaxed: a reader that stalls for us gives up, or both wait for ever */
	__atomic_store_n(&cpu->waiting, reader->actor + 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&reader->rcu, __ATOMIC_ACQUIRE) == seen) {
		arch_cpu_relax();
		if (++spins > 200)
			sched_yield();
	}
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
}

/* Whether remapping fences the peers by itself, by the IPI of its shootdown. */
static bool shootdown_interrupts(void)
{
	static int known; /* 0 until asked; relaxed: every thread finds the same */
	int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!answer) {
		answer = arch_shootdown_interrupts() ? 1 : 2;
		__atomic_store_n(&known, answer, __ATOMIC_RELAXED);
	}
	return answer == 1;
}

/*
 * An x86 flush is an IPI to every CPU and waits for the answers, so it is held off
 * by a CPU with interrupts off, on which GUP-fast relies. An arm64 TLBI is a
 * broadcast and needs nobody's consent: regimes with break-before-make, or with a
 * change in place, have that one.
 */
void rcu_tlb_flush(struct cpu *cpu)
{
	const struct machine *m = cpu->machine;
	unsigned i;

	if (cpu->regime->replace != REPLACE_ATOMIC)
		return;
	/* The remap before this, then a look at each peer; each peer says that its
	 * interrupts are off, then looks at the map. A full fence on both sides, so that
	 * a section that we do not see yet begins with the new map. On the peer it is the
	 * interrupt of the shootdown; a broadcast, as arm64's TLBI, is none. */
	if (!shootdown_interrupts())
		fence_all(cpu);
	for (i = 0; i < m->n_cpus; i++) {
		/* acquire: a section that is over, before what we do next; pairs with
		 * native_irq_on(). The end of one that we see is acquired by the poll,
		 * which pairs with native_rcu_leave(). */
		if (i != cpu->actor && __atomic_load_n(&m->cpus[i].irq_off, __ATOMIC_ACQUIRE))
			wait_for_reader(cpu, &m->cpus[i]);
	}
}

void rcu_synchronize(struct cpu *cpu)
{
	const struct machine *m = cpu->machine;
	unsigned i;

	if (cpu->rcu_nest) {
		/* would wait for itself */
		fault_violate(cpu, 0, 8);
		return;
	}
	fence_all(cpu);
	for (i = 0; i < m->n_cpus; i++) {
		if (i != cpu->actor)
			wait_for_reader(cpu, &m->cpus[i]);
	}
}
