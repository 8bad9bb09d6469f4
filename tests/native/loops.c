/*
 * The engine, with loops that say what was done to them: windows, operations, load that
 * is held, stopping, and nothing left behind.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "loops/engine/engine.h"
#include "loops/engine/registry.h"
#include "native/clock.h"
#include "rig.h"
#include "tap.h"

#define THREADS 3
#define MS 1000000ull

extern const struct loop loop_add_unless, loop_barrier_skew;

/* ---- a loop that watches ---- */

static struct {
	uint32_t creates, destroys, enters, leaves, checks;
	uint32_t early;        /* work before all had entered, or after one had left */
	uint64_t held;         /* operations of others while thread 0 was still measuring */
	uint64_t slow_ns;      /* thread 0: of one operation */
	int policy;            /* after a slow operation */
	bool refuse;
} seen;

static int watch_create(struct loop_run *run, vms_error *err)
{
	(void)run;
	seen.creates++;
	return seen.refuse ? vms_fail(err, VMS_EUNSUPPORTED, "not here") : VMS_OK;
}

static void watch_destroy(struct loop_run *run)
{
	(void)run;
	seen.destroys++;
}

static void watch_enter(struct loop_thread *t)
{
	(void)t;
	__atomic_fetch_add(&seen.enters, 1, __ATOMIC_RELAXED);
}

static void watch_leave(struct loop_thread *t)
{
	(void)t;
	__atomic_fetch_add(&seen.leaves, 1, __ATOMIC_RELAXED);
}

static uint32_t slow_measures; /* thread 0 is in its window */

static void slow_operations(struct loop_thread *t, uint64_t n)
{
	for (; n; n--) {
		uint64_t begin = clock_now_ns();

		__atomic_store_n(&slow_measures, t->measuring, __ATOMIC_RELAXED);
		while (clock_now_ns() - begin < seen.slow_ns)
			;
		seen.policy = sched_getscheduler(0);
	}
}

static void quick_operations(struct loop_thread *t, uint64_t n)
{
	if (__atomic_load_n(&seen.enters, __ATOMIC_RELAXED) < t->run->n_threads)
		__atomic_fetch_add(&seen.early, 1, __ATOMIC_RELAXED);
	if (!t->measuring && __atomic_load_n(&slow_measures, __ATOMIC_RELAXED))
		__atomic_fetch_add(&seen.held, n, __ATOMIC_RELAXED);
	loop_spin(n);
	if (t->run->loop->histograms[0])
		histogram_add(t->histograms[0], n);
	t->counters[0] += (double)n;
}

static void work_of_watch(struct loop_thread *t, uint64_t n)
{
	if (t->index == 0 && seen.slow_ns)
		slow_operations(t, n);
	else
		quick_operations(t, n);
}

static void (*watch_work(const struct loop_run *run, uint32_t role))(struct loop_thread *,
								       uint64_t)
{
	(void)run;
	(void)role;
	return work_of_watch;
}

static const char *watch_check(struct loop_run *run)
{
	(void)run;
	seen.checks++;
	return NULL;
}

static const struct loop watch = {
	.group = "test", .name = "watch", .about = "", .operation = "one",
	.counters = { "units" }, .histograms = { "chunk" },
	.least_threads = 1, .roles = 1, .chunk = 4096,
	.create = watch_create, .destroy = watch_destroy, .enter = watch_enter,
	.leave = watch_leave, .work = watch_work, .check = watch_check,
};

static vms_loop_config config_of(int threads, uint64_t warmup_ns, uint64_t measure_ns)
{
	memset(&seen, 0, sizeof(seen));
	slow_measures = 0;
	return (vms_loop_config){ .n_threads = threads, .warmup_ns = warmup_ns,
				  .measure_ns = measure_ns };
}

static vms_loop_run *run(const struct loop *loop, const vms_loop_config *c)
{
	vms_error err;
	vms_loop_run *r = loop_start_at(loop, c, NULL, &err);

	if (!r) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	while (!vms_loop_wait(r, 1000))
		;
	return r;
}

/* ---- phases ---- */

static void a_life(void)
{
	vms_loop_config c = config_of(THREADS, MS, 5 * MS);
	vms_loop_run *r = run(&watch, &c);
	vms_error err;

	ok(vms_loop_error(r, &err) == VMS_OK, "a run ends well");
	ok(seen.creates == 1 && seen.enters == THREADS && seen.leaves == THREADS &&
	   seen.checks == 1 && seen.destroys == 0,
	   "created once, every thread enters and leaves, the oracle is asked once");
	ok(seen.early == 0, "nobody works before all have entered");
	vms_loop_free(r);
	ok(seen.destroys == 1, "and it is destroyed when it is freed");
}

