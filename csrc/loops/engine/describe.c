/* The loops as Python sees them: names, settings, claims. */
#include <string.h>

#include "loops/engine/list.h"
#include "loops/engine/registry.h"

#define DECLARE(ident) extern const struct loop loop_##ident;
LOOP_LIST(DECLARE)

static const struct loop *const loops[] = {
#define ROW(ident) &loop_##ident,
	LOOP_LIST(ROW)
};

const struct loop *loop_at(int index)
{
	return index < 0 || index >= vms_loop_count() ? NULL : loops[index];
}

int loop_settings(const struct loop *loop)
{
	int n = 0;

	while (n < VMS_MAX_SETTINGS && loop->settings[n].name)
		n++;
	return n;
}

int loop_choices(const struct loop_setting *s)
{
	int n = 0;

	while (s->choices && s->choices[n])
		n++;
	return n;
}

static int listed(const char *const *names, int limit)
{
	int n = 0;

	while (n < limit && names[n])
		n++;
	return n;
}

static const struct loop_setting *setting_at(int loop, int index)
{
	const struct loop *l = loop_at(loop);

	return l && index >= 0 && index < loop_settings(l) ? &l->settings[index] : NULL;
}

int vms_loop_count(void)
{
	return (int)(sizeof(loops) / sizeof(loops[0]));
}

int vms_loop_describe(int loop, vms_loop_info *out)
{
	const struct loop *l = loop_at(loop);

	if (!l)
		return VMS_EINVAL;
	*out = (vms_loop_info){
		.group = l->group,
		.name = l->name,
		.about = l->about,
		.operation = l->operation,
		.n_settings = loop_settings(l),
		.n_counters = listed(l->counters, VMS_MAX_COUNTERS),
		.n_histograms = listed(l->histograms, VMS_MAX_HISTOGRAMS),
		.least_threads = (int32_t)l->least_threads,
		.roles = (int32_t)l->roles,
		.uses_regime = l->uses_regime,
	};
	return VMS_OK;
}

int vms_loop_setting(int loop, int index, vms_setting_info *out)
{
	const struct loop_setting *s = setting_at(loop, index);

	if (!s)
		return VMS_EINVAL;
	*out = (vms_setting_info){
		.name = s->name,
		.about = s->about,
		.n_choices = loop_choices(s),
		.low = s->low,
		.high = s->choices ? loop_choices(s) - 1 : s->high,
		.preset = s->preset,
	};
	return VMS_OK;
}

const char *vms_loop_choice(int loop, int setting, int choice)
{
	const struct loop_setting *s = setting_at(loop, setting);

	return s && choice >= 0 && choice < loop_choices(s) ? s->choices[choice] : NULL;
}

const char *vms_loop_lacks(int loop, int setting, int choice)
{
	const struct loop_setting *s = setting_at(loop, setting);

	return s && s->lacks ? s->lacks(choice) : NULL;
}

const char *vms_loop_counter_name(int loop, int index)
{
	const struct loop *l = loop_at(loop);

	return l && index >= 0 && index < VMS_MAX_COUNTERS ? l->counters[index] : NULL;
}

const char *vms_loop_histogram_name(int loop, int index)
{
	const struct loop *l = loop_at(loop);

	return l && index >= 0 && index < VMS_MAX_HISTOGRAMS ? l->histograms[index] : NULL;
}

uint64_t vms_loop_code(int loop, const int32_t *settings, int atomics, const void **code)
{
	const struct loop *l = loop_at(loop);

	*code = NULL;
	return l && l->code ? l->code(settings, atomics, code) : 0;
}

const char *vms_loop_instruction(int loop, int atomics)
{
	const struct loop *l = loop_at(loop);

	return l && l->instruction ? l->instruction(atomics) : NULL;
}
