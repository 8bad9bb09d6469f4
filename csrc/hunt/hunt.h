/* A hunt: what its teams share, and what they ask of it. It knows nothing of a team. */
#ifndef HUNT_HUNT_H
#define HUNT_HUNT_H

#include "catalogue.h"
#include "native/cpu.h"
#include "native/runner.h"

struct team;

struct hunt {
	vms_hunt_config config;
	struct regime regime;
	const vms_scenario *scenario;
	unsigned n_teams, per_team;
	struct team *teams;
	vms_thread_stat *stats; /* [team][actor] */
	uint64_t started_ns;
	bool membarrier, gigantic, handlers;
	int found;              /* atomic, relaxed: asked and answered between batches */
	struct runner runner;
};

struct vms_hunt {
	struct hunt h;
};

/* Between batches: budget over, asked to stop, found, or failed. */
bool hunt_over(const struct hunt *h);
/* A forbidden outcome was counted. */
void hunt_found(struct hunt *h);
uint32_t hunt_page_size(void);

#define STATE_ALIGN 64u

#endif
