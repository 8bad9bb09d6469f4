/*
 * A loop of `bench` run by a test: found by name, settings by name, and the inside of
 * the run open to a saboteur, since an oracle that never speaks proves nothing.
 */
#ifndef LOOP_RIG_H
#define LOOP_RIG_H

#include "loops/engine/engine.h"
#include "loops/engine/registry.h"

#define LOOP_RIG_THREADS 16

struct loop_trial {
	vms_loop_config config;
	const struct loop *loop;
	vms_loop_run *run;
	vms_error error;       /* of the start, or the run's */
	double counters[VMS_MAX_COUNTERS];
	uint64_t recorded[VMS_MAX_HISTOGRAMS]; /* samples */
	uint64_t operations[LOOP_RIG_THREADS];
};

/* Presets; not pinned. Ends the program when there is no such loop. */
void loop_prepare(struct loop_trial *t, const char *group, const char *name, int n_threads,
		  unsigned measure_ms);
/* setting=value, a choice by name or a number. */
void loop_set(struct loop_trial *t, const char *setting, const char *value);
/* A knob of the regime by name. */
void loop_knob(struct loop_trial *t, const char *knob, const char *choice);

/* True when it started. */
bool loop_start(struct loop_trial *t);
/* To its end (or stop it and then to its end); figures and verdict into *t, the run is
 * freed. False: it had not ended after a minute. */
bool loop_finish(struct loop_trial *t, bool stop);
/* Both. The verdict: VMS_OK or a status. */
int loop_go(struct loop_trial *t);
double loop_counter(const struct loop_trial *t, const char *name);

#endif
