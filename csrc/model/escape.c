#include "model/escape.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "model/machine.h"
#include "model/model.h"

#define ALTERNATE_SIZE (64u * 1024)

static const int signals[] = { SIGSEGV, SIGFPE, SIGILL, SIGTRAP };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static pthread_mutex_t users_lock = PTHREAD_MUTEX_INITIALIZER;
static int users;
static struct sigaction before[SIGNALS];

static __thread uintptr_t escaped_at;
static __thread enum violation escaped_how;
static __thread void *alternate; /* stack for the handler: the fiber's may be full */

/* On the fiber's own stack, where the code stood: this CPU goes no further. */
static void landing(void)
{
	struct run *r = model_this->running;
	struct op op = { .kind = OP_VIOLATE, .old = escaped_how, .walk = -1,
			 .value = escaped_at };

	op.site = r->pending.site ? r->pending.site
				  : KAPI_SITE("before the first operation");
	model_this->direct = false; /* INIT is over too */
	for (;;)
		model_request(&op); /* nobody answers */
}

/* Make the interrupted context go on in landing(), from this stack pointer on. */
static void divert(ucontext_t *c, uintptr_t stack)
{
#if defined(__x86_64__)
	greg_t *r = c->uc_mcontext.gregs;

	escaped_at = (uintptr_t)r[REG_RIP];
	r[REG_RSP] = (greg_t)((stack & ~(uintptr_t)15) - 8);
	r[REG_RIP] = (greg_t)(uintptr_t)landing;
#elif defined(__aarch64__)
	escaped_at = c->uc_mcontext.pc;
	c->uc_mcontext.sp = stack & ~15ull;
	c->uc_mcontext.pc = (uintptr_t)landing;
#endif
}

/* Scenario code runs on a fiber's stack: whatever it does there is its own doing. */
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

/* What a fault of this thread is, and where on its stack there is room. False: not ours. */
static bool escaped(const struct model *m, int sig, uintptr_t address, uintptr_t *stack)
{
	const struct fiber *f = &m->running->fiber;
	bool segv = sig == SIGSEGV, own = inside(f->stack, f->size, *stack);

	escaped_how = segv ? VIOLATION_ESCAPE : VIOLATION_TRAP;
	if (segv && inside(f->stack - f->guard, f->guard, address)) {
		escaped_how = VIOLATION_STACK;
		*stack = (uintptr_t)f->stack + f->size; /* nobody returns to what is there */
		return true;
	}
	*stack -= 256; /* below its red zone */
	return own || (segv && (inside(m->reserved, m->reserved_size, address) ||
				inside(m->mmu.reserved, m->mmu.reserved_size, address)));
}

static void chain(const struct sigaction *old, int sig, siginfo_t *info, void *context)
{
	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(sig, info, context);
	else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
		old->sa_handler(sig);
	else
		signal(sig, SIG_DFL); /* fault again, and die of it */
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	struct model *m = model_this;
	uintptr_t stack = stack_of(context);
	unsigned i = 0;

	if (m && info->si_code > 0 && m->running &&
	    escaped(m, sig, (uintptr_t)info->si_addr, &stack)) {
		divert(context, stack);
		return;
	}
	while (signals[i] != sig)
		i++;
	chain(&before[i], sig, info, context);
}

static void alternate_install(void)
{
	stack_t ss;

	/* a sanitizer has given the thread one, perhaps */
	if (sigaltstack(NULL, &ss) || !(ss.ss_flags & SS_DISABLE))
		return;
	ss = (stack_t){ .ss_size = ALTERNATE_SIZE };
	ss.ss_sp = mmap(NULL, ss.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	if (ss.ss_sp == MAP_FAILED)
		return;
	alternate = ss.ss_sp;
	sigaltstack(&ss, NULL);
}

static void alternate_remove(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	if (!alternate)
		return;
	sigaltstack(&none, NULL);
	munmap(alternate, ALTERNATE_SIZE);
	alternate = NULL;
}

bool escape_install(void)
{
	struct sigaction action;
	int failed = 0;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_fault;
	/* NODEFER: the handler does not return where it came from */
	action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&users_lock);
	if (users++ == 0) {
		for (unsigned i = 0; i < SIGNALS; i++)
			failed |= sigaction(signals[i], &action, &before[i]);
	}
	pthread_mutex_unlock(&users_lock);
	alternate_install();
	return !failed;
}

void escape_remove(void)
{
	alternate_remove();
	pthread_mutex_lock(&users_lock);
	if (--users == 0) {
		for (unsigned i = 0; i < SIGNALS; i++)
			sigaction(signals[i], &before[i], NULL);
	}
	pthread_mutex_unlock(&users_lock);
}
