/*
 * Ours beside the plain loop, in one run: short windows in turn on the same CPUs, each
 * pair a ratio, and the median of the ratios. A pair counts if every thread had its CPU
 * to itself, and if the cache-line hand-off was the same before and after: a hypervisor
 * may have moved the CPUs apart meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "loops/atomics/bare.h"
#include "loops/engine/registry.h"
#include "native/clock.h"
#include "native/median.h"

#define WINDOW_NS 1000000.0  /* of one run; shorter than a time slice of the scheduler */
#define WARM_NS 100000
#define PROBE_NS 200000
#define PROBES 3
#define PLAUSIBLE_NS 1000.0 /* a hand-off takes less on any machine that has one memory */
/* A thread that is alone for a hundredth of the time does a tenth more. */
#define LEAST_SHARE 0.995
#define MOST_MOVED 1.15      /* hand-offs of one placement differ by less */
#define MAX_PAIRS 8192
#define PLACES 16

struct beside {
	const char *operation;
	vms_loop_config config;
	char *places;          /* pages: both of a pair stand on the same one */
	double ours[MAX_PAIRS], bare[MAX_PAIRS], ratio[MAX_PAIRS];
	unsigned n;
	uint64_t dropped;
};

static double quantile(double *v, unsigned n, double at)
{
	double k = at * (n - 1);

	qsort(v, n, sizeof(*v), double_by_value);
	return v[k < 0 ? 0 : k > n - 1 ? n - 1 : (unsigned)(k + 0.5)];
}

/* As the plain loop counts: rates add up. */
static void sum_up(const vms_loop_thread *t, int n, struct bare_figures *out)
{
	uint64_t first = t[0].begin_ns;
	double rate = 0, share;
	int i;

	for (i = 1; i < n; i++)
		first = t[i].begin_ns < first ? t[i].begin_ns : first;
	out->share = 1;
	for (i = 0; i < n; i++) {
		rate += (double)t[i].operations / (double)(t[i].end_ns - t[i].begin_ns);
		share = (double)t[i].cpu_ns / (double)(t[i].end_ns - first);
		out->share = share < out->share ? share : out->share;
	}
	out->ns = n / rate;
}

static int ours_run(const struct beside *b, void *place, struct bare_figures *out,
		    vms_error *err)
{
	vms_loop_run *r = loop_start_at(loop_at(b->config.loop), &b->config, place, err);
	vms_loop_thread t[BARE_MAX_THREADS];

	if (!r)
		return err->status;
	while (!vms_loop_wait(r, 1000))
		;
	vms_loop_threads(r, t, BARE_MAX_THREADS);
	vms_loop_error(r, err);
	vms_loop_free(r);
	if (!err->status)
		sum_up(t, b->config.n_threads, out);
	return err->status;
}

static double handoff(const struct beside *b)
{
	const int32_t *cpus = b->config.cpus;

	double ns, least = 0;
	int i;

	if (b->config.n_threads < 2 || !cpus || cpus[0] < 0 || cpus[1] < 0)
		return 1;
	/* a probe that was interrupted says nothing of where the CPUs are */
	for (i = 0; i < PROBES && (!i || least > PLAUSIBLE_NS); i++) {
		ns = vms_probe_handoff_ns(cpus[0], cpus[1], PROBE_NS);
		least = !i || ns < least ? ns : least;
	}
	return least;
}

/* The order changes from pair to pair, so that neither is always second. */
static int pair(const struct beside *b, unsigned i, struct bare_figures *ours,
		struct bare_figures *bare, vms_error *err)
{
	const vms_loop_config *c = &b->config;
	void *place = b->places + (size_t)(i / 2 % PLACES) * 4096;
	int status = i & 1 ? ours_run(b, place, ours, err) : VMS_OK;

	if (!status &&
	    bare_run(b->operation, c->cpus, c->n_threads, c->operations, place, bare))
		status = vms_fail(err, VMS_EUNSUPPORTED, "the plain loop cannot start its threads");
	if (!status && !(i & 1))
		status = ours_run(b, place, ours, err);
	return status;
}

static bool same_place(double before, double after)
{
	return before < after * MOST_MOVED && after < before * MOST_MOVED;
}

/* Of any quality first: on a host that is never quiet all pairs are better than none. */
static int collect(struct beside *b, uint64_t budget_ns, vms_error *err)
{
	uint64_t begin = clock_now_ns();
	struct bare_figures ours, bare;
	double before = handoff(b), after;
	unsigned i;
	int status;

	for (i = 0; b->n < MAX_PAIRS && (i < 2 || clock_now_ns() - begin < budget_ns); i++) {
		status = pair(b, i, &ours, &bare, err);
		if (status)
			return status;
		after = handoff(b);
		if (ours.share >= LEAST_SHARE && bare.share >= LEAST_SHARE &&
		    same_place(before, after)) {
			b->ours[b->n] = ours.ns;
			b->bare[b->n] = bare.ns;
			b->ratio[b->n++] = ours.ns / bare.ns;
		} else {
			b->dropped++;
		}
		before = after;
	}
	return VMS_OK;
}

static int loop_named(const char *name)
{
	vms_loop_info info;
	int i;

	for (i = 0; i < vms_loop_count(); i++) {
		vms_loop_describe(i, &info);
		if (!strcmp(info.name, name))
			return i;
	}
	return -1;
}

static int prepare(struct beside *b, const char *operation, const int32_t *cpus, int n_threads,
		   vms_error *err)
{
	const struct loop *loop;
	struct bare_figures f;
	int i;

	b->operation = operation;
	b->config.loop = loop_named(operation);
	b->config.cpus = cpus;
	b->config.n_threads = n_threads;
	b->config.warmup_ns = WARM_NS;
	b->config.operations = 100000;
	/* tells a name that it does not know, and how long an operation is */
	if (b->config.loop < 0 || bare_run(operation, cpus, n_threads, 100000, NULL, &f))
		return vms_fail(err, VMS_EINVAL, "no plain loop of %s for %d threads", operation,
				n_threads);
	loop = loop_at(b->config.loop);
	for (i = 0; i < loop_settings(loop); i++)
		b->config.settings[i] = loop->settings[i].preset;
	b->config.operations = (uint64_t)(WINDOW_NS / f.ns) + 1;
	return VMS_OK;
}

int vms_bench_bare(const char *operation, const int32_t *cpus, int n_threads,
		   uint64_t budget_ns, vms_bare_cost *out, vms_error *err)
{
	struct beside *b = calloc(1, sizeof(*b));
	double half;
	int status;

	memset(out, 0, sizeof(*out));
	memset(err, 0, sizeof(*err));
	if (!b || posix_memalign((void **)&b->places, 4096, PLACES * 4096)) {
		free(b);
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	}
	status = prepare(b, operation, cpus, n_threads, err);
	if (!status)
		status = collect(b, budget_ns, err);
	out->pairs = b->n;
	out->dropped = b->dropped;
	if (!status && b->n) {
		out->ours_ns = quantile(b->ours, b->n, 0.5);
		out->bare_ns = quantile(b->bare, b->n, 0.5);
		out->ratio = quantile(b->ratio, b->n, 0.5);
		/* of the median, 95 %: ranks by the normal approximation of the binomial */
		half = 0.98 / __builtin_sqrt(b->n);
		out->ratio_low = quantile(b->ratio, b->n, 0.5 - half);
		out->ratio_high = quantile(b->ratio, b->n, 0.5 + half);
	}
	free(b->places);
	free(b);
	return status;
}
