/* Hunts through the C API, as the Python side makes them. */
#ifndef DRIVE_H
#define DRIVE_H

#include <stdbool.h>

#include "api.h"

const vms_scenario *find_scenario(const char *name);
int knob_choice(const char *knob, const char *choice);

/* Everything at its preset, one instance's threads, not pinned, a minute. */
void drive_config(vms_hunt_config *c, const char *scenario);
void drive_param(vms_hunt_config *c, const char *param, int32_t value);
/* "knob=choice knob=choice ..." */
void drive_knobs(vms_hunt_config *c, const char *text);

struct driven {
	bool ended;            /* in time */
	vms_progress progress;
	uint64_t counts[160];
	uint64_t sum;          /* of counts */
	vms_error error;
	int n_faults;
	vms_fault faults[VMS_MAX_FAULTS];
};

/* Run until so many samples (0: until it ends by itself), at most seconds. */
void drive(const vms_hunt_config *c, uint64_t samples, unsigned seconds, struct driven *out);
/* Samples of forbidden outcomes with this hazard; 0: any. */
uint64_t drive_forbidden(const vms_hunt_config *c, const struct driven *d, int hazard);
uint64_t drive_count(const vms_hunt_config *c, const struct driven *d, const char *outcome);

#endif
