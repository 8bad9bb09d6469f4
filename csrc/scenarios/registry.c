#include "scenarios/registry.h"

#include <stdlib.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#ifndef HWCAP_ATOMICS
#define HWCAP_ATOMICS (1 << 8)
#endif
#endif

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

static int host_has_lse(void)
{
#if defined(__aarch64__)
	return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0;
#else
	return 0;
#endif
}

unsigned vms_variant(int atomics)
{
	if (atomics == VMS_ATOMICS_LLSC)
		return VARIANT_FIRST;
	if (atomics == VMS_ATOMICS_LSE)
		return VARIANT_LSE;
	return host_has_lse() ? VARIANT_LSE : VARIANT_FIRST;
}
