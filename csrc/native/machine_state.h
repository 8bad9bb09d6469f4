/*
 * One machine: CPUs, the memory map that they share, the pause that one of them may
 * ask of the others, and the faults that they met. Who runs what on it, a hunt, a
 * timed loop or a test, is not its matter: whoever does embeds a struct machine.
 */
#ifndef NATIVE_MACHINE_STATE_H
#define NATIVE_MACHINE_STATE_H

#include <pthread.h>
#include <stdbool.h>

#include "api.h"
#include "native/cpu.h"
#include "native/mmu.h"

struct fault_table {
	int lock;
	int n;
	vms_fault rows[VMS_MAX_FAULTS];
};

struct pause {
	int owner;           /* actor + 1, or 0 */
	uint32_t generation; /* of the last pause asked for */
	uint32_t resumed;    /* generation up to which CPUs may run */
};

struct machine {
	unsigned n_cpus;
	struct cpu *cpus;
	pthread_t *threads;        /* of each CPU, for the signal of a pause */
	struct mmu mmu;
	bool has_mmu;
	struct pause pause;
	struct fault_table faults;
	/* Written by every CPU, relaxed: reports, not decisions. */
	uint64_t n_faults, waits;
	uint32_t window_abandoned; /* the CPU that broke a PTE will never make it */
	uint32_t sleepers;         /* fault handlers in futex_wait on an entry */
};

/* What every CPU of a machine starts with. */
struct cpu_setup {
	const struct mach_ops *ops;
	const struct regime *regime;
	const int32_t *params;
	void *state;
	bool membarrier;       /* grace periods fence the readers, who need not themselves */
};

/* The memory map, of which every CPU sees the first instance, and the CPUs, in any order.
 * m is zeroed by the caller, who destroys it also when one of these failed. */
int machine_map(struct machine *m, unsigned vmemmap_pages, unsigned blocks,
		unsigned instances, vms_error *err);
int machine_create(struct machine *m, unsigned n_cpus, const struct cpu_setup *setup,
		   vms_error *err);
void machine_destroy(struct machine *m);

#endif
