/* The scenarios once more, in the build that the search runs. */
#include "model/registry.h"

#include <string.h>

#include "scenarios/list.h"
#include "catalogue.h"

#define DECLARE(ident) extern const struct scenario scenario_##ident##_model;
SCENARIO_LIST(DECLARE)

#define ROW(ident) &scenario_##ident##_model,
static const struct scenario *const shipped[] = { SCENARIO_LIST(ROW) };

const struct scenario *model_scenario(const vms_scenario *s)
{
	if (s->model)
		return s->model;
	for (unsigned i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		if (!strcmp(shipped[i]->name, s->plain[VARIANT_FIRST]->name))
			return shipped[i];
	}
	return NULL;
}
