/* A run as numbers, and back: what a token carries. */
#ifndef MODEL_SCRIPT_H
#define MODEL_SCRIPT_H

#include "model/explore.h"

/* Writes at most n numbers and returns how many there are. */
int script_write(const struct explore *x, const struct found *f, int64_t *out, int n);
/* Makes x the search of that run; false: these numbers are no run, or no memory. The
 * steps are x's to free. */
bool script_read(struct explore *x, const int64_t *in, int n);

#endif
