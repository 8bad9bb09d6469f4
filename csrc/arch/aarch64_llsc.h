/*
 * aarch64, load-linked/store-conditional (ARMv8.0).
 *
 * full is ldxr + stlxr + dmb ish: the release half keeps earlier accesses
 * before the store, the fence keeps later ones after it. ldaxr + stlxr alone
 * would let a later access pass between the two halves.
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

#define ARCH_LLSC(order, ld, st, fence)                                         \
	static inline int arch_fetch_add_##order(int *p, int v)                     \
	{                                                                           \
		int old, sum, failed;                                                   \
		__asm__ volatile("1: " ld " %w0, %3\n"                                  \
				 "   add %w1, %w0, %w4\n"                                       \
				 "   " st " %w2, %w1, %3\n"                                     \
				 "   cbnz %w2, 1b\n" fence                                      \
				 : "=&r"(old), "=&r"(sum), "=&r"(failed), "+Q"(*p)              \
				 : "r"(v) : "memory");                                          \
		return old;                                                             \
	}                                                                           \
	static inline int arch_xchg_##order(int *p, int v)                          \
	{                                                                           \
		int old, failed;                                                        \
		__asm__ volatile("1: " ld " %w0, %2\n"                                  \
				 "   " st " %w1, %w3, %2\n"                                     \
				 "   cbnz %w1, 1b\n" fence                                      \
				 : "=&r"(old), "=&r"(failed), "+Q"(*p)                          \
				 : "r"(v) : "memory");                                          \
		return old;                                                             \
	}                                                                           \
	static inline int arch_cmpxchg_##order(int *p, int expected, int new)       \
	{                                                                           \
		int old, failed;                                                        \
		__asm__ volatile("1: " ld " %w0, %2\n"                                  \
				 "   cmp %w0, %w3\n"                                            \
				 "   b.ne 2f\n"                                                 \
				 "   " st " %w1, %w4, %2\n"                                     \
				 "   cbnz %w1, 1b\n" fence                                      \
				 "2:"                                                           \
				 : "=&r"(old), "=&r"(failed), "+Q"(*p)                          \
				 : "r"(expected), "r"(new) : "memory", "cc");                   \
		return old;                                                             \
	}                                                                           \
	static inline uint64_t arch_xchg64_##order(uint64_t *p, uint64_t v)         \
	{                                                                           \
		uint64_t old;                                                           \
		int failed;                                                             \
		__asm__ volatile("1: " ld " %0, %2\n"                                   \
				 "   " st " %w1, %3, %2\n"                                      \
				 "   cbnz %w1, 1b\n" fence                                      \
				 : "=&r"(old), "=&r"(failed), "+Q"(*p)                          \
				 : "r"(v) : "memory");                                          \
		return old;                                                             \
	}                                                                           \
	static inline uint64_t arch_cmpxchg64_##order(uint64_t *p,                  \
						      uint64_t expected, uint64_t new)                  \
	{                                                                           \
		uint64_t old;                                                           \
		int failed;                                                             \
		__asm__ volatile("1: " ld " %0, %2\n"                                   \
				 "   cmp %0, %3\n"                                              \
				 "   b.ne 2f\n"                                                 \
				 "   " st " %w1, %4, %2\n"                                      \
				 "   cbnz %w1, 1b\n" fence                                      \
				 "2:"                                                           \
				 : "=&r"(old), "=&r"(failed), "+Q"(*p)                          \
				 : "r"(expected), "r"(new) : "memory", "cc");                   \
		return old;                                                             \
	}

ARCH_LLSC(relaxed, "ldxr", "stxr", "")
ARCH_LLSC(acquire, "ldaxr", "stxr", "")
ARCH_LLSC(release, "ldxr", "stlxr", "")
ARCH_LLSC(full, "ldxr", "stlxr", "   dmb ish\n")
#undef ARCH_LLSC

#endif
