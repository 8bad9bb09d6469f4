#ifndef MODEL_REGISTRY_H
#define MODEL_REGISTRY_H

#include "api.h"
#include "kapi/contract.h"

/* The same scenario, built for the search; NULL: it has no such build. */
const struct scenario *model_scenario(const vms_scenario *s);

#endif
