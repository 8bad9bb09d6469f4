/*
 * Compiler built-ins, for sanitizer builds and for the loops that measure the
 * compiler's outline helpers: ThreadSanitizer understands
 * these, and is blind to inline assembly and to stand-alone fences. full is a
 * sequentially consistent read-modify-write, which is weaker than the kernel's
 * on paper and never weaker on the hosts where sanitizers run.
 */
#ifndef ARCH_GENERIC_H
#define ARCH_GENERIC_H
#ifndef ARCH_H
#error "include arch/arch.h"
#endif

#include <time.h>

#define ARCH_NAME "generic"
#define ARCH_ATOMICS "builtin"
#if defined(__x86_64__)
#define ARCH_ADD_FULL "lock"
#else
#define ARCH_ADD_FULL "bl" /* a call: the helper chooses at run time */
#endif
#define ARCH_ADD_RELAXED ARCH_ADD_FULL
#define ARCH_CMPXCHG_FULL ARCH_ADD_FULL
#define ARCH_TSO 0

static inline void arch_cpu_relax(void)
{
#if defined(__x86_64__)
	__asm__ volatile("pause" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

static inline uint64_t arch_cycles(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Not atomic_thread_fence: ThreadSanitizer has no model of it and gcc says so. */
static inline void arch_smp_mb(void)
{
	__sync_synchronize();
}

static inline void arch_smp_rmb(void)
{
	__sync_synchronize();
}

static inline void arch_smp_wmb(void)
{
	__sync_synchronize();
}

#define ARCH_GENERIC_OPS(order, model, weaker)                                  \
	static inline int arch_fetch_add_##order(int *p, int v)                     \
	{                                                                           \
		return __atomic_fetch_add(p, v, model);                                 \
	}                                                                           \
	static inline int arch_xchg_##order(int *p, int v)                          \
	{                                                                           \
		return __atomic_exchange_n(p, v, model);                                \
	}                                                                           \
	static inline int arch_cmpxchg_##order(int *p, int old, int new)            \
	{                                                                           \
		__atomic_compare_exchange_n(p, &old, new, 0, model, weaker);            \
		return old;                                                             \
	}                                                                           \
	static inline uint64_t arch_xchg64_##order(uint64_t *p, uint64_t v)         \
	{                                                                           \
		return __atomic_exchange_n(p, v, model);                                \
	}                                                                           \
	static inline uint64_t arch_cmpxchg64_##order(uint64_t *p, uint64_t old,    \
						      uint64_t new)                                     \
	{                                                                           \
		__atomic_compare_exchange_n(p, &old, new, 0, model, weaker);            \
		return old;                                                             \
	}

ARCH_GENERIC_OPS(relaxed, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
ARCH_GENERIC_OPS(acquire, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
ARCH_GENERIC_OPS(release, __ATOMIC_RELEASE, __ATOMIC_RELAXED)
ARCH_GENERIC_OPS(full, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
#undef ARCH_GENERIC_OPS

#endif
