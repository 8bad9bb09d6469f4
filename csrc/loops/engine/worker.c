/* One thread of a run, from its first instruction to its last. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "error.h"
#include "loops/engine/engine.h"
#include "native/clock.h"

/* A chunk should take so long: while a thread looks at the clock another has the line to
 * itself, and does in 100 ns what takes it 2 us otherwise. A request to stop is seen
 * within a few. */
#define CHUNK_NS 250000
/* In the warm-up a fiftieth: the chunk during which another thread comes takes as much
 * longer as contention is dearer. */
#define WARM_CHUNK_NS 5000
/* From the moment that all are warm to the window, so that all hear of it in time. */
#define LEAD_NS 100000
#define LEAD_NS_A_THREAD 20000
#define NEAR_NS 2000 /* so near to it the clock alone is looked at */

static bool work_chunk(struct worker *w, uint64_t n)
{
	w->work(w->t, n);
	w->t->operations += n;
	return !loop_stopping(&w->engine->run);
}

/* Real-time alone: a worker that is over the limit stops being it, whoever else sleeps. */
static bool within_limit(struct worker *w, uint64_t now)
{
	struct engine *e = w->engine;
	vms_error err;

	if (!e->limit_ns || now < e->limit_ns)
		return true;
	realtime_lower(pthread_self());
	vms_fail(&err, VMS_EUNTRUSTED,
		 "real-time: the threads were not done when their time was up; fewer or "
		 "shorter operations fit");
	runner_fail(&e->run.runner, &err);
	return false;
}

/* ---- warm-up ---- */

/* The lesser of the last two chunks: one may have been interrupted. */
static double pace_of(struct worker *w, uint64_t ns)
{
	double pace = (double)ns / (double)w->chunk, before = w->pace_ns;

	w->pace_ns = pace > 0.1 ? pace : 0.1;
	return before && before < w->pace_ns ? before : w->pace_ns;
}

static uint64_t most_at_once(const struct worker *w)
{
	const struct loop *loop = w->engine->run.loop;

	return w->t->role && loop->chunk_remapper ? loop->chunk_remapper : loop->chunk;
}

static uint64_t chunk_for(const struct worker *w, double ns, double per_op)
{
	double fit = ns / per_op, limit = most_at_once(w);

	fit = fit < limit ? fit : limit;
	return fit < 1 ? 1 : (uint64_t)fit;
}

