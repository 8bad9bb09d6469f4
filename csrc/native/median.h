/* The middle of some samples, which a disturbed one moves little. */
#ifndef NATIVE_MEDIAN_H
#define NATIVE_MEDIAN_H

#include <stdlib.h>

static inline int double_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* n > 0. Sorts them. */
static inline double median_of(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), double_by_value);
	return v[n / 2];
}

#endif
