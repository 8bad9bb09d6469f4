/* What kind of CPU this process runs on, by architecture. */
#ifndef ARCH_HOST_H
#define ARCH_HOST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if defined(__aarch64__)

#include <sys/auxv.h>

#ifndef HWCAP_ATOMICS
#define HWCAP_ATOMICS (1 << 8)
#endif

static inline int arch_has_lse(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0;
}

/* An emulator for user programs shows the host's /proc/cpuinfo, which on aarch64
 * silicon names an implementer. */
static inline bool arch_is_emulated(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256];
	bool real = false;

	if (!f)
		return false;
	while (!real && fgets(line, sizeof(line), f))
		real = !strncmp(line, "CPU implementer", 15);
	fclose(f);
	return !real;
}

#else

/* -1: not of this architecture. */
static inline int arch_has_lse(void)
{
	return -1;
}

static inline bool arch_is_emulated(void)
{
	return false;
}

#endif

#endif