static void windows(void)
{
	vms_loop_config c = config_of(THREADS, MS, 10 * MS);
	vms_loop_run *r = run(&watch, &c);
	vms_loop_thread t[THREADS];
	uint64_t begin = r->e.begin_ns, buckets[VMS_HISTOGRAM_BUCKETS], units = 0, chunks = 0;
	double counter = 0;
	bool in = true, more = true, ends = true, costs = true;
	int i;

	vms_loop_threads(r, t, THREADS);
	for (i = 0; i < THREADS; i++) {
		costs = costs && t[i].chunk_decile_ns > 0 &&
			t[i].chunk_decile_ns <= t[i].chunk_median_ns &&
			t[i].chunk_decile_ns * (double)t[i].operations <=
				(double)(t[i].end_ns - t[i].begin_ns);
		in = in && t[i].begin_ns >= begin && t[i].begin_ns < t[i].end_ns;
		ends = ends && t[i].end_ns >= begin + c.measure_ns;
		more = more && t[i].operations && r->e.totals[i] > t[i].operations;
		units += t[i].operations;
	}
	ok(in, "no window begins before the common instant");
	ok(ends, "none ends before the common deadline");
	ok(more, "operations of the window are part of all, the warm-up's are others");
	vms_loop_counters(r, &counter, 1);
	ok((uint64_t)counter == units, "counters are of the window alone");
	vms_loop_histogram(r, 0, buckets, VMS_HISTOGRAM_BUCKETS);
	for (i = 0; i < VMS_HISTOGRAM_BUCKETS; i++)
		chunks += buckets[i];
	ok(chunks > 0 && chunks <= units, "histograms too");
	ok(t[0].cpu_ns > 0 && t[0].longest_gap_ns > 0 &&
	   t[0].longest_gap_ns <= t[0].end_ns - t[0].begin_ns, "with CPU time and longest gap");
	ok(costs, "a tenth of the chunks cost no more than the mean, and no more than half");
	vms_loop_free(r);
}

static void fixed_operations(void)
{
	vms_loop_config c = config_of(THREADS, MS / 10, 0);
	vms_loop_run *r;
	vms_loop_thread t[THREADS];
	bool exact = true;
	int i;

	c.operations = 12345;
	r = run(&watch, &c);
	vms_loop_threads(r, t, THREADS);
	for (i = 0; i < THREADS; i++)
		exact = exact && t[i].operations == c.operations;
	ok(exact, "operations that are fixed are exact");
	vms_loop_free(r);
}

static void load_is_held(void)
{
	vms_loop_config c = config_of(2, 0, 0);
	vms_loop_run *r;

	c.operations = 10;
	seen.slow_ns = 2 * MS;
	r = run(&watch, &c);
	ok(seen.held > 0, "who is done works on while another measures (%llu operations)",
	   (unsigned long long)seen.held);
	vms_loop_free(r);
}

/* A remapper's operations are counted, its readers read as long as it takes. */
static void roles(void)
{
	struct loop two = watch;
	vms_loop_config c = config_of(2, 0, 0);
	vms_loop_thread t[2];
	vms_loop_run *r;

	two.roles = 2;
	c.operations = 5;
	seen.slow_ns = 2 * MS;
	r = run(&two, &c);
	vms_loop_threads(r, t, 2);
	ok(t[0].role == 1 && t[0].operations == 5 && t[1].role == 0 && t[1].operations > 5,
	   "with two roles the remapper counts and the readers do not");
	vms_loop_free(r);
}

/* ---- stopping, and one CPU ---- */

static bool stops(vms_loop_config *c, unsigned after_ms)
{
	vms_error err;
	vms_loop_run *r = loop_start_at(&loop_add_unless, c, NULL, &err);
	bool over;

	if (!r)
		return false;
	if (after_ms)
		vms_loop_wait(r, (int)after_ms);
	vms_loop_stop(r);
	over = vms_loop_wait(r, 10000) && vms_loop_error(r, &err) == VMS_OK;
	vms_loop_free(r);
	return over;
}

static void stopping(void)
{
	vms_loop_config hour = config_of(2, MS, 3600000 * MS);
	vms_loop_config cold = config_of(2, 3600000 * MS, MS);

	ok(stops(&hour, 20), "a window of an hour is stopped, and its sum is right");
	ok(stops(&cold, 5), "so is a warm-up");
	ok(stops(&cold, 0), "and a run that has only just begun");
}

/* Which line it is would else be luck of the page. */
static void a_place(void)
{
	int32_t cpus[2] = { -1, -1 };
	vms_loop_config c = config_of(2, MS, MS);
	vms_loop_run *r;
	cpu_set_t set;
	int cpu;

	sched_getaffinity(0, sizeof(set), &set);
	for (cpu = 0; cpu < CPU_SETSIZE && cpus[1] < 0; cpu++) {
		if (CPU_ISSET(cpu, &set))
			cpus[cpus[0] >= 0] = cpu;
	}
	c.cpus = cpus;
	if (cpus[1] >= 0) {
		r = run(&loop_add_unless, &c);
		ok(r->e.room && r->e.run.threads[0].own && r->e.run.place,
		   "threads that contend are given a line that is near");
		vms_loop_free(r);
	} else {
		skip("threads that contend are given a line that is near", "one CPU");
	}
	c.cpus = NULL;
	r = run(&loop_add_unless, &c);
	ok(!r->e.run.place, "threads that may be anywhere find their own");
	vms_loop_free(r);
}

