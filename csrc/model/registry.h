#ifndef MODEL_REGISTRY_H
#define MODEL_REGISTRY_H

#include "api.h"
#include "kapi/contract.h"

/* The same scenario, built for the search; NULL: it has no such build. */
const struct scenario *model_scenario(const vms_scenario *s);

/* For scenarios that are loaded; see ops.h. */
struct model_ops;
const struct model_ops *model_ops(void);

#endif
