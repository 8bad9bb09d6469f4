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

#define ARCH_LSE_OPS(order, s)                                                  \
	static inline int arch_fetch_add_##order(int *p, int v)                     \
	{                                                                           \
		int old;                                                                \
		__asm__ volatile(ARCH_LSE_ISA "ldadd" s " %w2, %w0, %1"                 \
				 : "=r"(old), "+Q"(*p) : "r"(v) : "memory");                    \
		return old;                                                             \
	}                                                                           \
	static inline int arch_xchg_##order(int *p, int v)                          \
	{                                                                           \
		int old;                                                                \
		__asm__ volatile(ARCH_LSE_ISA "swp" s " %w2, %w0, %1"                   \
				 : "=r"(old), "+Q"(*p) : "r"(v) : "memory");                    \
		return old;                                                             \
	}                                                                           \
	static inline int arch_cmpxchg_##order(int *p, int old, int new)            \
	{                                                                           \
		__asm__ volatile(ARCH_LSE_ISA "cas" s " %w0, %w2, %1"                   \
				 : "+r"(old), "+Q"(*p) : "r"(new) : "memory");                  \
		return old;                                                             \
	}                                                                           \
	static inline uint64_t arch_xchg64_##order(uint64_t *p, uint64_t v)         \
	{                                                                           \
		uint64_t old;                                                           \
		__asm__ volatile(ARCH_LSE_ISA "swp" s " %2, %0, %1"                     \
				 : "=r"(old), "+Q"(*p) : "r"(v) : "memory");                    \
		return old;                                                             \
	}                                                                           \
	static inline uint64_t arch_cmpxchg64_##order(uint64_t *p, uint64_t old,    \
						      uint64_t new)                                     \
	{                                                                           \
		__asm__ volatile(ARCH_LSE_ISA "cas" s " %0, %2, %1"                     \
				 : "+r"(old), "+Q"(*p) : "r"(new) : "memory");                  \
		return old;                                                             \
	}

ARCH_LSE_OPS(relaxed, "")
ARCH_LSE_OPS(acquire, "a")
ARCH_LSE_OPS(release, "l")
ARCH_LSE_OPS(full, "al")
#undef ARCH_LSE_OPS

#endif
