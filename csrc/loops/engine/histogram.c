/* Log-linear buckets: below 16 ns one each, then 16 in each power of two. */
#include "loops/engine/loop.h"

#define STEP_BITS 4 /* log2 of VMS_HISTOGRAM_STEPS */

_Static_assert(VMS_HISTOGRAM_STEPS == 1 << STEP_BITS, "a step is a bit field of the value");

unsigned histogram_bucket(uint64_t ns)
{
	unsigned power, bucket;

	if (ns < VMS_HISTOGRAM_STEPS)
		return (unsigned)ns;
	power = 63 - (unsigned)__builtin_clzll(ns);
	/* The bits below the leading one choose the step. */
	bucket = (power - STEP_BITS + 1) * VMS_HISTOGRAM_STEPS +
		 (unsigned)(ns >> (power - STEP_BITS) & (VMS_HISTOGRAM_STEPS - 1));
	return bucket < VMS_HISTOGRAM_BUCKETS ? bucket : VMS_HISTOGRAM_BUCKETS - 1;
}

uint64_t vms_histogram_floor(int bucket)
{
	unsigned power, step;

	if (bucket < 0)
		return 0;
	if (bucket >= VMS_HISTOGRAM_BUCKETS)
		bucket = VMS_HISTOGRAM_BUCKETS - 1;
	if (bucket < VMS_HISTOGRAM_STEPS)
		return (uint64_t)bucket;
	power = (unsigned)bucket / VMS_HISTOGRAM_STEPS + STEP_BITS - 1;
	step = (unsigned)bucket % VMS_HISTOGRAM_STEPS;
	return (uint64_t)(VMS_HISTOGRAM_STEPS + step) << (power - STEP_BITS);
}
