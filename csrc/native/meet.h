/* Waiting for peers: the slow halves of the rendezvous, of a retry and of a lock. */
#ifndef NATIVE_MEET_H
#define NATIVE_MEET_H

#include "native/cpu.h"

void meet_slow(struct cpu *cpu, uint64_t ticket);
void meet_relax(struct cpu *cpu);
void meet_spin_lock_slow(struct cpu *cpu, int *lock);

#endif
