/* The catalogue's questions, answered from the scenario structs. */
#ifndef SCENARIOS_DESCRIBE_H
#define SCENARIOS_DESCRIBE_H

#include "catalogue.h"

/* One sentence on hazard n of docs/hazards.md and the invariant it breaks. */
struct hazard_text {
	const char *name; /* "H1" */
	const char *about;
	int invariant;
};

extern const struct hazard_text hazard_texts[];
extern const unsigned n_hazard_texts;

#endif
