#include "native/runner.h"

#include <errno.h>
#include <string.h>

#include "native/clock.h"
#include "native/thread.h"

void runner_create(struct runner *r)
{
	pthread_condattr_t monotonic;

	memset(r, 0, sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void runner_destroy(struct runner *r)
{
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
}

static void count_running(struct runner *r, uint32_t change)
{
	pthread_mutex_lock(&r->lock);
	r->running += change;
	pthread_mutex_unlock(&r->lock);
}

int runner_start(struct runner *r, pthread_t *thread, int cpu, void *(*run)(void *),
		 void *argument, vms_error *err)
{
	int status;

	count_running(r, 1); /* before it can leave */
	status = thread_start(thread, cpu, run, argument, err);
	if (status)
		count_running(r, -1u);
	return status;
}

void runner_open(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	r->open = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

bool runner_await(struct runner *r, const bool *flag)
{
	bool is;

	pthread_mutex_lock(&r->lock);
	while (!*flag && !runner_stopping(r))
		pthread_cond_wait(&r->changed, &r->lock);
	is = *flag;
	pthread_mutex_unlock(&r->lock);
	return is;
}

bool runner_gate(struct runner *r)
{
	return runner_await(r, &r->open);
}

/* Under the lock, so that nobody who is about to sleep misses it. */
static void stop_locked(struct runner *r)
{
	__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
	pthread_cond_broadcast(&r->changed);
}

void runner_stop(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	stop_locked(r);
	pthread_mutex_unlock(&r->lock);
}

void runner_fail(struct runner *r, const vms_error *why)
{
	pthread_mutex_lock(&r->lock);
	if (!r->error.status)
		r->error = *why;
	stop_locked(r);
	pthread_mutex_unlock(&r->lock);
}

bool runner_leave(struct runner *r)
{
	bool last;

	pthread_mutex_lock(&r->lock);
	last = --r->running == 0;
	pthread_mutex_unlock(&r->lock);
	return last;
}

void runner_end(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	r->ended_ns = clock_now_ns();
	/* release: ended_ns before it; pairs with runner_is_over() */
	__atomic_store_n(&r->over, true, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

int runner_wait(struct runner *r, int timeout_ms)
{
	struct timespec until = clock_after_ms(timeout_ms);
	int over;

	pthread_mutex_lock(&r->lock);
	while (!r->over && pthread_cond_timedwait(&r->changed, &r->lock, &until) != ETIMEDOUT)
		;
	over = r->over;
	pthread_mutex_unlock(&r->lock);
	return over;
}
