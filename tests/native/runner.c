/* The runner: who waits at the gate, what ends a wait, and by which clock. */
#include "native/runner.h"

#include <sched.h>
#include <string.h>

#include "error.h"
#include "native/clock.h"
#include "tap.h"

#define THREADS 3

struct trial {
	struct runner runner;
	pthread_t threads[THREADS];
	uint32_t there, passed, refused; /* atomic */
};

static void *thread(void *argument)
{
	struct trial *t = argument;

	__atomic_fetch_add(&t->there, 1, __ATOMIC_RELEASE);
	if (runner_gate(&t->runner))
		__atomic_fetch_add(&t->passed, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&t->refused, 1, __ATOMIC_RELAXED);
	if (runner_leave(&t->runner))
		runner_end(&t->runner);
	return NULL;
}

static void begin(struct trial *t)
{
	vms_error err = { 0 };
	unsigned i, bad = 0;

	memset(t, 0, sizeof(*t));
	runner_create(&t->runner);
	for (i = 0; i < THREADS; i++)
		bad += runner_start(&t->runner, &t->threads[i], -1, thread, t, &err) != VMS_OK;
	ok(!bad, "threads start: %s", err.text);
	while (__atomic_load_n(&t->there, __ATOMIC_ACQUIRE) < THREADS)
		sched_yield();
}

static void finish(struct trial *t)
{
	unsigned i;

	for (i = 0; i < THREADS; i++)
		pthread_join(t->threads[i], NULL);
	runner_destroy(&t->runner);
}

static void the_gate(void)
{
	static struct trial t;
	uint64_t before;

	begin(&t);
	before = clock_now_ns();
	ok(!runner_wait(&t.runner, 20) && clock_now_ns() - before >= 20000000,
	   "a wait ends without an end, and no earlier than asked");
	ok(!__atomic_load_n(&t.passed, __ATOMIC_RELAXED) && !runner_is_over(&t.runner),
	   "nobody passes a gate that is shut");
	runner_open(&t.runner);
	ok(runner_wait(&t.runner, 60000) && runner_is_over(&t.runner), "the last thread ends the wait");
	ok(t.passed == THREADS && t.runner.ended_ns >= before, "after all have passed");
	finish(&t);
}

static void stopped_before(void)
{
	static struct trial t;

	begin(&t);
	runner_stop(&t.runner);
	ok(runner_wait(&t.runner, 60000) && t.refused == THREADS && !t.passed,
	   "a stop wakes who waits at the gate, and nobody passes");
	finish(&t);
}

static void failed(void)
{
	static struct trial t;
	vms_error first, second;

	vms_fail(&first, VMS_EUNTRUSTED, "the first");
	vms_fail(&second, VMS_ECRASHED, "the second");
	begin(&t);
	runner_fail(&t.runner, &first);
	runner_fail(&t.runner, &second);
	ok(runner_stopping(&t.runner) && runner_wait(&t.runner, 60000), "a failure stops all");
	ok(t.runner.error.status == VMS_EUNTRUSTED, "and the first of two counts");
	finish(&t);
}

static void no_thread(void)
{
	struct runner r;
	pthread_t thread_of;
	vms_error err = { 0 };

	runner_create(&r);
	ok(runner_start(&r, &thread_of, CPU_SETSIZE + 1, thread, NULL, &err) == VMS_EINVAL &&
	   !r.running, "a thread that cannot start is not waited for: %s", err.text);
	runner_destroy(&r);
}

/* The wall clock would not stand between two looks at the other one. */
static void the_clock(void)
{
	uint64_t before = clock_now_ns(), after, at;
	struct timespec t = clock_after_ms(1500);

	after = clock_now_ns();
	at = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	ok(at >= before + 1500000000u && at <= after + 1500000000u,
	   "waits end by the monotonic clock");
}

int main(void)
{
	the_gate();
	stopped_before();
	failed();
	no_thread();
	the_clock();
	return done();
}
