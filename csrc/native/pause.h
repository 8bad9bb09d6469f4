/* Pausing every other CPU of a machine wherever it is, as by an IPI; and its end. */
#ifndef NATIVE_PAUSE_H
#define NATIVE_PAUSE_H

#include "api.h"
#include "native/cpu.h"

/* The signal's handler, counted: as many users as called. */
int pause_install(vms_error *err);
void pause_uninstall(void);
/* wait: until all have answered. */
void pause_others(struct cpu *cpu, bool wait);
/* Does nothing for a CPU that paused nobody. */
void pause_resume(struct cpu *cpu);
/* As pause_resume(), and until every peer runs again. */
void pause_resume_all(struct cpu *cpu);
/* Answers the pause that came while interrupts were off. */
void pause_pending(struct cpu *cpu);

#endif
