/* Small self-timed measurements of the host, for doctor and for validity. */
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "api.h"
#include "native/clock.h"
#include "native/median.h"
#include "native/rcu.h"

#define SAMPLES 101

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
	return median_of(v, SAMPLES);
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
	return at == MAP_FAILED ? -VMS_EUNSUPPORTED : median_of(v, SAMPLES);
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
	return median_of(v, SAMPLES);
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
	return median_of(v, SAMPLES);
}
