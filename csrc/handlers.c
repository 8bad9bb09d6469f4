#include "handlers.h"

#include <string.h>

bool handlers_install(struct handlers *h)
{
	struct sigaction action;
	int failed = 0;
	unsigned i;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = h->handle;
	/* SA_NODEFER: the handler may leave by siglongjmp, which restores no mask */
	action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&h->lock);
	if (h->users++ == 0) {
		for (i = 0; h->signals[i]; i++)
			failed |= sigaction(h->signals[i], &action, &h->before[i]);
	}
	pthread_mutex_unlock(&h->lock);
	return !failed;
}

bool handlers_have(const struct handlers *h, int sig)
{
	struct sigaction now;

	sigaction(sig, NULL, &now);
	return (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == h->handle;
}

void handlers_remove(struct handlers *h)
{
	unsigned i;

	pthread_mutex_lock(&h->lock);
	if (--h->users == 0) {
		for (i = 0; h->signals[i]; i++) {
			if (handlers_have(h, h->signals[i]))
				sigaction(h->signals[i], &h->before[i], NULL);
		}
	}
	pthread_mutex_unlock(&h->lock);
}

void handlers_chain(const struct handlers *h, int sig, siginfo_t *info, void *context)
{
	const struct sigaction *old = h->before;
	unsigned i;

	for (i = 0; h->signals[i] != sig; i++)
		old++;
	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(sig, info, context);
	else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
		old->sa_handler(sig);
	else
		signal(sig, SIG_DFL); /* return, fault again, and die of the right signal */
}
