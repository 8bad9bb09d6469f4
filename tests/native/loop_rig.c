#include "loop_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bail_out(const char *what, const char *name)
{
	printf("Bail out! %s %s\n", what, name);
	exit(1);
}

void loop_prepare(struct loop_trial *t, const char *group, const char *name, int n_threads,
		  unsigned measure_ms)
{
	int i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < vms_loop_count(); i++) {
		t->loop = loop_at(i);
		if (!strcmp(t->loop->group, group) && !strcmp(t->loop->name, name))
			break;
	}
	if (i == vms_loop_count())
		bail_out("no loop", name);
	t->config.loop = i;
	t->config.n_threads = n_threads;
	t->config.warmup_ns = 2000000;
	t->config.measure_ns = measure_ms * 1000000ull;
	for (i = 0; i < loop_settings(t->loop); i++)
		t->config.settings[i] = t->loop->settings[i].preset;
	for (i = 0; i < vms_knob_count(); i++)
		t->config.knobs[i] = vms_knob_preset(i);
}

void loop_set(struct loop_trial *t, const char *setting, const char *value)
{
	int i, choice;

	for (i = 0; i < loop_settings(t->loop); i++) {
		const struct loop_setting *s = &t->loop->settings[i];

		if (strcmp(s->name, setting))
			continue;
		t->config.settings[i] = atoi(value);
		for (choice = 0; choice < loop_choices(s); choice++) {
			if (!strcmp(s->choices[choice], value))
				t->config.settings[i] = choice;
		}
		return;
	}
	bail_out("no setting", setting);
}

void loop_knob(struct loop_trial *t, const char *knob, const char *choice)
{
	int i, c;

	for (i = 0; i < vms_knob_count(); i++) {
		for (c = 0; c < vms_knob_choices(i); c++) {
			if (strcmp(vms_knob_name(i), knob) || strcmp(vms_knob_choice(i, c), choice))
				continue;
			t->config.knobs[i] = c;
			return;
		}
	}
	bail_out("no knob", knob);
}

bool loop_start(struct loop_trial *t)
{
	t->run = vms_loop_start(&t->config, &t->error);
	return t->run != NULL;
}

static void take_figures(struct loop_trial *t)
{
	uint64_t buckets[VMS_HISTOGRAM_BUCKETS];
	vms_loop_thread threads[LOOP_RIG_THREADS];
	int i, k;

	vms_loop_error(t->run, &t->error);
	vms_loop_counters(t->run, t->counters, VMS_MAX_COUNTERS);
	vms_loop_threads(t->run, threads, t->config.n_threads);
	for (i = 0; i < t->config.n_threads; i++)
		t->operations[i] = threads[i].operations;
	for (i = 0; i < VMS_MAX_HISTOGRAMS && t->loop->histograms[i]; i++) {
		t->recorded[i] = 0;
		vms_loop_histogram(t->run, i, buckets, VMS_HISTOGRAM_BUCKETS);
		for (k = 0; k < VMS_HISTOGRAM_BUCKETS; k++)
			t->recorded[i] += buckets[k];
	}
}

bool loop_finish(struct loop_trial *t, bool stop)
{
	if (stop)
		vms_loop_stop(t->run);
	if (!vms_loop_wait(t->run, 60000 + (int)(t->config.measure_ns / 1000000)))
		return false;
	take_figures(t);
	vms_loop_free(t->run);
	t->run = NULL;
	return true;
}

int loop_go(struct loop_trial *t)
{
	if (!loop_start(t))
		return t->error.status;
	if (!loop_finish(t, false))
		bail_out("does not end:", t->loop->name);
	return t->error.status;
}

double loop_counter(const struct loop_trial *t, const char *name)
{
	int i;

	for (i = 0; i < VMS_MAX_COUNTERS && t->loop->counters[i]; i++) {
		if (!strcmp(t->loop->counters[i], name))
			return t->counters[i];
	}
	bail_out("no counter", name);
	return 0;
}
