#include "scenarios/describe.h"

#include <string.h>

int vms_abi(void)
{
	return VMS_ABI;
}

void vms_scenario_describe(const vms_scenario *v, vms_scenario_info *out)
{
	const struct scenario *s = v->plain[0];

	memset(out, 0, sizeof(*out));
	out->name = s->name;
	out->title = s->title;
	out->story = s->story;
	out->source = s->source;
	out->file = s->file;
	out->n_params = (int32_t)s->n_params;
	out->n_actors = (int32_t)s->n_actors;
	out->n_outcomes = (int32_t)s->n_outcomes;
	out->uses_vmemmap = (s->flags & SCENARIO_VMEMMAP) != 0;
	out->hardware = !(s->flags & SCENARIO_MODEL_ONLY);
	out->ordering = (s->flags & SCENARIO_ORDERING) != 0;
}

int vms_scenario_param(const vms_scenario *v, int index, vms_param_info *out)
{
	const struct scenario *s = v->plain[0];
	const struct param *p;

	if (index < 0 || index >= (int)s->n_params)
		return VMS_EINVAL;
	p = &s->params[index];
	*out = (vms_param_info){ p->name, p->about, p->low, p->high, p->preset };
	return VMS_OK;
}

int vms_scenario_actor(const vms_scenario *v, int index, vms_actor_info *out)
{
	const struct scenario *s = v->plain[0];

	if (index < 0 || index >= (int)s->n_actors)
		return VMS_EINVAL;
	*out = (vms_actor_info){ s->actors[index].name, s->actors[index].about };
	return VMS_OK;
}

int vms_scenario_threads(const vms_scenario *v, const int32_t *params)
{
	const struct scenario *s = v->plain[0];
	unsigned i;
	int n = 0;

	for (i = 0; i < s->n_actors; i++) {
		int times = s->actors[i].times_param;

		n += times ? params[times - 1] : 1;
	}
	return n;
}

/* The scenario's own, the hazards, and one for a check that answered nonsense. */
int vms_outcome_rows(const vms_scenario *v)
{
	return (int)(v->plain[0]->n_outcomes + n_hazard_texts + 1);
}

static void hazard_row(unsigned n, vms_outcome_info *out)
{
	const struct hazard_text *h = &hazard_texts[n];

	*out = (vms_outcome_info){ h->name, h->about, VMS_GRADE_FORBIDDEN, (int32_t)n + 1,
				   h->invariant };
}

int vms_outcome_row(const vms_scenario *v, int row, vms_outcome_info *out)
{
	const struct scenario *s = v->plain[0];
	unsigned own = s->n_outcomes;

	if (row < 0 || row >= vms_outcome_rows(v))
		return VMS_EINVAL;
	if ((unsigned)row < own) {
		const struct outcome *o = &s->outcomes[row];

		*out = (vms_outcome_info){ o->name, o->about, o->grade, o->hazard, o->invariant };
	} else if ((unsigned)row < own + n_hazard_texts) {
		hazard_row((unsigned)row - own, out);
	} else {
		*out = (vms_outcome_info){ "no-outcome",
					   "the check returned none of the scenario's outcomes, or a "
					   "CPU would have waited for itself for ever",
					   VMS_GRADE_FORBIDDEN, 0, 8 };
	}
	return VMS_OK;
}