static void one_cpu(void)
{
	int32_t cpus[2] = { 0 };
	vms_loop_config c = config_of(2, MS, 20 * MS);
	vms_loop_thread t[2];
	cpu_set_t set;
	vms_error err;
	vms_loop_run *r;

	sched_getaffinity(0, sizeof(set), &set);
	while (!CPU_ISSET(cpus[0], &set))
		cpus[0]++;
	cpus[1] = cpus[0];
	c.cpus = cpus;
	r = run(&loop_add_unless, &c);
	vms_loop_threads(r, t, 2);
	ok(!vms_loop_error(r, &err) && t[0].cpu == cpus[0] && t[1].cpu == cpus[0] &&
	   !t[0].migrated && !t[1].migrated, "two threads on one CPU end, and stay there");
	vms_loop_free(r);
	r = run(&loop_barrier_skew, &c);
	ok(!vms_loop_error(r, &err), "a spin barrier too");
	vms_loop_free(r);
}

/* ---- what is refused ---- */

static void refusals(void)
{
	vms_loop_config c = config_of(1, 0, 0);
	vms_error err;

	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EINVAL,
	   "no window: %s", err.text);
	c.measure_ns = MS;
	c.n_threads = 0;
	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EINVAL,
	   "no threads: %s", err.text);
	c.n_threads = 1;
	c.settings[0] = 99;
	ok(!loop_start_at(&loop_add_unless, &c, NULL, &err) && err.status == VMS_EINVAL,
	   "a choice that is none: %s", err.text);
	c.loop = -1;
	ok(!vms_loop_start(&c, &err) && err.status == VMS_EINVAL, "a loop that is none: %s",
	   err.text);
	seen.refuse = true;
	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EUNSUPPORTED &&
	   !strcmp(err.text, "not here") && seen.destroys == 0,
	   "a loop that cannot be created says so itself");
}

/* ---- real time ---- */

static void realtime_refused(void)
{
	int32_t cpus[2] = { 0, 0 };
	vms_loop_config c = config_of(2, MS, MS);
	vms_error err;

	c.realtime = 1;
	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EINVAL, "%s", err.text);
	c.cpus = cpus;
	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EINVAL, "%s", err.text);
	c.n_threads = 1;
	c.measure_ns = 2000 * MS;
	ok(!loop_start_at(&watch, &c, NULL, &err) && err.status == VMS_EINVAL, "%s", err.text);
}

/* An operation that is longer than all that was asked for, and looks at no clock of
 * ours: only the watchdog can end its priority. */
static void the_watchdog(void)
{
	int32_t cpu = sched_getcpu();
	vms_loop_config c = config_of(1, 0, MS);
	vms_error err;
	vms_loop_run *r;

	c.realtime = 1;
	c.cpus = &cpu;
	seen.slow_ns = 250 * MS;
	r = loop_start_at(&watch, &c, NULL, &err);
	if (!r) {
		skip("a watchdog ends what runs too long", err.text);
		return;
	}
	while (!vms_loop_wait(r, 1000))
		;
	ok(vms_loop_error(r, &err) == VMS_EUNTRUSTED && seen.policy == SCHED_OTHER,
	   "a watchdog ends what runs too long: %s", err.text);
	vms_loop_free(r);
}

/* ---- nothing is left behind ---- */

static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long all = 0, resident = 0;

	if (f && fscanf(f, "%ld %ld", &all, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident;
}

static bool is_emulated(void)
{
	vms_host host;

	vms_host_describe(&host);
	return host.emulated;
}

static void many_runs(void)
{
	const int runs = UNDER_TSAN ? 200 : 1000;
	vms_loop_config c = config_of(2, 0, 0);
	unsigned tasks = 0, files = 0;
	int i;
	long pages = 0;

	c.operations = 100;
	for (i = 0; i < runs; i++) {
		if (i == runs / 10) { /* allocators have what they keep by now */
			tasks = fewest_threads(500, 0);
			files = entries("/proc/self/fd");
			pages = resident_pages();
		}
		vms_loop_free(run(&watch, &c));
	}
	ok(fewest_threads(5000, tasks) <= tasks, "%d runs leave no thread", runs);
	ok(entries("/proc/self/fd") == files, "and no file");
	if (UNDER_ASAN || is_emulated()) {
		skip("and no memory", "AddressSanitizer keeps what is freed (and looks for leaks), "
				      "an emulator what it had for a thread");
		return;
	}
	ok(resident_pages() - pages < 2048, "and no memory (%ld pages more)",
	   resident_pages() - pages);
}

int main(void)
{
	a_life();
	windows();
	fixed_operations();
	load_is_held();
	roles();
	stopping();
	a_place();
	one_cpu();
	refusals();
	realtime_refused();
	the_watchdog();
	many_runs();
	return done();
}
