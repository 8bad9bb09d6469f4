/* What a run measured, after its end. */
#include <string.h>

#include "loops/engine/engine.h"

int vms_loop_threads(const vms_loop_run *r, vms_loop_thread *out, int n)
{
	int i, have = (int)r->e.run.n_threads;

	n = n < have ? n : have;
	for (i = 0; i < n; i++) {
		struct chunk_costs *costs = &r->e.workers[i].costs;

		out[i] = r->e.workers[i].out;
		out[i].chunk_decile_ns = costs_quantile(costs, 0.1);
		out[i].chunk_median_ns = costs_quantile(costs, 0.5);
	}
	return n;
}

int vms_loop_counters(const vms_loop_run *r, double *out, int n)
{
	const struct engine *e = &r->e;
	uint32_t t;
	int i;

	n = n < VMS_MAX_COUNTERS ? n : VMS_MAX_COUNTERS;
	for (i = 0; i < n && e->run.loop->counters[i]; i++) {
		out[i] = 0;
		for (t = 0; t < e->run.n_threads; t++)
			out[i] += e->workers[t].counters[i];
	}
	return i;
}

int vms_loop_histogram(const vms_loop_run *r, int index, uint64_t *buckets, int n)
{
	const struct engine *e = &r->e;
	uint32_t t;
	int b;

	if (index < 0 || index >= e->n_histograms)
		return 0;
	n = n < VMS_HISTOGRAM_BUCKETS ? n : VMS_HISTOGRAM_BUCKETS;
	memset(buckets, 0, (size_t)n * sizeof(*buckets));
	for (t = 0; t < e->run.n_threads; t++) {
		const uint64_t *from =
			e->workers[t].buckets + (size_t)2 * (unsigned)index * VMS_HISTOGRAM_BUCKETS;

		for (b = 0; b < n; b++)
			buckets[b] += from[b];
	}
	return n;
}

int vms_loop_error(const vms_loop_run *r, vms_error *err)
{
	*err = r->e.run.runner.error;
	return err->status;
}
