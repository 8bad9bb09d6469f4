/* What the core says of itself: knobs, scenarios, outcomes, the host, and the errors
 * of whoever asks for what there is not. */
#include <string.h>

#include "drive.h"
#include "kapi/regime.h"
#include "tap.h"

static unsigned bad_knob(int k)
{
	int c, d, n = vms_knob_choices(k), preset = vms_knob_preset(k);
	unsigned bad = 0;

	bad += !vms_knob_name(k) || !vms_knob_about(k) || !*vms_knob_about(k);
	bad += n < 2 || preset < 0 || preset >= n;
	for (c = 0; c < n; c++) {
		bad += !vms_knob_choice(k, c) || !*vms_knob_choice(k, c);
		for (d = 0; d < c; d++)
			bad += !strcmp(vms_knob_choice(k, c), vms_knob_choice(k, d));
	}
	for (c = 0; c < k; c++)
		bad += !strcmp(vms_knob_name(c), vms_knob_name(k));
	return bad;
}

static void the_knobs(void)
{
	int k, n = vms_knob_count();
	unsigned bad = 0;

	ok(n * sizeof(int32_t) == sizeof(struct regime) && n <= VMS_MAX_KNOBS,
	   "a regime has one value for each knob");
	for (k = 0; k < n; k++)
		bad += bad_knob(k);
	ok(!bad, "knobs and their choices have names of their own, and presets that exist");
	ok(!vms_knob_name(-1) && !vms_knob_name(n) && !vms_knob_choices(n) &&
	   !vms_knob_choice(0, -1) && !vms_knob_choice(0, vms_knob_choices(0)) && !vms_knob_about(n),
	   "there is nothing outside the table");
	ok(knob_choice("tail", "shared-read-only") == TAIL_SHARED_READ_ONLY &&
	   knob_choice("get_guard", "count-then-fake-head") == GUARD_COUNT_THEN_FAKE_HEAD &&
	   knob_choice("grace_period", "after-remap") == GRACE_AFTER_REMAP &&
	   knob_choice("window", "stop") == WINDOW_STOP && knob_choice("get_rcu", "true") == 1,
	   "the names mean what the code means by them");
}

static unsigned bad_rows(const vms_scenario *s, const vms_scenario_info *info)
{
	int row, rows = vms_outcome_rows(s);
	unsigned bad = 0;
	vms_outcome_info o;

	for (row = 0; row < rows; row++) {
		bad += vms_outcome_row(s, row, &o) != VMS_OK;
		bad += !o.name || !*o.name || !o.about || strlen(o.about) < 10;
		bad += o.grade < VMS_GRADE_OK || o.grade > VMS_GRADE_FORBIDDEN;
		bad += o.hazard < 0 || o.hazard > VMS_MAX_HAZARDS || o.invariant < 0 || o.invariant > 9;
		if (row >= info->n_outcomes && row < rows - 1)
			bad += o.hazard != row - info->n_outcomes + 1 ||
			       o.grade != VMS_GRADE_FORBIDDEN;
	}
	return bad + (vms_outcome_row(s, rows, &o) == VMS_OK) + (vms_outcome_row(s, -1, &o) == VMS_OK);
}

static unsigned bad_params(const vms_scenario *s, const vms_scenario_info *info)
{
	int32_t presets[VMS_MAX_PARAMS] = { 0 };
	vms_actor_info actor;
	vms_param_info p;
	unsigned bad = 0;
	int i;

	for (i = 0; i < info->n_params; i++) {
		bad += vms_scenario_param(s, i, &p) != VMS_OK || !p.name || !p.about;
		bad += p.low > p.preset || p.preset > p.high;
		presets[i] = p.preset;
	}
	for (i = 0; i < info->n_actors; i++)
		bad += vms_scenario_actor(s, i, &actor) != VMS_OK || !actor.name || !*actor.about;
	bad += vms_scenario_param(s, info->n_params, &p) == VMS_OK;
	bad += vms_scenario_actor(s, -1, &actor) == VMS_OK;
	return bad + (vms_scenario_threads(s, presets) < 1);
}

static void the_scenarios(void)
{
	int i, n = vms_scenario_count();
	vms_scenario_info info;

	ok(n > 0 && !vms_scenario_at(-1) && !vms_scenario_at(n), "scenarios are numbered from 0");
	for (i = 0; i < n; i++) {
		const vms_scenario *s = vms_scenario_at(i);

		vms_scenario_describe(s, &info);
		ok(!bad_rows(s, &info) && !bad_params(s, &info) && *info.title && *info.story &&
		   *info.source && strstr(info.file, "scenarios/") && find_scenario(info.name) == s,
		   "%s: outcomes, parameters and actors are told in full", info.name);
	}
}

static void the_host(void)
{
	vms_host h;

	vms_host_describe(&h);
	ok(*h.arch && *h.atomics && h.page_size >= 4096 && h.cache_line >= 32,
	   "the host is described: %s, %s", h.arch, h.atomics);
	ok(vms_abi() == VMS_ABI, "and the version is the header's");
	ok(vms_probe_clock_cost_ns() >= 0 && vms_probe_clock_step_ns() >= 0 &&
	   vms_probe_remap_ns() > 0, "the probes measure");
	ok(vms_probe_handoff_ns(-1, 0, 1000) < 0 && vms_probe_handoff_ns(0, 1 << 20, 1000) < 0,
	   "a CPU that does not exist is an error");
}

static void refused(const char *what, vms_hunt_config *c, int status, const char *says)
{
	vms_error e = { 0 };
	vms_hunt *h = vms_hunt_start(c, &e);

	ok(!h && e.status == status && strstr(e.text, says), "refused: %s: %s", what, e.text);
	if (h)
		vms_hunt_free(h);
}

static void bad_configurations(void)
{
	vms_hunt_config c = { .n_threads = 2 };
	vms_error e = { 0 };
	int32_t nowhere[] = { 1 << 20, 1 << 20 };

	refused("no scenario", &c, VMS_EINVAL, "no scenario");
	drive_config(&c, "specref");
	c.params[1] = 9;
	refused("a parameter out of range", &c, VMS_EINVAL, "bug");
	drive_config(&c, "specref");
	c.n_threads = 3;
	refused("threads that make no team", &c, VMS_EINVAL, "multiple of 2");
	drive_config(&c, "specref");
	c.knobs[2] = 99;
	refused("a knob out of range", &c, VMS_EINVAL, "knob");
	drive_config(&c, "specref");
	c.batch = -1;
	refused("a negative batch", &c, VMS_EINVAL, "batch");
	drive_config(&c, "specref");
	c.cpus = nowhere;
	refused("a CPU that does not exist", &c, VMS_EINVAL, "cannot pin");
	ok(!vms_scenario_load("/nowhere.so", "/nowhere.so", "/nowhere.so", &e) && e.status == VMS_EINVAL && *e.text,
	   "refused: a scenario file that is not there");
}

int main(void)
{
	the_knobs();
	the_scenarios();
	the_host();
	bad_configurations();
	return done();
}
