/*
 * aarch64, large system extensions (ARMv8.1): one instruction per operation.
 *
 * The AL forms are ordered both ways, which is what the kernel takes as full.
 * CAS needs write permission even when its compare fails, so a losing
 * compare-and-swap on a read-only alias faults, as on x86.
 */
#ifndef ARCH_AARCH64_LSE_H
#define ARCH_AARCH64_LSE_H

#include "arch/aarch64.h"

#define ARCH_ATOMICS "lse"
#define ARCH_ADD_FULL "ldaddal"
#define ARCH_ADD_RELAXED "ldadd"
#define ARCH_CMPXCHG_FULL "casal"
#define ARCH_LSE_ISA ".arch_extension lse\n"

/* INSN(name with order and suffix, register, type) in this order and size. */
#define LSE(name, size, order, INSN)                               \
	do {                                                       \
		if ((order) == MACH_RELAXED)                       \
			LSE_SIZES(name, size, INSN);               \
		else if ((order) == MACH_ACQUIRE)                  \
			LSE_SIZES(name "a", size, INSN);           \
		else if ((order) == MACH_RELEASE)                  \
			LSE_SIZES(name "l", size, INSN);           \
		else                                               \
			LSE_SIZES(name "al", size, INSN);          \
	} while (0)
#define LSE_SIZES(name, size, INSN)                                \
	do {                                                       \
		if ((size) == 1)                                   \
			INSN(name "b", "w", arch_u8);              \
		else if ((size) == 2)                              \
			INSN(name "h", "w", arch_u16);             \
		else if ((size) == 4)                              \
			INSN(name, "w", arch_u32);                 \
		else                                               \
			INSN(name, "x", arch_u64);                 \
	} while (0)

/* The old value comes back in a register of its own. */
#define LSE_FETCH(insn, r, type)                                                  \
	__asm__ volatile(ARCH_LSE_ISA insn " %" r "2, %" r "0, %1"                \
			 : "=r"(old), "+Q"(*(volatile type *)p) : "r"(v) : "memory")

ARCH_INLINE uint64_t arch_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
	uint64_t old;

	LSE("swp", size, order, LSE_FETCH);
	return old;
}

ARCH_INLINE uint64_t arch_cmpxchg(volatile void *p, unsigned size, uint64_t expected,
				  uint64_t new, enum mach_order order)
{
	uint64_t old = expected; /* cas compares as many bits as it stores */

#define CAS(insn, r, type)                                                        \
	__asm__ volatile(ARCH_LSE_ISA insn " %" r "0, %" r "2, %1"                \
			 : "+r"(old), "+Q"(*(volatile type *)p) : "r"(new) : "memory")
	LSE("cas", size, order, CAS);
#undef CAS
	return old;
}

ARCH_INLINE uint64_t arch_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size,
				   uint64_t v, enum mach_order order)
{
	uint64_t old;

	if (kind == MACH_OR) {
		LSE("ldset", size, order, LSE_FETCH);
	} else if (kind == MACH_AND) {
		v = ~v; /* there is only a clear */
		LSE("ldclr", size, order, LSE_FETCH);
	} else if (kind == MACH_XOR) {
		LSE("ldeor", size, order, LSE_FETCH);
	} else {
		LSE("ldadd", size, order, LSE_FETCH);
	}
	return old;
}

#undef LSE_FETCH
#undef LSE_SIZES
#undef LSE

#endif
