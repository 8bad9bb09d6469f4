/*
 * aarch64, load-linked/store-conditional (ARMv8.0).
 *
 * full is ldxr + stlxr + dmb ish: the release half keeps earlier accesses
 * before the store, the fence keeps later ones after it. ldaxr + stlxr alone
 * would let a later access pass between the two halves: that is acq_rel, and what
 * C11's seq_cst is compiled to.
 *
 * A cmpxchg whose compare fails leaves the loop before the store, so it needs
 * no write permission: on a read-only alias it does not fault. LSE differs.
 */
#ifndef ARCH_AARCH64_LLSC_H
#define ARCH_AARCH64_LLSC_H

#include "arch/aarch64.h"

#define ARCH_ATOMICS "llsc"
#define ARCH_ADD_FULL "ldxr|stlxr|dmb"
#define ARCH_ADD_RELAXED "ldxr|stxr"
#define ARCH_CMPXCHG_FULL "ldxr|stlxr|dmb"

/* LOOP(suffix, register, type, load, store, fence) in this order and size. */
#define LLSC(size, order, LOOP)                                              \
	do {                                                                 \
		if ((order) == MACH_RELAXED)                                 \
			LLSC_SIZES(size, LOOP, "ldxr", "stxr", "");          \
		else if ((order) == MACH_ACQUIRE)                            \
			LLSC_SIZES(size, LOOP, "ldaxr", "stxr", "");         \
		else if ((order) == MACH_RELEASE)                            \
			LLSC_SIZES(size, LOOP, "ldxr", "stlxr", "");         \
		else if ((order) == MACH_FULL)                               \
			LLSC_SIZES(size, LOOP, "ldxr", "stlxr", "   dmb ish\n"); \
		else                                                         \
			LLSC_SIZES(size, LOOP, "ldaxr", "stlxr", "");        \
	} while (0)
#define LLSC_SIZES(size, LOOP, ld, st, fence)                                \
	do {                                                                 \
		if ((size) == 1)                                             \
			LOOP("b", "w", arch_u8, ld, st, fence);              \
		else if ((size) == 2)                                        \
			LOOP("h", "w", arch_u16, ld, st, fence);             \
		else if ((size) == 4)                                        \
			LOOP("", "w", arch_u32, ld, st, fence);              \
		else                                                         \
			LOOP("", "x", arch_u64, ld, st, fence);              \
	} while (0)

ARCH_INLINE uint64_t arch_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
	uint64_t old;
	unsigned failed;

#define LOOP(suffix, r, type, ld, st, fence)                                     \
	__asm__ volatile("1: " ld suffix " %" r "0, %2\n"                        \
			 "   " st suffix " %w1, %" r "3, %2\n"                   \
			 "   cbnz %w1, 1b\n" fence                               \
			 : "=&r"(old), "=&r"(failed), "+Q"(*(volatile type *)p)  \
			 : "r"(v) : "memory")
	LLSC(size, order, LOOP);
#undef LOOP
	return old;
}

ARCH_INLINE uint64_t arch_cmpxchg(volatile void *p, unsigned size, uint64_t expected,
				  uint64_t new, enum mach_order order)
{
	uint64_t old;
	unsigned failed;

#define LOOP(suffix, r, type, ld, st, fence)                                     \
	__asm__ volatile("1: " ld suffix " %" r "0, %2\n"                        \
			 "   cmp %" r "0, %" r "3\n"                             \
			 "   b.ne 2f\n"                                          \
			 "   " st suffix " %w1, %" r "4, %2\n"                   \
			 "   cbnz %w1, 1b\n" fence                               \
			 "2:"                                                    \
			 : "=&r"(old), "=&r"(failed), "+Q"(*(volatile type *)p)  \
			 : "r"((uint64_t)(type)expected), "r"(new) : "memory", "cc")
	LLSC(size, order, LOOP);
#undef LOOP
	return old;
}

/* insn: of the old value and the operand */
#define LLSC_OP(suffix, r, type, ld, st, fence, insn)                            \
	__asm__ volatile("1: " ld suffix " %" r "0, %3\n"                        \
			 "   " insn " %" r "1, %" r "0, %" r "4\n"               \
			 "   " st suffix " %w2, %" r "1, %3\n"                   \
			 "   cbnz %w2, 1b\n" fence                               \
			 : "=&r"(old), "=&r"(new), "=&r"(failed),                \
			   "+Q"(*(volatile type *)p)                             \
			 : "r"(v) : "memory")

ARCH_INLINE uint64_t arch_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size,
				   uint64_t v, enum mach_order order)
{
	uint64_t old, new;
	unsigned failed;

#define ADD(suffix, r, type, ld, st, fence) LLSC_OP(suffix, r, type, ld, st, fence, "add")
#define OR(suffix, r, type, ld, st, fence) LLSC_OP(suffix, r, type, ld, st, fence, "orr")
#define AND(suffix, r, type, ld, st, fence) LLSC_OP(suffix, r, type, ld, st, fence, "and")
#define XOR(suffix, r, type, ld, st, fence) LLSC_OP(suffix, r, type, ld, st, fence, "eor")
	if (kind == MACH_OR)
		LLSC(size, order, OR);
	else if (kind == MACH_AND)
		LLSC(size, order, AND);
	else if (kind == MACH_XOR)
		LLSC(size, order, XOR);
	else
		LLSC(size, order, ADD);
#undef ADD
#undef OR
#undef AND
#undef XOR
	return old;
}

#undef LLSC_OP
#undef LLSC_SIZES
#undef LLSC

#endif
