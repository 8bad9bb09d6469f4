/* aarch64: what LL/SC and LSE builds share. */
#ifndef ARCH_AARCH64_H
#define ARCH_AARCH64_H
#ifndef ARCH_H
#error "include arch/arch.h"
#endif

#define ARCH_NAME "aarch64"
#define ARCH_TSO 0

static inline void arch_cpu_relax(void)
{
	/* YIELD is a no-op on most cores; ISB really stalls the front end and
	 * keeps a spinning core off the contended line. */
	__asm__ volatile("isb" ::: "memory");
}

static inline uint64_t arch_cycles(void)
{
	uint64_t v;

	/* ISB: the counter may otherwise be read early, out of program order. */
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(v) :: "memory");
	return v;
}

/* Inner shareable: all CPUs of one system, no devices. */
static inline void arch_smp_mb(void)
{
	__asm__ volatile("dmb ish" ::: "memory");
}

static inline void arch_smp_rmb(void)
{
	__asm__ volatile("dmb ishld" ::: "memory");
}

static inline void arch_smp_wmb(void)
{
	__asm__ volatile("dmb ishst" ::: "memory");
}

#endif
