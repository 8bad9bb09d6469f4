/*
 * The threads of one run: each is started on its CPU and held at a gate until all are
 * there; whoever asked waits for their end by the monotonic clock, which no step of the
 * wall clock moves; a wish to stop and the first error are kept here. A hunt and a timed
 * loop run by this, and put what is theirs under its lock.
 */
#ifndef NATIVE_RUNNER_H
#define NATIVE_RUNNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "arch/arch.h"

struct runner {
	pthread_mutex_t lock;   /* everything down to `error` */
	pthread_cond_t changed; /* by CLOCK_MONOTONIC */
	uint32_t running;       /* threads that have not ended */
	bool open;              /* the gate */
	bool over;              /* atomic: after the last thread, and what it did at the end */
	uint64_t ended_ns;
	vms_error error;
	/* Polled by every thread; relaxed: a wish, which orders nothing. */
	_Alignas(ARCH_CACHELINE) uint32_t stop;
};

void runner_create(struct runner *r);
void runner_destroy(struct runner *r);

/* As thread_start(); a thread that exists calls runner_leave() at its end. */
int runner_start(struct runner *r, pthread_t *thread, int cpu, void *(*run)(void *),
		 void *argument, vms_error *err);
void runner_open(struct runner *r);
/* In a thread, before it begins. False: stopped before the gate opened. */
bool runner_gate(struct runner *r);
/* Until *flag, which is under the lock; false if the run was stopped first. */
bool runner_await(struct runner *r, const bool *flag);

void runner_stop(struct runner *r);
/* Keep the first error; everybody leaves. */
void runner_fail(struct runner *r, const vms_error *why);
static inline bool runner_stopping(const struct runner *r)
{
	return __atomic_load_n(&r->stop, __ATOMIC_RELAXED);
}

/* True for the last thread, which calls runner_end() when all is done. */
bool runner_leave(struct runner *r);
void runner_end(struct runner *r);
/* Whether it is over, and then when: after it ended_ns may be read. */
static inline bool runner_is_over(const struct runner *r)
{
	/* acquire: ended_ns; pairs with runner_end() */
	return __atomic_load_n(&r->over, __ATOMIC_ACQUIRE);
}
/* 1: over; 0: not after timeout_ms. */
int runner_wait(struct runner *r, int timeout_ms);

#endif
