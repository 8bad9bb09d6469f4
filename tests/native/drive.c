#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native/clock.h"

static void bail_out(const char *what, const char *name)
{
	printf("Bail out! %s %s\n", what, name);
	exit(1);
}

const vms_scenario *find_scenario(const char *name)
{
	vms_scenario_info info;
	int i;

	for (i = 0; i < vms_scenario_count(); i++) {
		vms_scenario_describe(vms_scenario_at(i), &info);
		if (!strcmp(info.name, name))
			return vms_scenario_at(i);
	}
	bail_out("no scenario", name);
	return NULL;
}

static int find_knob(const char *name)
{
	int k;

	for (k = 0; k < vms_knob_count(); k++) {
		if (!strcmp(vms_knob_name(k), name))
			return k;
	}
	bail_out("no knob", name);
	return -1;
}

int knob_choice(const char *knob, const char *choice)
{
	int k = find_knob(knob), c;

	for (c = 0; c < vms_knob_choices(k); c++) {
		if (!strcmp(vms_knob_choice(k, c), choice))
			return c;
	}
	bail_out("no choice", choice);
	return -1;
}

void drive_config(vms_hunt_config *c, const char *scenario)
{
	vms_scenario_info info;
	vms_param_info p;
	int i;

	memset(c, 0, sizeof(*c));
	c->scenario = find_scenario(scenario);
	vms_scenario_describe(c->scenario, &info);
	for (i = 0; i < info.n_params; i++) {
		vms_scenario_param(c->scenario, i, &p);
		c->params[i] = p.preset;
	}
	for (i = 0; i < vms_knob_count(); i++)
		c->knobs[i] = vms_knob_preset(i);
	c->seed = 1;
	c->budget_ns = 60000000000u;
	c->membarrier = 1;
	c->skew = INT32_MIN;
	c->n_threads = vms_scenario_threads(c->scenario, c->params);
}

void drive_param(vms_hunt_config *c, const char *param, int32_t value)
{
	vms_param_info p;
	int i;

	for (i = 0; vms_scenario_param(c->scenario, i, &p) == VMS_OK; i++) {
		if (!strcmp(p.name, param)) {
			c->params[i] = value;
			c->n_threads = vms_scenario_threads(c->scenario, c->params);
			return;
		}
	}
	bail_out("no parameter", param);
}

void drive_knobs(vms_hunt_config *c, const char *text)
{
	char copy[512], *word, *rest = copy, *choice;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strtok_r(rest, " ", &rest))) {
		choice = strchr(word, '=');
		if (!choice)
			bail_out("no choice in", word);
		*choice++ = '\0';
		c->knobs[find_knob(word)] = knob_choice(word, choice);
	}
}

static void collect(vms_hunt *h, const vms_hunt_config *c, struct driven *out)
{
	int i, n = vms_hunt_counts(h, out->counts, 160);

	if (n != vms_outcome_rows(c->scenario))
		bail_out("rows", "do not fit");
	for (i = 0; i < n; i++)
		out->sum += out->counts[i];
	vms_hunt_progress(h, &out->progress);
	out->n_faults = vms_hunt_faults(h, out->faults, VMS_MAX_FAULTS);
	vms_hunt_error(h, &out->error);
}

void drive(const vms_hunt_config *c, uint64_t samples, unsigned seconds, struct driven *out)
{
	uint64_t end = clock_now_ns() + seconds * 1000000000ull;
	vms_progress p = { 0 };
	vms_error e;
	vms_hunt *h;

	memset(out, 0, sizeof(*out));
	h = vms_hunt_start(c, &e);
	if (!h)
		bail_out("the hunt did not start:", e.text);
	while (!vms_hunt_wait(h, 2)) {
		vms_hunt_progress(h, &p);
		if ((samples && p.samples >= samples) || clock_now_ns() > end)
			break;
	}
	vms_hunt_stop(h);
	out->ended = vms_hunt_wait(h, 20000);
	if (out->ended)
		collect(h, c, out);
	else
		bail_out("threads did not end:", "");
	vms_hunt_free(h);
}

uint64_t drive_forbidden(const vms_hunt_config *c, const struct driven *d, int hazard)
{
	vms_outcome_info o;
	uint64_t n = 0;
	int row;

	for (row = 0; vms_outcome_row(c->scenario, row, &o) == VMS_OK; row++) {
		if (o.grade == VMS_GRADE_FORBIDDEN && (!hazard || o.hazard == hazard))
			n += d->counts[row];
	}
	return n;
}

uint64_t drive_count(const vms_hunt_config *c, const struct driven *d, const char *outcome)
{
	vms_outcome_info o;
	uint64_t n = 0;
	int row;

	for (row = 0; vms_outcome_row(c->scenario, row, &o) == VMS_OK; row++) {
		if (!strcmp(o.name, outcome))
			n += d->counts[row];
	}
	return n;
}
