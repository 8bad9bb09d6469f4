/* Small self-timed measurements of the host, for doctor and for validity. */
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "api.h"
#include "native/clock.h"
#include "native/team.h"

#define SAMPLES 101

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return v[n / 2];
}

/* ---- the counter ---- */

double clock_cycles_per_ns(void)
{
	uint64_t t = clock_now_ns(), c = arch_cycles(), t2;

	do
		t2 = clock_now_ns();
	while (t2 - t < 2000000);
	return (double)(arch_cycles() - c) / (double)(t2 - t);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

double vms_probe_clock_step_ns(void)
{
	uint64_t before = arch_cycles(), step = 0, now;
	int i;

	for (i = 0; i < 100000; i++) {
		now = arch_cycles();
		if (now > before)
			step = gcd(step, now - before);
		before = now;
	}
	return (double)step / clock_cycles_per_ns();
}

double vms_probe_clock_cost_ns(void)
{
	double v[SAMPLES];
	int i, k;

	for (i = 0; i < SAMPLES; i++) {
		uint64_t t = clock_now_ns();

		for (k = 0; k < 100; k++)
			(void)arch_cycles();
		v[i] = (double)(clock_now_ns() - t) / 100;
	}
	return median(v, SAMPLES);
}

/* ---- cache-line hand-off ---- */

#define ROUND 200

struct ping {
	_Alignas(ARCH_CACHELINE) int turn;
	_Alignas(ARCH_CACHELINE) int stop;
};

static void hand_over(struct ping *p, int mine)
{
	unsigned spins = 0;

	/* full: the line is all there is to order */
	while (arch_cmpxchg_full(&p->turn, mine, !mine) != mine) {
		if (__atomic_load_n(&p->stop, __ATOMIC_RELAXED))
			return;
		if (++spins % 100000 == 0)
			sched_yield();
	}
}

static void *pong(void *argument)
{
	struct ping *p = argument;

	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED))
		hand_over(p, 1);
	return NULL;
}

struct ping_job {
	struct ping *ping;
	uint64_t budget_ns;
	double one_way_ns;
};

static void *ping(void *argument)
{
	struct ping_job *job = argument;
	uint64_t begin = clock_now_ns(), t;
	double v[SAMPLES];
	int i, n = 0;

	do {
		t = clock_now_ns();
		for (i = 0; i < ROUND; i++)
			hand_over(job->ping, 0);
		v[n % SAMPLES] = (double)(clock_now_ns() - t) / (2 * ROUND);
		n++;
	} while (clock_now_ns() - begin < job->budget_ns);
	__atomic_store_n(&job->ping->stop, 1, __ATOMIC_RELAXED);
	job->one_way_ns = median(v, n < SAMPLES ? n : SAMPLES);
	return NULL;
}

static int start_on(pthread_t *thread, int cpu, void *(*run)(void *), void *argument)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int e;

	CPU_ZERO(&set);
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return -1;
	CPU_SET(cpu, &set);
	pthread_attr_init(&attr);
	e = pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	if (!e)
		e = pthread_create(thread, &attr, run, argument);
	pthread_attr_destroy(&attr);
	return e;
}

double vms_probe_handoff_ns(int cpu_a, int cpu_b, uint64_t budget_ns)
{
	struct ping p = { 0 };
	struct ping_job job = { &p, budget_ns, 0 };
	pthread_t a, b;

	if (start_on(&b, cpu_b, pong, &p))
		return -VMS_EINVAL;
	if (start_on(&a, cpu_a, ping, &job)) {
		__atomic_store_n(&p.stop, 1, __ATOMIC_RELAXED);
		pthread_join(b, NULL);
		return -VMS_EINVAL;
	}
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return job.one_way_ns;
}

/* ---- system calls ---- */

double vms_probe_remap_ns(void)
{
	long size = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("probe", MFD_CLOEXEC), i;
	double v[SAMPLES];
	char *at;

	if (fd < 0)
		return -VMS_EUNSUPPORTED;
	if (ftruncate(fd, 2 * size)) {
		close(fd);
		return -VMS_EUNSUPPORTED;
	}
	at = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	for (i = 0; at != MAP_FAILED && i < SAMPLES; i++) {
		uint64_t t = clock_now_ns();

		at = mmap(at, (size_t)size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, (i & 1) * size);
		v[i] = (double)(clock_now_ns() - t);
	}
	if (at != MAP_FAILED)
		munmap(at, (size_t)size);
	close(fd);
	return at == MAP_FAILED ? -VMS_EUNSUPPORTED : median(v, SAMPLES);
}

double vms_probe_membarrier_ns(void)
{
	double v[SAMPLES];
	int i;

	if (!rcu_have_membarrier())
		return -VMS_EUNSUPPORTED;
	for (i = 0; i < SAMPLES; i++) {
		uint64_t t = clock_now_ns();

		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
		v[i] = (double)(clock_now_ns() - t);
	}
	return median(v, SAMPLES);
}

double vms_probe_syscall_ns(void)
{
	double v[SAMPLES];
	int i, k;

	for (i = 0; i < SAMPLES; i++) {
		uint64_t t = clock_now_ns();

		for (k = 0; k < 20; k++)
			syscall(SYS_getppid);
		v[i] = (double)(clock_now_ns() - t) / 20;
	}
	return median(v, SAMPLES);
}
