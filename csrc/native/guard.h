/*
 * A run under a recovery point: what it does may fault, or break an invariant, and is
 * then cut off there, as an oops ends a task.
 */
#ifndef NATIVE_GUARD_H
#define NATIVE_GUARD_H

#include "native/cpu.h"

#define RESULT_ABORTED 0x80000000u /* | hazard << 8 | invariant */

static inline int result_hazard(unsigned result)
{
	return result & RESULT_ABORTED ? (int)(result >> 8 & 0xff) : 0;
}

/* once(cpu->state) with the run's notes, or RESULT_ABORTED and why. */
unsigned guard_run(struct cpu *cpu, unsigned (*once)(void *state));
/* Leave everything that a run held when it was cut off. */
void guard_release(struct cpu *cpu);

#endif
