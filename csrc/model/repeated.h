#ifndef MODEL_REPEATED_H
#define MODEL_REPEATED_H

#include "model/model.h"

/* The local state whose request one CPU made most often in its longest run without a
 * relax between, and how often; LOCAL_NONE: there is none. */
uint32_t model_repeated(const struct model *m, unsigned *n);

#endif
