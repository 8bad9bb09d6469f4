/* The knobs of a regime by name, from the one list in kapi/regime.h. */
#include <stddef.h>

#include "error.h"
#include "kapi/regime.h"

#define MAX_CHOICES 5

static const struct {
	const char *name, *about;
	int preset;
	const char *choices[MAX_CHOICES]; /* ends with NULL */
} knobs[] = {
#define ROW(field, name, about, preset, ...) { name, about, preset, { __VA_ARGS__ } },
	KAPI_KNOBS(ROW)
#undef ROW
};

_Static_assert(sizeof(knobs) / sizeof(knobs[0]) * sizeof(int32_t) == sizeof(struct regime),
	       "one int32_t a knob");
_Static_assert(sizeof(knobs) / sizeof(knobs[0]) <= VMS_MAX_KNOBS, "raise VMS_MAX_KNOBS");

int vms_knob_count(void)
{
	return (int)(sizeof(knobs) / sizeof(knobs[0]));
}

static int valid(int knob)
{
	return knob >= 0 && knob < vms_knob_count();
}

const char *vms_knob_name(int knob)
{
	return valid(knob) ? knobs[knob].name : NULL;
}

const char *vms_knob_about(int knob)
{
	return valid(knob) ? knobs[knob].about : NULL;
}

int vms_knob_choices(int knob)
{
	int n = 0;

	if (!valid(knob))
		return 0;
	while (n < MAX_CHOICES && knobs[knob].choices[n])
		n++;
	return n;
}

const char *vms_knob_choice(int knob, int choice)
{
	return choice >= 0 && choice < vms_knob_choices(knob) ? knobs[knob].choices[choice] : NULL;
}

int vms_knob_preset(int knob)
{
	return valid(knob) ? knobs[knob].preset : 0;
}

int vms_check_knobs(const int32_t *choices, vms_error *err)
{
	int i;

	for (i = 0; i < vms_knob_count(); i++) {
		if (choices[i] < 0 || choices[i] >= vms_knob_choices(i))
			return vms_fail(err, VMS_EINVAL, "knob %s: choice %d is not one of %d",
					vms_knob_name(i), choices[i], vms_knob_choices(i));
	}
	return VMS_OK;
}
