/*
 * journey SCENARIO GIGANTIC SECONDS [KNOB=CHOICE]...: one line, journeys, calls of
 * each, ns of a journey, ns of its bare calls, median ratio.
 *
 *	journey fake-head-get 0 1 tail=readonly-alias get_guard=reject
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journey.h"

static int refused(const char *what, const char *which)
{
	fprintf(stderr, "journey: no %s %s\n", what, which);
	return 2;
}

static const vms_scenario *scenario_named(const char *name)
{
	vms_scenario_info info;
	int i;

	for (i = 0; i < vms_scenario_count(); i++) {
		vms_scenario_describe(vms_scenario_at(i), &info);
		if (!strcmp(info.name, name))
			return vms_scenario_at(i);
	}
	return NULL;
}

/* False: there is no such knob, or no such choice of it. */
static int set_knob(int32_t *knobs, const char *word)
{
	size_t n = strcspn(word, "=");
	int i, c;

	for (i = 0; i < vms_knob_count() && word[n]; i++) {
		if (strncmp(vms_knob_name(i), word, n) || vms_knob_name(i)[n])
			continue;
		for (c = 0; c < vms_knob_choices(i); c++) {
			if (strcmp(vms_knob_choice(i, c), word + n + 1))
				continue;
			knobs[i] = c;
			return 1;
		}
	}
	return 0;
}

int main(int n, char **words)
{
	int32_t knobs[VMS_MAX_KNOBS] = { 0 };
	const vms_scenario *scenario;
	struct journey_cost cost;
	vms_error err;
	int i;

	if (n < 4) {
		fprintf(stderr, "usage: journey SCENARIO GIGANTIC SECONDS [KNOB=CHOICE]...\n");
		return 2;
	}
	scenario = scenario_named(words[1]);
	if (!scenario)
		return refused("scenario", words[1]);
	for (i = 0; i < vms_knob_count(); i++)
		knobs[i] = vms_knob_preset(i);
	for (i = 4; i < n; i++) {
		if (!set_knob(knobs, words[i]))
			return refused("knob or choice", words[i]);
	}
	if (journey_cost(scenario, knobs, atoi(words[2]), (uint64_t)(atof(words[3]) * 1e9), &cost,
			 &err)) {
		fprintf(stderr, "journey: %s\n", err.text);
		return err.status;
	}
	printf("%" PRIu64 " %" PRIu64 " %.1f %.1f %.4f\n", cost.journeys, cost.calls,
	       (double)cost.journey_ns / (double)cost.journeys,
	       (double)cost.bare_ns / (double)cost.journeys, cost.ratio);
	return 0;
}
