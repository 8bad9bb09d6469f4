/* Every scenario that ships, in every build that this host can run. */
#ifndef VMS_CATALOGUE_H
#define VMS_CATALOGUE_H

#include "api.h"
#include "kapi/contract.h"

/* aarch64 has two builds of every atomic, x86-64 one. */
enum scenario_variant { VARIANT_FIRST, VARIANT_LSE, SCENARIO_VARIANTS };

struct vms_scenario {
	const struct scenario *plain[SCENARIO_VARIANTS];
	const struct scenario *points[SCENARIO_VARIANTS];
	const struct scenario *model; /* of a loaded one; those that ship have a list */
};

/* Index into the tables above for a vms_atomics on this host. */
unsigned vms_variant(int atomics);

#endif
