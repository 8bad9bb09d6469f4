/* What a team asks of the hunt that it belongs to. */
#ifndef HUNT_HUNT_H
#define HUNT_HUNT_H

#include "hunt/team.h"

/* Between batches: budget over, asked to stop, found, or failed. */
bool hunt_over(const struct hunt *h);
/* A forbidden outcome was counted. */
void hunt_found(struct hunt *h);
/* The result can no longer be believed, or nothing can run; the first one counts. */
void hunt_failed(struct hunt *h, const vms_error *why);
/* Returns when every thread of the hunt exists, or none may run. */
void hunt_gate(struct hunt *h);
void hunt_thread_ends(struct hunt *h);

vms_thread_stat *hunt_stat_of(const struct cpu *cpu);
const struct regime *hunt_regime(const struct hunt *h);
bool hunt_uses_membarrier(const struct hunt *h);
bool hunt_gigantic(const struct hunt *h);
uint32_t hunt_page_size(void);

#define STATE_ALIGN 64u

#endif
