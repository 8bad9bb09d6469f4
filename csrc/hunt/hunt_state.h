/* The hunt itself, for the two files that own it: hunt.c and hunt_start.c. */
#ifndef HUNT_HUNT_STATE_H
#define HUNT_HUNT_STATE_H

#include "catalogue.h"
#include "hunt/hunt.h"

struct hunt {
	vms_hunt_config config;
	struct regime regime;
	const vms_scenario *scenario;
	unsigned n_teams, per_team;
	struct team *teams;
	vms_thread_stat *stats; /* [team][actor] */
	uint64_t started_ns;
	bool membarrier, gigantic, handlers, joined;
	int stop, found;        /* atomic, relaxed: asked and answered between batches */
	pthread_mutex_t lock;   /* running, error */
	pthread_cond_t ended;
	unsigned running;
	uint64_t ended_ns;
	vms_error error;
};

struct vms_hunt {
	struct hunt h;
};

#endif
