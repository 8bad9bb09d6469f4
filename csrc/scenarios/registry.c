#include "catalogue.h"

#include "arch/host.h"
#include "scenarios/list.h"

#ifdef SCENARIO_TWO_VARIANTS
#define BUILDS(X, ident) X(ident, plain_llsc) X(ident, plain_lse) \
			 X(ident, points_llsc) X(ident, points_lse)
#define ROW(ident) { { &scenario_##ident##_plain_llsc, &scenario_##ident##_plain_lse }, \
		     { &scenario_##ident##_points_llsc, &scenario_##ident##_points_lse } },
#else
#define BUILDS(X, ident) X(ident, plain_only) X(ident, points_only)
#define ROW(ident) { { &scenario_##ident##_plain_only, &scenario_##ident##_plain_only }, \
		     { &scenario_##ident##_points_only, &scenario_##ident##_points_only } },
#endif

#define DECLARE(ident, build) extern const struct scenario scenario_##ident##_##build;
#define DECLARE_BUILDS(ident) BUILDS(DECLARE, ident)
SCENARIO_LIST(DECLARE_BUILDS)

static const struct vms_scenario shipped[] = { SCENARIO_LIST(ROW) };

int vms_scenario_count(void)
{
	return (int)(sizeof(shipped) / sizeof(shipped[0]));
}

const vms_scenario *vms_scenario_at(int index)
{
	return index < 0 || index >= vms_scenario_count() ? NULL : &shipped[index];
}

unsigned vms_variant(int atomics)
{
	if (atomics == VMS_ATOMICS_LLSC)
		return VARIANT_FIRST;
	if (atomics == VMS_ATOMICS_LSE)
		return VARIANT_LSE;
	return arch_has_lse() > 0 ? VARIANT_LSE : VARIANT_FIRST;
}
