/* Threads that stand on their CPU before they run: one that pins itself has run
 * elsewhere first, and inherits its maker's mask. */
#ifndef NATIVE_THREAD_H
#define NATIVE_THREAD_H

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "error.h"

static inline int thread_pin(pthread_attr_t *attr, int cpu, vms_error *err)
{
	cpu_set_t set;

	if (cpu < 0)
		return VMS_OK;
	CPU_ZERO(&set);
	if (cpu < CPU_SETSIZE)
		CPU_SET(cpu, &set);
	if (cpu >= CPU_SETSIZE || pthread_attr_setaffinity_np(attr, sizeof(set), &set))
		return vms_fail(err, VMS_EINVAL, "cannot pin a thread to CPU %d", cpu);
	return VMS_OK;
}

/* cpu -1: not pinned. */
static inline int thread_start(pthread_t *thread, int cpu, void *(*run)(void *),
			       void *argument, vms_error *err)
{
	pthread_attr_t attr;
	int status, e;

	pthread_attr_init(&attr);
	status = thread_pin(&attr, cpu, err);
	if (!status) {
		e = pthread_create(thread, &attr, run, argument);
		if (e)
			status = vms_fail(err, VMS_EUNSUPPORTED,
					  "cannot start a thread on CPU %d: %s", cpu, strerror(e));
	}
	pthread_attr_destroy(&attr);
	return status;
}

#endif
