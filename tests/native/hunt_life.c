/* A hunt's life: its budget, its stop, and nothing left behind when it is freed. */
#include <signal.h>
#include <string.h>

#include "drive.h"
#include "native/clock.h"
#include "rig.h"
#include "tap.h"

#define MS 1000000ull

static struct driven d;

static void budgets(const char *scenario, unsigned ms)
{
	uint64_t begin = clock_now_ns(), took;
	vms_hunt_config c;

	drive_config(&c, scenario);
	c.budget_ns = ms * MS;
	drive(&c, 0, 30, &d);
	took = clock_now_ns() - begin;
	ok(d.progress.finished && d.progress.elapsed_ns >= ms * MS, "%s: %u ms are used up", scenario,
	   ms);
	/* a batch that is under way is finished; the host may be loaded */
	ok(took < ms * MS + 2000 * MS, "%s: and hardly more, %.0f ms", scenario, (double)took / 1e6);
}

static void stops(const char *scenario)
{
	vms_hunt_config c;
	uint64_t begin;
	vms_error e;
	vms_hunt *h;

	drive_config(&c, scenario);
	h = vms_hunt_start(&c, &e);
	if (!ok(h != NULL, "%s starts", scenario))
		return;
	ok(!vms_hunt_wait(h, 20), "%s runs while nobody stops it", scenario);
	begin = clock_now_ns();
	vms_hunt_stop(h);
	ok(vms_hunt_wait(h, 20000) && clock_now_ns() - begin < 2000 * MS, "%s stops when asked",
	   scenario);
	ok(vms_hunt_wait(h, 0), "%s: waiting again answers at once", scenario);
	vms_hunt_free(h);
	h = vms_hunt_start(&c, &e);
	begin = clock_now_ns();
	vms_hunt_free(h);
	ok(clock_now_ns() - begin < 3000 * MS, "%s: freeing a running hunt ends it", scenario);
}

static void threads_are_told(void)
{
	vms_thread_stat s[4];
	vms_hunt_config c;
	vms_error e;
	vms_hunt *h;
	int i, bad = 0;

	drive_config(&c, "specref");
	c.n_threads = 4;
	c.budget_ns = 50 * MS;
	h = vms_hunt_start(&c, &e);
	while (!vms_hunt_wait(h, 50))
		;
	ok(vms_hunt_thread_stats(h, s, 4) == 4, "every thread has its numbers");
	for (i = 0; i < 4; i++)
		bad += s[i].team != i / 2 || s[i].actor != i % 2 || !s[i].wall_ns || !s[i].cpu_ns ||
		       s[i].cpu_ns > s[i].wall_ns + 50 * MS || s[i].cpu != -1 || s[i].migrated;
	ok(!bad, "team, actor, wall and CPU time are there");
	vms_hunt_free(h);
}

static void short_hunts(const char *scenario, unsigned n)
{
	vms_hunt_config c;

	while (n--) {
		drive_config(&c, scenario);
		c.budget_ns = 2 * MS;
		drive(&c, 0, 20, &d);
	}
}

static bool free_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, 0 };
	struct sigaction now;
	unsigned i;

	for (i = 0; i < 3; i++) {
		sigaction(signals[i] ? signals[i] : SIGRTMIN + 4, NULL, &now);
		if (now.sa_handler != SIG_DFL)
			return false;
	}
	return true;
}

static void leaves_nothing(const char *scenario)
{
	unsigned fds, maps, threads;

	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	short_hunts(scenario, 4); /* first touches of malloc and of thread stacks */
	fds = entries("/proc/self/fd");
	maps = mappings();
	threads = fewest_threads(500, 0);
	short_hunts(scenario, 20);
	ok(entries("/proc/self/fd") == fds, "%s: 20 hunts leave no file open", scenario);
	ok(mappings() <= maps + 8, "%s: no mapping (%u, %u before)", scenario, mappings(), maps);
	ok(fewest_threads(5000, threads) <= threads, "%s: no thread", scenario);
	ok(free_signals(), "%s: and the signals as they were", scenario);
}

/* Sanitizers have handlers of their own, and threads to run them. */
static void a_failed_start_leaves_nothing(void)
{
	unsigned fds = entries("/proc/self/fd"), threads = fewest_threads(500, 0);
	int32_t cpus[] = { -1, 1 << 20 };
	vms_hunt_config c;
	vms_error e;

	drive_config(&c, "fake-head-get");
	c.cpus = cpus; /* the second thread cannot start, the first exists */
	ok(!vms_hunt_start(&c, &e) && e.status == VMS_EINVAL, "a start that fails half way says so");
	ok(entries("/proc/self/fd") == fds && fewest_threads(5000, threads) <= threads &&
	   free_signals(), "and leaves nothing");
}

int main(void)
{
	budgets("specref", 100);
	stops("specref");
	threads_are_told();
	leaves_nothing("specref");
	if (UNDER_TSAN) {
		skip("hunts with a vmemmap", NO_REMAPS);
		return done();
	}
	budgets("fake-head-get", 200);
	stops("fake-head-get");
	leaves_nothing("fake-head-get");
	a_failed_start_leaves_nothing();
	return done();
}
