/* A run of a loop from Python's side: check, start, wait, stop, free. */
#include "loops/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "loops/engine/registry.h"
#include "native/lines.h"

#define MAX_THREADS 1024
#define MAX_WINDOW_NS 3600000000000u
#define CHOOSE_NS 1000000 /* several passes over the lines where the CPUs are not too busy */

/* ---- what can be refused, before anything is made ---- */

static int check_setting(const struct loop_setting *s, int32_t value, const char *loop,
			 vms_error *err)
{
	int low = s->choices ? 0 : s->low, high = s->choices ? loop_choices(s) - 1 : s->high;
	const char *why;

	if (value < low || value > high)
		return vms_fail(err, VMS_EINVAL, "setting %s of %s: %d is not in %d..%d", s->name,
				loop, value, low, high);
	why = s->lacks ? s->lacks(value) : NULL;
	if (why)
		return vms_fail(err, VMS_EUNSUPPORTED, "setting %s of %s: %s", s->name, loop, why);
	return VMS_OK;
}

static int check_times(const vms_loop_config *c, vms_error *err)
{
	if (c->warmup_ns > MAX_WINDOW_NS || c->measure_ns > MAX_WINDOW_NS)
		return vms_fail(err, VMS_EINVAL, "the window: more than an hour");
	if (!c->measure_ns && !c->operations)
		return vms_fail(err, VMS_EINVAL, "the window: neither a time nor operations given");
	return VMS_OK;
}

static int check_config(const struct loop *loop, const vms_loop_config *c, vms_error *err)
{
	const char *why;
	int i, status;

	if (c->n_threads < (int32_t)loop->least_threads || c->n_threads > MAX_THREADS)
		return vms_fail(err, VMS_EINVAL, "threads: %s needs %u to %d, got %d", loop->name,
				loop->least_threads, MAX_THREADS, c->n_threads);
	for (i = 0; i < loop_settings(loop); i++) {
		status = check_setting(&loop->settings[i], c->settings[i], loop->name, err);
		if (status)
			return status;
	}
	why = vms_loop_atomics_lacks(c->loop, c->atomics);
	if (why)
		return vms_fail(err, VMS_EUNSUPPORTED, "atomics: %s", why);
	if (loop->uses_regime && vms_check_knobs(c->knobs, err))
		return VMS_EINVAL;
	status = check_times(c, err);
	if (!status && c->realtime)
		status = realtime_check(c, err);
	return status;
}

/* ---- making it ---- */

static void *lines(size_t n, size_t size)
{
	void *p = NULL;

	if (posix_memalign(&p, 4096, n * size))
		return NULL;
	memset(p, 0, n * size);
	return p;
}

static int prepare_worker(struct engine *e, uint32_t i, vms_error *err)
{
	struct worker *w = &e->workers[i];
	struct loop_thread *t = &e->run.threads[i];

	w->engine = e;
	w->t = t;
	w->out.cpu = e->run.config.cpus ? e->run.config.cpus[i] : -1;
	/* written by its own thread first, which places it */
	if (e->n_histograms &&
	    posix_memalign((void **)&w->buckets, 4096,
			   (size_t)e->n_histograms * 2 * VMS_HISTOGRAM_BUCKETS * sizeof(uint64_t)))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for histograms");
	if (!costs_create(&w->costs))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for the costs of chunks");
	t->run = &e->run;
	t->index = i;
	t->role = e->run.loop->roles > 1 && i == 0;
	w->out.role = (int32_t)t->role;
	return VMS_OK;
}

static struct engine *allocate(const struct loop *loop, const vms_loop_config *c,
			       vms_error *err)
{
	vms_loop_run *r = lines(1, sizeof(*r));
	struct engine *e = r ? &r->e : NULL;
	uint32_t i, n = (uint32_t)c->n_threads;
	int status = VMS_OK;

	if (!e) {
		vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
		return NULL;
	}
	runner_create(&e->run.runner);
	e->run.config = *c;
	e->run.loop = loop;
	e->run.n_threads = n;
	e->run.threads = lines(n, sizeof(*e->run.threads));
	e->workers = lines(n, sizeof(*e->workers));
	e->totals = lines(n, sizeof(*e->totals));
	e->run.totals = e->totals;
	while (e->n_histograms < VMS_MAX_HISTOGRAMS && e->run.loop->histograms[e->n_histograms])
		e->n_histograms++;
	if (!e->run.threads || !e->workers || !e->totals)
		status = vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u threads", n);
	for (i = 0; i < n && !status; i++)
		status = prepare_worker(e, i, err);
	if (status) {
		vms_loop_free(r);
		return NULL;
	}
	return e;
}

