#include "model/escape.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "model/machine.h"
#include "model/model.h"

static pthread_mutex_t users_lock = PTHREAD_MUTEX_INITIALIZER;
static int users;
static struct sigaction before;

static __thread uintptr_t escaped_at;

/* On the fiber's own stack, where the access stood: this CPU goes no further. */
static void landing(void)
{
	struct run *r = model_this->running;
	struct op op = { .kind = OP_VIOLATE, .old = VIOLATION_ESCAPE, .dep = -1, .walk = -1,
			 .data = -1, .value = escaped_at };

	op.site = r->pending.site ? r->pending.site
				  : KAPI_SITE("before the first operation");
	model_this->direct = false; /* INIT is over too */
	for (;;)
		model_request(&op); /* nobody answers */
}

/* Make the interrupted context go on in landing(), below its red zone. */
static void divert(ucontext_t *c)
{
#if defined(__x86_64__)
	greg_t *r = c->uc_mcontext.gregs;

	escaped_at = (uintptr_t)r[REG_RIP];
	r[REG_RSP] = ((r[REG_RSP] - 256) & ~(greg_t)15) - 8;
	r[REG_RIP] = (greg_t)(uintptr_t)landing;
#elif defined(__aarch64__)
	escaped_at = c->uc_mcontext.pc;
	c->uc_mcontext.sp = (c->uc_mcontext.sp - 256) & ~15ull;
	c->uc_mcontext.pc = (uintptr_t)landing;
#endif
}

/* Scenario code runs on a fiber's stack: whatever it touches there is its own doing. */
static uintptr_t stack_of(const ucontext_t *c)
{
#if defined(__x86_64__)
	return (uintptr_t)c->uc_mcontext.gregs[REG_RSP];
#else
	return c->uc_mcontext.sp;
#endif
}

static bool inside(const char *start, size_t size, uintptr_t address)
{
	return start && address - (uintptr_t)start < size;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	struct model *m = model_this;
	uintptr_t address = (uintptr_t)info->si_addr;

	if (m && info->si_code > 0 && m->running &&
	    (inside(m->state, m->state_size, address) ||
	     inside(m->mmu.reserved, m->mmu.reserved_size, address) ||
	     inside(m->running->fiber.stack, m->running->fiber.size, stack_of(context)))) {
		divert(context);
		return;
	}
	if (before.sa_flags & SA_SIGINFO)
		before.sa_sigaction(sig, info, context);
	else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
		before.sa_handler(sig);
	else
		signal(sig, SIG_DFL); /* fault again, and die of it */
}

bool escape_install(void)
{
	struct sigaction action;
	int failed = 0;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_fault;
	/* NODEFER: the handler does not return where it came from */
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&users_lock);
	if (users++ == 0)
		failed = sigaction(SIGSEGV, &action, &before);
	pthread_mutex_unlock(&users_lock);
	return !failed;
}

void escape_remove(void)
{
	pthread_mutex_lock(&users_lock);
	if (--users == 0)
		sigaction(SIGSEGV, &before, NULL);
	pthread_mutex_unlock(&users_lock);
}
