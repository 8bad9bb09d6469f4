/*
 * A machine without a hunt: CPUs, and if asked for a memory map, that a test drives
 * by hand. The parts under test are the ones that a hunt uses.
 */
#ifndef RIG_H
#define RIG_H

#include "kapi/scenario.h"
#include "native/fault.h"
#include "native/guard.h"
#include "native/machine.h"
#include "native/machine_state.h"
#include "native/meet.h"
#include "native/ops.h"
#include "native/pause.h"
#include "native/rcu.h"

struct rig {
	struct machine machine;
	struct batch batch;    /* one instance, of all CPUs */
	struct regime regime;
	int32_t params[VMS_MAX_PARAMS];
	uint64_t state[8];
};

/* Ends the program with "Bail out!" when it cannot be set up. */
void rig_create(struct rig *r, unsigned n_actors);
/* blocks huge pages of vmemmap_pages; 0 pages: as for 2 MiB here. */
void rig_map(struct rig *r, unsigned vmemmap_pages, unsigned blocks);
void rig_destroy(struct rig *r);

typedef void rig_actor(struct cpu *cpu, void *argument);

/* actors[i] on a thread of its own as CPU i, all on one CPU of the host if asked.
 * No actor begins before every thread exists. */
void rig_run(struct rig *r, rig_actor *const *actors, void *argument, bool one_cpu);
void rig_run_on(struct machine *m, rig_actor *const *actors, void *argument, bool one_cpu);

static inline struct batch *rig_batch(const struct cpu *cpu)
{
	return &((struct rig *)(void *)((char *)cpu->machine - offsetof(struct rig, machine)))->batch;
}

/* once() as the run of actor 0 on this thread, faults caught as in a hunt. */
unsigned rig_guarded(struct rig *r, unsigned (*once)(void *state));

/* The row of the last fault recorded, and forget it; kind NULL: there was none. */
vms_fault rig_take_fault(struct rig *r);

void sleep_ms(unsigned ms);
void pin_to_one_cpu(void);
/* In a folder, . and .. too; 0 when it cannot be read. */
unsigned entries(const char *path);
unsigned mappings(void);
/* A thread that was joined may stay listed until the kernel has reaped it: the fewest
 * within so many milliseconds, or as soon as they are as few as wanted. */
unsigned fewest_threads(unsigned ms, unsigned wanted);
/* Until *word is value; false after ms. */
bool await_u32(const uint32_t *word, uint32_t value, unsigned ms);

#endif