/* ---- starting ---- */

static int start_worker(struct engine *e, uint32_t i, vms_error *err)
{
	struct worker *w = &e->workers[i];
	int status = runner_start(&e->run.runner, &w->thread, w->out.cpu, worker_main, w, err);

	w->started = !status;
	return status;
}

/* Contention is measured on a line that is near: which one it is would else be luck of
 * the page, and differ from run to run by more than what is to be found. */
static void choose_place(struct engine *e)
{
	const vms_loop_config *c = &e->run.config;
	struct nearest_line found;

	if (!e->run.loop->contends || e->run.place || c->n_threads < 2 || !c->cpus ||
	    c->cpus[0] == c->cpus[1])
		return;
	e->room = lines_room();
	if (e->room && !lines_nearest(e->room, c->cpus[0], c->cpus[1], CHOOSE_NS, &found))
		e->run.place = found.line;
}

/* The first worker makes the shared state, alone: its CPU touches the lines first. */
static int start(struct engine *e, vms_error *err)
{
	uint32_t i;
	int status = start_worker(e, 0, err);

	if (status)
		return status;
	if (!runner_await(&e->run.runner, &e->created)) {
		pthread_mutex_lock(&e->run.runner.lock);
		*err = e->run.runner.error;
		pthread_mutex_unlock(&e->run.runner.lock);
		return err->status;
	}
	for (i = 1; i < e->run.n_threads; i++) {
		status = start_worker(e, i, err);
		if (status)
			return status;
	}
	if (e->run.config.realtime) {
		status = realtime_prepare(e, err);
		if (status)
			return status;
	}
	runner_open(&e->run.runner);
	return VMS_OK;
}

vms_loop_run *loop_start_at(const struct loop *loop, const vms_loop_config *config, void *place,
			    vms_error *err)
{
	struct engine *e;

	memset(err, 0, sizeof(*err));
	if (check_config(loop, config, err))
		return NULL;
	e = allocate(loop, config, err);
	if (!e)
		return NULL;
	e->run.place = place;
	choose_place(e);
	if (start(e, err)) {
		vms_loop_free((vms_loop_run *)e);
		return NULL;
	}
	return (vms_loop_run *)e;
}

vms_loop_run *vms_loop_start(const vms_loop_config *config, vms_error *err)
{
	const struct loop *loop = loop_at(config->loop);

	if (!loop) {
		memset(err, 0, sizeof(*err));
		vms_fail(err, VMS_EINVAL, "no loop of number %d", config->loop);
		return NULL;
	}
	return loop_start_at(loop, config, NULL, err);
}

/* ---- while it runs ---- */

void vms_loop_stop(vms_loop_run *r)
{
	runner_stop(&r->e.run.runner);
}

int vms_loop_wait(vms_loop_run *r, int timeout_ms)
{
	return runner_wait(&r->e.run.runner, timeout_ms);
}

/* ---- the end ---- */

void vms_loop_free(vms_loop_run *r)
{
	struct engine *e = &r->e;
	uint32_t i;

	vms_loop_stop(r);
	for (i = 0; e->workers && i < e->run.n_threads; i++) {
		if (e->workers[i].started)
			pthread_join(e->workers[i].thread, NULL);
		free(e->workers[i].buckets);
		costs_destroy(&e->workers[i].costs);
	}
	realtime_end(e);
	if (e->created && e->run.loop->destroy)
		e->run.loop->destroy(&e->run);
	lines_leave(e->room);
	free(e->run.threads);
	free(e->workers);
	free(e->totals);
	runner_destroy(&e->run.runner);
	free(e);
}
