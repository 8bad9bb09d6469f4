/* What kind of CPU this process runs on, by architecture. */
#ifndef ARCH_HOST_H
#define ARCH_HOST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__aarch64__)

#include <sys/auxv.h>

#ifndef HWCAP_ATOMICS
#define HWCAP_ATOMICS (1 << 8)
#endif
#ifndef HWCAP_USCAT
#define HWCAP_USCAT (1 << 25)
#endif

static inline int arch_has_lse(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0;
}

/* Unaligned accesses within 16 bytes are single copy atomic. */
static inline int arch_has_lse2(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_USCAT) != 0;
}

/* TLBI is a broadcast that the peers do not notice. */
static inline bool arch_shootdown_interrupts(void)
{
	return false;
}

/* The implementer of /proc/cpuinfo's first CPU; -1: it names none. */
static inline long arch_implementer(void)
{
	static const char key[] = "CPU implementer";
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[512], *colon;
	long found = -1;

	if (!f)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		if (colon && !strncmp(line, key, sizeof(key) - 1))
			found = strtol(colon + 1, NULL, 0);
	}
	fclose(f);
	return found;
}

/*
 * An emulator of user programs shows the kernel below it. arm64's has described each
 * CPU's identification in sysfs since 4.8, and no other kernel does; newer emulators
 * make up /proc/cpuinfo, but not that. Implementer 0 is reserved for software.
 */
static inline bool arch_is_emulated(void)
{
	static const char cpu0[] = "/sys/devices/system/cpu/cpu0";
	static const char midr[] = "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1";

	if (!access(cpu0, F_OK) && access(midr, F_OK))
		return true;
	return arch_implementer() <= 0;
}

#else

/* -1: not of this architecture. */
static inline int arch_has_lse(void)
{
	return -1;
}

static inline int arch_has_lse2(void)
{
	return -1;
}

static inline bool arch_is_emulated(void)
{
	return false;
}

#if defined(__x86_64__)
#include <cpuid.h>

#define ARCH_INVLPGB 0x8u /* CPUID 0x80000008, EBX bit 3: a broadcast, without interrupts */

static inline bool arch_shootdown_interrupts(void)
{
	unsigned a, b, c, d;

	return !__get_cpuid(0x80000008, &a, &b, &c, &d) || !(b & ARCH_INVLPGB);
}
#endif

#endif

#endif
