/*
 * Pausing the other actors wherever they are: the user-space IPI is a signal.
 * A CPU with interrupts off answers when it enables them. The handler spins, as
 * a paused kernel CPU does, and yields when the pauser may need its core.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "error.h"
#include "native/machine_state.h"
#include "native/pause.h"

static pthread_mutex_t users_lock = PTHREAD_MUTEX_INITIALIZER;
static int users;
static struct sigaction before;

static int pause_signal(void)
{
	return SIGRTMIN + 4;
}

static void pause_here(struct cpu *cpu)
{
	struct pause *p = &cpu->machine->pause;
	/* acquire: see the pause that the signal announced */
	uint32_t generation = __atomic_load_n(&p->generation, __ATOMIC_ACQUIRE);
	uint32_t waiting = cpu->waiting;
	unsigned spins = 0;

	if ((int32_t)(__atomic_load_n(&p->resumed, __ATOMIC_ACQUIRE) - generation) >= 0) {
		/* over already; relaxed: nothing was done in it */
		__atomic_store_n(&cpu->pause_left, generation, __ATOMIC_RELAXED);
		return;
	}
	/* relaxed: the pauser must not stall for us meanwhile */
	__atomic_store_n(&cpu->waiting, WAITING_FOR_ANY, __ATOMIC_RELAXED);
	/* release: every access of this CPU so far; pairs with the acquire poll
	 * in pause_others() */
	__atomic_store_n(&cpu->pause_ack, generation, __ATOMIC_RELEASE);
	/* acquire: the new map before our next access; pairs with pause_resume() */
	while ((int32_t)(__atomic_load_n(&p->resumed, __ATOMIC_ACQUIRE) - generation) < 0) {
		arch_cpu_relax();
		if (++spins > 2000)
			sched_yield();
	}
	__atomic_store_n(&cpu->waiting, waiting, __ATOMIC_RELAXED);
	/* release: nothing of the pause is left; pairs with pause_resume_all() */
	__atomic_store_n(&cpu->pause_left, generation, __ATOMIC_RELEASE);
}

static void on_pause(int sig)
{
	struct cpu *cpu = kapi_this_cpu;
	int saved = errno;

	(void)sig;
	if (!cpu)
		return;
	if (cpu->irq_off)
		cpu->pause_deferred = 1;
	else
		pause_here(cpu);
	errno = saved;
}

int pause_install(vms_error *err)
{
	struct sigaction action, now;
	int status = VMS_OK;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_pause;
	action.sa_flags = SA_RESTART;
	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&users_lock);
	if (users == 0) {
		sigaction(pause_signal(), NULL, &now);
		if (now.sa_handler != SIG_DFL)
			status = vms_fail(err, VMS_EUNSUPPORTED,
					  "signal %d is taken by somebody else in this process: "
					  "pausing CPUs needs it", pause_signal());
		else
			sigaction(pause_signal(), &action, &before);
	}
	if (!status)
		users++;
	pthread_mutex_unlock(&users_lock);
	return status;
}

void pause_uninstall(void)
{
	pthread_mutex_lock(&users_lock);
	if (--users == 0)
		sigaction(pause_signal(), &before, NULL);
	pthread_mutex_unlock(&users_lock);
}

void pause_pending(struct cpu *cpu)
{
	cpu->pause_deferred = 0;
	pause_here(cpu);
}

static void await_answer(const uint32_t *answer, uint32_t generation)
{
	unsigned spins = 0;

	/* acquire: the peer's accesses before ours; pairs with pause_here() */
	while (__atomic_load_n(answer, __ATOMIC_ACQUIRE) != generation) {
		arch_cpu_relax();
		if (++spins > 200)
			sched_yield();
	}
}

static bool is_peer(const struct cpu *cpu, unsigned i)
{
	return i != cpu->actor && !cpu->machine->cpus[i].absent;
}

void pause_others(struct cpu *cpu, bool wait)
{
	struct machine *m = cpu->machine;
	struct pause *p = &m->pause;
	uint32_t generation;
	unsigned i;

	__atomic_store_n(&cpu->waiting, WAITING_FOR_ANY, __ATOMIC_RELAXED);
	/* acquire: one pauser at a time; pairs with the release in pause_resume() */
	while (arch_cmpxchg_acquire(&p->owner, 0, (int)cpu->actor + 1) != 0)
		sched_yield(); /* the other pauser pauses us here */
	generation = p->generation + 1;
	/* release: pairs with the acquire in pause_here() */
	__atomic_store_n(&p->generation, generation, __ATOMIC_RELEASE);
	for (i = 0; i < m->n_cpus; i++) {
		if (is_peer(cpu, i))
			pthread_kill(m->threads[i], pause_signal());
	}
	for (i = 0; wait && i < m->n_cpus; i++) {
		if (is_peer(cpu, i))
			await_answer(&m->cpus[i].pause_ack, generation);
	}
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
}

void pause_resume(struct cpu *cpu)
{
	struct pause *p = &cpu->machine->pause;

	if (p->owner != (int)cpu->actor + 1)
		return;
	/* release: the new map before the peers run on; pairs with pause_here() */
	__atomic_store_n(&p->resumed, p->generation, __ATOMIC_RELEASE);
	/* release: hands the pause over; pairs with the acquire in pause_others() */
	__atomic_store_n(&p->owner, 0, __ATOMIC_RELEASE);
}

void pause_resume_all(struct cpu *cpu)
{
	struct machine *m = cpu->machine;
	uint32_t generation = m->pause.generation;
	unsigned i;

	if (m->pause.owner != (int)cpu->actor + 1)
		return;
	pause_resume(cpu);
	for (i = 0; i < m->n_cpus; i++) {
		if (is_peer(cpu, i))
			await_answer(&m->cpus[i].pause_left, generation);
	}
}
