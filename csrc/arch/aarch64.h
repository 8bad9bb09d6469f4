/* aarch64: what LL/SC and LSE builds share. */
#ifndef ARCH_AARCH64_H
#define ARCH_AARCH64_H
#ifndef ARCH_H
#error "include arch/arch.h"
#endif

#include <sys/auxv.h>

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

/* One access of an object of this size: INSN("b", "w", type) for the suffix of its
 * instruction and its register. ldrb, ldrh and ldr w clear the rest of the register. */
#define AARCH64_BY_SIZE(size, INSN)                  \
	do {                                         \
		if ((size) == 1)                     \
			INSN("b", "w", arch_u8);     \
		else if ((size) == 2)                \
			INSN("h", "w", arch_u16);    \
		else if ((size) == 4)                \
			INSN("", "w", arch_u32);     \
		else                                 \
			INSN("", "x", arch_u64);     \
	} while (0)

#ifndef HWCAP_LRCPC
#define HWCAP_LRCPC (1 << 15)
#endif

/* ARMv8.3; without it LDAR, which orders more. */
ARCH_INLINE bool arch_has_rcpc(void)
{
#ifdef __ARM_FEATURE_RCPC
	return true;
#else
	return getauxval(AT_HWCAP) & HWCAP_LRCPC;
#endif
}

ARCH_INLINE uint64_t arch_load_ordered(const volatile void *p, unsigned size, bool rcpc)
{
	uint64_t v;

#define LDAR(suffix, r, type) \
	__asm__ volatile("ldar" suffix " %" r "0, %1" \
			 : "=r"(v) : "Q"(*(const volatile type *)p) : "memory")
#define LDAPR(suffix, r, type)                                                  \
	__asm__ volatile(".arch_extension rcpc\nldapr" suffix " %" r "0, %1"    \
			 : "=r"(v) : "Q"(*(const volatile type *)p) : "memory")
	if (rcpc)
		AARCH64_BY_SIZE(size, LDAPR);
	else
		AARCH64_BY_SIZE(size, LDAR);
#undef LDAR
#undef LDAPR
	return v;
}

/* Not the compiler's acquire: that may be LDAPR, and the kernel's is RCsc. C11's seq_cst is
 * LDAR and STLR, which stay in order. */
ARCH_INLINE uint64_t arch_load(const volatile void *p, unsigned size, enum mach_order order)
{
#define CASE(type, suffix) __atomic_load_n((const volatile type *)p, __ATOMIC_RELAXED)
	if (order == MACH_RELAXED)
		return ARCH_BY_SIZE(size, CASE);
#undef CASE
	return arch_load_ordered(p, size, order == MACH_ACQUIRE_PC && arch_has_rcpc());
}

ARCH_INLINE void arch_store(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
#define RELAXED(type, suffix) \
	(__atomic_store_n((volatile type *)p, (type)v, __ATOMIC_RELAXED), 0)
#define RELEASE(type, suffix) \
	(__atomic_store_n((volatile type *)p, (type)v, __ATOMIC_RELEASE), 0)
	if (order == MACH_RELAXED)
		(void)ARCH_BY_SIZE(size, RELAXED);
	else
		(void)ARCH_BY_SIZE(size, RELEASE);
#undef RELAXED
#undef RELEASE
}

#endif
