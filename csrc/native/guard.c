#include "native/guard.h"

#include "native/machine.h"
#include "native/machine_state.h"
#include "native/pause.h"

void guard_release(struct cpu *cpu)
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
		__atomic_store_n(&cpu->machine->window_abandoned, 1, __ATOMIC_RELAXED);
	cpu->broken = 0;
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
	cpu->aborted++;
}

/* Own frame: nothing but the arguments is live across the jump. */
__attribute__((noinline)) unsigned guard_run(struct cpu *cpu, unsigned (*once)(void *state))
{
	unsigned result;

	cpu->hazard = 0;
	if (sigsetjmp(cpu->recovery, 0)) {
		cpu->guarded = 0;
		guard_release(cpu);
		return RESULT_ABORTED | (unsigned)cpu->hazard << 8 | (unsigned)cpu->invariant;
	}
	cpu->guarded = 1;
	result = once(cpu->state);
	cpu->guarded = 0;
	return result | cpu->notes;
}
