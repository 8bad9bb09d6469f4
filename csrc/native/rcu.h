/* Grace periods, and whom a TLB flush waits for. */
#ifndef NATIVE_RCU_H
#define NATIVE_RCU_H

#include "native/cpu.h"

/* Registers the process for private expedited fences; false: readers must fence. */
bool rcu_have_membarrier(void);
void rcu_synchronize(struct cpu *cpu);
void rcu_tlb_flush(struct cpu *cpu);

#endif
