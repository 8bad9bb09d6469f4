/*
 * Real-time priority for the workers alone, for bursts too short for the kernel's
 * throttle (950 ms in a second) and under a watchdog that nothing of ours can starve:
 * a thread of higher priority that sleeps until the limit and takes the priority away
 * from every worker. Each worker looks at the limit itself, too.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "error.h"
#include "loops/engine/engine.h"
#include "native/clock.h"

#define WORKER_PRIORITY 10
#define WATCHDOG_PRIORITY 20
#define LIMIT_NS 900000000u  /* from the start of the threads to their end, at most */
#define SLACK_NS 100000000u  /* beyond the time asked for: entering, the lead, the last chunks */

static void set_fifo(pthread_attr_t *attr, int priority)
{
	struct sched_param p = { .sched_priority = priority };

	pthread_attr_setinheritsched(attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(attr, SCHED_FIFO);
	pthread_attr_setschedparam(attr, &p);
}

bool realtime_raise(void)
{
	struct sched_param p = { .sched_priority = WORKER_PRIORITY };

	errno = pthread_setschedparam(pthread_self(), SCHED_FIFO, &p);
	return errno == 0;
}

void realtime_lower(pthread_t thread)
{
	struct sched_param p = { .sched_priority = 0 };

	pthread_setschedparam(thread, SCHED_OTHER, &p);
}

/* From here on the workers may be real-time: their time runs. Under the lock. */
void realtime_arm(struct engine *e)
{
	const vms_loop_config *c = &e->run.config;

	if (c->realtime)
		e->limit_ns = clock_now_ns() + c->warmup_ns + c->measure_ns + SLACK_NS;
}

static void *watch(void *argument)
{
	struct engine *e = argument;
	struct timespec until;
	vms_error err;
	uint32_t i;
	int rc = 0;

	pthread_mutex_lock(&e->run.runner.lock);
	while (!e->run.runner.over && !e->limit_ns)
		pthread_cond_wait(&e->run.runner.changed, &e->run.runner.lock);
	until = (struct timespec){ .tv_sec = (time_t)(e->limit_ns / 1000000000u),
				   .tv_nsec = (long)(e->limit_ns % 1000000000u) };
	while (!e->run.runner.over && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&e->run.runner.changed, &e->run.runner.lock, &until);
	for (i = 0; !e->run.runner.over && i < e->run.n_threads; i++)
		realtime_lower(e->workers[i].thread);
	rc = e->run.runner.over ? 0 : rc;
	pthread_mutex_unlock(&e->run.runner.lock);
	if (rc) {
		vms_fail(&err, VMS_EUNTRUSTED, "real-time: the watchdog ended the run");
		runner_fail(&e->run.runner, &err);
	}
	return NULL;
}

/* Two workers on one CPU would wait for each other for ever. */
int realtime_check(const vms_loop_config *c, vms_error *err)
{
	int32_t i, k;

	for (i = 0; i < c->n_threads; i++) {
		if (!c->cpus || c->cpus[i] < 0)
			return vms_fail(err, VMS_EINVAL,
					"real-time: every thread needs a CPU of its own; pin them");
		for (k = 0; k < i; k++) {
			if (c->cpus[k] == c->cpus[i])
				return vms_fail(err, VMS_EINVAL,
						"real-time: two threads on CPU %d", c->cpus[i]);
		}
	}
	if (c->operations)
		return vms_fail(err, VMS_EINVAL, "real-time: give a time, not operations");
	if (c->warmup_ns + c->measure_ns > LIMIT_NS - SLACK_NS)
		return vms_fail(err, VMS_EINVAL,
				"real-time: warm-up and window together at most %u ms",
				(LIMIT_NS - SLACK_NS) / 1000000);
	return VMS_OK;
}

int realtime_prepare(struct engine *e, vms_error *err)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	set_fifo(&attr, WATCHDOG_PRIORITY);
	rc = pthread_create(&e->watchdog, &attr, watch, e);
	pthread_attr_destroy(&attr);
	if (rc)
		return vms_fail(err, VMS_EUNSUPPORTED,
				"real-time: no permission for SCHED_FIFO (%s); it needs CAP_SYS_NICE "
				"or `ulimit -r %d`", strerror(rc), WATCHDOG_PRIORITY);
	e->watched = true;
	return VMS_OK;
}

void realtime_end(struct engine *e)
{
	if (e->watched)
		pthread_join(e->watchdog, NULL);
}