/* The begin of the window once every thread is warm, else 0. */
static uint64_t window_begin(struct engine *e, uint64_t now)
{
	/* acquire: pairs with the compare-and-swap below in another thread */
	uint64_t begin = __atomic_load_n(&e->begin_ns, __ATOMIC_ACQUIRE);
	uint64_t mine = now + LEAD_NS + (uint64_t)LEAD_NS_A_THREAD * e->run.n_threads;

	/* relaxed: a count that only grows; the instant below is what all go by */
	if (begin || __atomic_load_n(&e->warm, __ATOMIC_RELAXED) < e->run.n_threads)
		return begin;
	if (__atomic_compare_exchange_n(&e->begin_ns, &begin, mine, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return mine;
	return begin;
}

/* Work on to the instant itself: threads that begin a chunk apart measure each other's
 * absence. */
static bool approach(struct worker *w, uint64_t begin, double per_op)
{
	uint64_t now = clock_now_ns();

	while (now + NEAR_NS < begin) {
		if (!work_chunk(w, chunk_for(w, (double)(begin - now) / 2, per_op)))
			return false;
		now = clock_now_ns();
	}
	while (now < begin)
		now = clock_now_ns();
	w->chunk = chunk_for(w, CHUNK_NS, per_op);
	w->begin_ns = begin;
	return true;
}

static bool warm_up(struct worker *w)
{
	struct engine *e = w->engine;
	uint64_t start = clock_now_ns(), last = start, now, begin;
	bool told = false;
	double per_op;

	w->chunk = 1;
	for (;;) {
		if (!work_chunk(w, w->chunk))
			return false;
		now = clock_now_ns();
		if (!within_limit(w, now))
			return false;
		per_op = pace_of(w, now - last);
		w->chunk = chunk_for(w, WARM_CHUNK_NS, per_op);
		last = now;
		if (!told && now - start >= e->run.config.warmup_ns) {
			__atomic_fetch_add(&e->warm, 1, __ATOMIC_RELAXED);
			told = true;
		}
		begin = window_begin(e, now);
		if (begin)
			return approach(w, begin, per_op);
	}
}

/* ---- the window ---- */

static void take_counts(struct worker *w, vms_loop_thread *to)
{
	const struct loop_thread *t = w->t;

	to->operations = t->operations - to->operations;
	to->retries = t->retries - to->retries;
	to->refused = t->refused - to->refused;
	to->runs = t->runs - to->runs;
}

static void take_counters(struct worker *w)
{
	const struct loop *loop = w->engine->run.loop;
	int i;

	if (loop->look)
		loop->look(w->t);
	for (i = 0; i < VMS_MAX_COUNTERS; i++)
		w->counters[i] = w->t->counters[i] - w->counters[i];
}

static void point_histograms(struct worker *w, bool measuring)
{
	int i;

	for (i = 0; i < w->engine->n_histograms; i++)
		w->t->histograms[i] =
			w->buckets + (size_t)(2 * i + !measuring) * VMS_HISTOGRAM_BUCKETS;
	w->t->measuring = measuring;
}

/* The loop counted where runs ended. One more was going on, perhaps since before. */
static void take_runs(struct worker *w)
{
	vms_loop_thread *out = &w->out;
	uint64_t longest = w->t->longest_run;

	out->longest_run = longest < out->operations ? longest : out->operations;
	out->runs += longest != 0;
}

/* The wall clock is read last at the begin and first at the end, so that the
 * window holds work alone. */
static void window_opens(struct worker *w, struct rusage *u)
{
	take_counts(w, &w->out);
	take_counters(w);
	w->t->longest_run = 0;
	point_histograms(w, true);
	w->out.migrated = w->out.cpu >= 0 && sched_getcpu() != w->out.cpu;
	getrusage(RUSAGE_THREAD, u);
	w->out.cpu_ns = clock_thread_ns();
	w->out.begin_ns = clock_now_ns();
}

static void window_closes(struct worker *w, const struct rusage *before)
{
	struct rusage now;

	w->out.end_ns = clock_now_ns();
	w->out.cpu_ns = clock_thread_ns() - w->out.cpu_ns;
	getrusage(RUSAGE_THREAD, &now);
	point_histograms(w, false);
	take_counts(w, &w->out);
	take_counters(w);
	take_runs(w);
	w->out.voluntary = now.ru_nvcsw - before->ru_nvcsw;
	w->out.involuntary = now.ru_nivcsw - before->ru_nivcsw;
	if (w->out.cpu < 0)
		w->out.cpu = sched_getcpu();
	else if (sched_getcpu() != w->out.cpu)
		w->out.migrated = 1;
}

/* By time the deadline is everybody's. By operations those who count end when they
 * have them, and readers of a remapper when it has its own. */
static bool window_is_over(struct worker *w, uint64_t now, uint64_t done)
{
	struct engine *e = w->engine;
	const vms_loop_config *c = &e->run.config;

	if (!c->operations)
		return now >= w->begin_ns + c->measure_ns;
	if (w->fixed)
		return done >= c->operations;
	return __atomic_load_n(&e->counted, __ATOMIC_RELAXED) != 0;
}

static bool measure(struct worker *w)
{
	uint64_t last, now, done = 0, n, limit = w->fixed ? w->engine->run.config.operations : 0;
	struct rusage usage;
	bool on;

	window_opens(w, &usage);
	last = w->out.begin_ns;
	do {
		n = limit && limit - done < w->chunk ? limit - done : w->chunk;
		on = work_chunk(w, n);
		done += n;
		now = clock_now_ns();
		costs_note(&w->costs, now - last, n);
		if (now - last > w->out.longest_gap_ns)
			w->out.longest_gap_ns = now - last;
		last = now;
		on = on && within_limit(w, now);
	} while (on && !window_is_over(w, now, done));
	window_closes(w, &usage);
	return on;
}

/* Whoever leaves first would give those behind it a quiet end. */
static void hold(struct worker *w)
{
	struct engine *e = w->engine;

	if (w->fixed)
		__atomic_fetch_add(&e->counted, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&e->out, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&e->out, __ATOMIC_RELAXED) < e->run.n_threads) {
		if (!work_chunk(w, w->chunk) || !within_limit(w, clock_now_ns()))
			return;
	}
}

/* ---- a thread's life ---- */

static bool set_up(struct worker *w)
{
	struct engine *e = w->engine;
	struct loop_run *run = &e->run;
	vms_error err = { 0 };

	if (run->loop->create(run, &err)) {
		if (!err.status)
			vms_fail(&err, VMS_EUNSUPPORTED, "%s: cannot be set up", run->loop->name);
		runner_fail(&e->run.runner, &err);
		return false;
	}
	pthread_mutex_lock(&e->run.runner.lock);
	e->created = true;
	pthread_cond_broadcast(&e->run.runner.changed);
	pthread_mutex_unlock(&e->run.runner.lock);
	return true;
}

/* All have entered before anybody works. */
static bool enter(struct worker *w)
{
	struct engine *e = w->engine;
	const struct loop *loop = e->run.loop;
	bool on = true;

	w->t->shared = e->run.shared;
	if (w->buckets)
		memset(w->buckets, 0, (size_t)e->n_histograms * 2 * VMS_HISTOGRAM_BUCKETS *
		       sizeof(*w->buckets));
	costs_begin(&w->costs);
	point_histograms(w, false);
	w->work = loop->work(&e->run, w->t->role);
	w->fixed = e->run.config.operations && (loop->roles < 2 || w->t->role == 1);
	if (loop->enter)
		loop->enter(w->t);
	pthread_mutex_lock(&e->run.runner.lock);
	if (++e->entered == e->run.n_threads) {
		realtime_arm(e);
		pthread_cond_broadcast(&e->run.runner.changed);
	}
	while (e->entered < e->run.n_threads && on) {
		on = !loop_stopping(&e->run);
		if (on)
			pthread_cond_wait(&e->run.runner.changed, &e->run.runner.lock);
	}
	pthread_mutex_unlock(&e->run.runner.lock);
	return on;
}

static void become_realtime(struct engine *e)
{
	vms_error err;

	if (!e->run.config.realtime || realtime_raise())
		return;
	vms_fail(&err, VMS_EUNSUPPORTED, "real-time: a thread may not have SCHED_FIFO: %s",
		 strerror(errno));
	runner_fail(&e->run.runner, &err);
}

/* Whoever ends last asks the oracle. */
static void end(struct worker *w)
{
	struct engine *e = w->engine;
	struct runner *r = &e->run.runner;
	const char *wrong = NULL;
	vms_error err;
	bool sound;

	/* read by the last one, after the lock that both take to leave */
	e->totals[w->t->index] = w->t->operations;
	if (!runner_leave(r))
		return;
	pthread_mutex_lock(&r->lock);
	sound = e->created && !r->error.status;
	pthread_mutex_unlock(&r->lock);
	if (sound && e->run.loop->check)
		wrong = e->run.loop->check(&e->run);
	if (wrong) {
		vms_fail(&err, VMS_EUNTRUSTED, "%s: %s; the figures are void",
			 e->run.loop->name, wrong);
		runner_fail(r, &err);
	}
	runner_end(r);
}

void *worker_main(void *argument)
{
	struct worker *w = argument;
	struct engine *e = w->engine;

	if (w->t->index == 0 && !set_up(w)) {
		end(w);
		return NULL;
	}
	if (runner_gate(&e->run.runner)) {
		if (enter(w)) {
			become_realtime(e);
			if (warm_up(w) && measure(w))
				hold(w);
			if (e->run.config.realtime)
				realtime_lower(pthread_self());
		}
		if (e->run.loop->leave)
			e->run.loop->leave(w->t);
	}
	end(w);
	return NULL;
}
