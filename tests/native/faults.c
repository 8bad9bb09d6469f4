/*
 * Faults that are not the scenario's go to whoever had the handler before, and
 * afterwards that handler is back.
 */
#include <fcntl.h>
#include <kapi.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

static sigjmp_buf back;
static volatile sig_atomic_t taken, with_info;
static void *volatile taken_at;
static char *forbidden_page;

static void plain_handler(int sig)
{
	taken = sig;
	with_info = 0;
	siglongjmp(back, 1);
}

static void info_handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	taken = sig;
	with_info = 1;
	taken_at = info->si_addr;
	if (info->si_code > 0)
		siglongjmp(back, 1);
}

static void install_info(int sig)
{
	struct sigaction a = { .sa_sigaction = info_handler, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(sig, &a, NULL);
}

static bool has_info_handler(int sig)
{
	struct sigaction now;

	sigaction(sig, NULL, &now);
	return now.sa_flags & SA_SIGINFO && now.sa_sigaction == info_handler;
}

static void touch(volatile char *p)
{
	taken = 0;
	taken_at = NULL;
	if (!sigsetjmp(back, 1))
		*p = 1;
}

static unsigned touch_foreign(void *state)
{
	(void)state;
	*(volatile char *)forbidden_page = 1;
	return 0;
}

static void goes_to_the_one_before(struct rig *r)
{
	vms_error e = { 0 };

	install_info(SIGSEGV);
	install_info(SIGBUS);
	ok(fault_install(&e) == VMS_OK && fault_installed(), "the handler is ours");
	touch(forbidden_page);
	ok(taken == SIGSEGV && taken_at == forbidden_page,
	   "a fault of a thread that is no actor goes to the handler before, address and all");
	taken = 0;
	if (!sigsetjmp(back, 1))
		rig_guarded(r, touch_foreign);
	ok(taken == SIGSEGV && taken_at == forbidden_page,
	   "and so does an actor's fault outside its window");
	ok(!rig_take_fault(r).kind, "which is nobody's outcome");
	r->machine.cpus[0].guarded = 0;
	taken = 0;
	raise(SIGSEGV);
	ok(taken == SIGSEGV && with_info, "a signal that was sent is no fault");
	fault_uninstall();
	ok(!fault_installed() && has_info_handler(SIGSEGV) && has_info_handler(SIGBUS),
	   "the handlers before are back");
}

static void the_old_interface(void)
{
	vms_error e = { 0 };

	signal(SIGSEGV, plain_handler);
	fault_install(&e);
	touch(forbidden_page);
	ok(taken == SIGSEGV && !with_info, "a handler without siginfo is called too");
	fault_uninstall();
}

static void bus_errors(void)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	long size = sysconf(_SC_PAGESIZE);
	vms_error e = { 0 };
	char *p;

	install_info(SIGBUS);
	p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	fault_install(&e);
	touch(p); /* the file has no such page */
	ok(taken == SIGBUS && taken_at == p, "SIGBUS goes to the handler before");
	fault_uninstall();
	munmap(p, (size_t)size);
	close(fd);
}

static void users_are_counted(void)
{
	vms_error e = { 0 };

	install_info(SIGSEGV);
	fault_install(&e);
	fault_install(&e);
	fault_uninstall();
	ok(fault_installed(), "with two users the first to leave leaves the handler");
	fault_uninstall();
	ok(has_info_handler(SIGSEGV), "and the second restores");
}

static void a_newer_handler_stays(void)
{
	vms_error e = { 0 };

	signal(SIGSEGV, SIG_DFL);
	fault_install(&e);
	install_info(SIGSEGV); /* as faulthandler.enable() does */
	ok(!fault_installed(), "that somebody replaced us is noticed");
	fault_uninstall();
	ok(has_info_handler(SIGSEGV), "and theirs stays");
}

/* Without any handler before, the process dies of the fault, by the right signal. */
static void default_action_kills(void)
{
	vms_error e = { 0 };
	int status = 0;
	pid_t child;

	signal(SIGSEGV, SIG_DFL);
	fflush(stdout);
	child = fork();
	if (!child) {
		fault_install(&e);
		*(volatile char *)forbidden_page = 1;
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "with the default action before, a crash is a crash");
}

int main(void)
{
	static struct rig r;

	if (UNDER_TSAN)
		return skip_all(NO_REMAPS);
	forbidden_page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	rig_create(&r, 1);
	rig_map(&r, 0, 1);
	goes_to_the_one_before(&r);
	rig_destroy(&r);
	the_old_interface();
	bus_errors();
	users_are_counted();
	a_newer_handler_stays();
	default_action_kills();
	return done();
}
