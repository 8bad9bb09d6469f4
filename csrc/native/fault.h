/* Real faults of CPUs in their own window: told apart, recorded, and the run ended. */
#ifndef NATIVE_FAULT_H
#define NATIVE_FAULT_H

#include "api.h"
#include "native/cpu.h"

/* The handlers, counted: as many users as called. */
int fault_install(vms_error *err);
void fault_uninstall(void);
/* False: somebody else took SIGSEGV meanwhile. */
bool fault_installed(void);
/* Wakes the handlers that sleep for an entry that now stands. */
void fault_wake(struct cpu *cpu, struct pte *p);
/* Ends the run of a guarded CPU; notes the violation of any other. */
void fault_violate(struct cpu *cpu, int hazard, int invariant);
_Noreturn void fault_abort_run(struct cpu *cpu, int hazard, int invariant);

#endif
