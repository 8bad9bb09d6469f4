/*
 * A team without a hunt: CPUs, and if asked for a memory map, that a test drives
 * by hand. The parts under test are the ones that a hunt uses.
 */
#ifndef RIG_H
#define RIG_H

#include "hunt/team.h"

struct rig {
	struct team team;
	struct regime regime;
	int32_t params[VMS_MAX_PARAMS];
	uint64_t state[8];
	unsigned results[KAPI_MAX_ACTORS][1];
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

/* once() as the run of actor 0 on this thread, faults caught as in a hunt. */
unsigned rig_guarded(struct rig *r, unsigned (*once)(void *state));
static inline int rig_hazard(unsigned result)
{
	return result & RESULT_ABORTED ? (int)(result >> 8 & 0xff) : 0;
}

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
