/*
 * Signal handlers that somebody else may have had before: counted in and out, and what
 * is not ours goes to whoever had the signal. One set of signals and their one handler.
 */
#ifndef VMS_HANDLERS_H
#define VMS_HANDLERS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#define HANDLERS_MAX 8

struct handlers {
	int signals[HANDLERS_MAX];    /* ends with 0 */
	void (*handle)(int sig, siginfo_t *info, void *context);
	/* The module's own: */
	pthread_mutex_t lock;         /* PTHREAD_MUTEX_INITIALIZER */
	int users;
	struct sigaction before[HANDLERS_MAX];
};

/* On the alternate stack where there is one, with the signal not blocked: a handler may
 * leave by siglongjmp(). False: a signal could not be had. */
bool handlers_install(struct handlers *h);
/* After the last user; somebody who replaced us keeps what they installed. */
void handlers_remove(struct handlers *h);
/* Whether the signal still comes to us. */
bool handlers_have(const struct handlers *h, int sig);
/* In the handler: to whoever had it before; by default the fault repeats and kills. */
void handlers_chain(const struct handlers *h, int sig, siginfo_t *info, void *context);

#endif
