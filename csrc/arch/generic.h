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

/* The compiler's name of an order; a constant where this is inlined. */
ARCH_INLINE int arch_model(enum mach_order order)
{
	switch (order) {
	case MACH_RELAXED:
		return __ATOMIC_RELAXED;
	case MACH_ACQUIRE:
	case MACH_ACQUIRE_PC:
		return __ATOMIC_ACQUIRE;
	case MACH_RELEASE:
		return __ATOMIC_RELEASE;
	case MACH_ACQ_REL:
		return __ATOMIC_ACQ_REL;
	default:
		return __ATOMIC_SEQ_CST;
	}
}

ARCH_INLINE uint64_t arch_load(const volatile void *p, unsigned size, enum mach_order order)
{
#define CASE(type, suffix) __atomic_load_n((const volatile type *)p, arch_model(order))
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE void arch_store(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
#define CASE(type, suffix) \
	(__atomic_store_n((volatile type *)p, (type)v, arch_model(order)), 0)
	(void)ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE uint64_t arch_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
#define CASE(type, suffix) \
	__atomic_exchange_n((volatile type *)p, (type)v, arch_model(order))
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE uint64_t arch_cmpxchg(volatile void *p, unsigned size, uint64_t old, uint64_t new,
				  enum mach_order order)
{
#define CASE(type, suffix)                                                           \
	({                                                                           \
		type seen_ = (type)old;                                              \
		__atomic_compare_exchange_n((volatile type *)p, &seen_, (type)new, 0, \
					    arch_model(order), __ATOMIC_RELAXED);     \
		seen_;                                                               \
	})
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE uint64_t arch_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size,
				   uint64_t v, enum mach_order order)
{
#define ADD(type, suffix) __atomic_fetch_add((volatile type *)p, (type)v, arch_model(order))
#define OR(type, suffix) __atomic_fetch_or((volatile type *)p, (type)v, arch_model(order))
#define AND(type, suffix) __atomic_fetch_and((volatile type *)p, (type)v, arch_model(order))
#define XOR(type, suffix) __atomic_fetch_xor((volatile type *)p, (type)v, arch_model(order))
	switch (kind) {
	case MACH_OR:
		return ARCH_BY_SIZE(size, OR);
	case MACH_AND:
		return ARCH_BY_SIZE(size, AND);
	case MACH_XOR:
		return ARCH_BY_SIZE(size, XOR);
	default:
		return ARCH_BY_SIZE(size, ADD);
	}
#undef ADD
#undef OR
#undef AND
#undef XOR
}

#endif
