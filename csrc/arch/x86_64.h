/*
 * x86-64. A LOCK-prefixed instruction is a full barrier, so read-modify-writes of every
 * order are one instruction. LOCK CMPXCHG performs a write cycle even when the compare
 * fails; on a page mapped read-only it faults then too (measured, AMD Zen 5).
 */
#ifndef ARCH_X86_64_H
#define ARCH_X86_64_H
#ifndef ARCH_H
#error "include arch/arch.h"
#endif

#define ARCH_NAME "x86-64"
#define ARCH_ATOMICS "lock"
#define ARCH_TSO 1
#define ARCH_HAS_TRY_CMPXCHG 1
#define ARCH_ADD_FULL "lock xadd"
#define ARCH_ADD_RELAXED "lock xadd"
#define ARCH_CMPXCHG_FULL "lock cmpxchg"

/* One load instead of a call. Each such object takes of the little room that the loader
 * keeps for late ones, here for some hundred files; aarch64's descriptors cost as little
 * and need none of it. */
#define ARCH_LOADED_TLS __attribute__((tls_model("initial-exec")))

static inline void arch_cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

static inline uint64_t arch_cycles(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* A locked add below the stack pointer drains the store buffer for less than
 * MFENCE, which also waits for non-temporal and device stores. */
static inline void arch_smp_mb(void)
{
	__asm__ volatile("lock; addl $0, -4(%%rsp)" ::: "memory", "cc");
}

/* TSO: loads stay in order, stores stay in order; only the compiler is told. */
static inline void arch_smp_rmb(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void arch_smp_wmb(void)
{
	__asm__ volatile("" ::: "memory");
}

/* TSO: a load acquires, a store releases. C11's total order of seq_cst accesses needs the
 * store buffer drained between such a store and such a load: the store does it, as usual. */
ARCH_INLINE uint64_t arch_load(const volatile void *p, unsigned size, enum mach_order order)
{
	(void)order;
#define CASE(type, suffix) __atomic_load_n((const volatile type *)p, __ATOMIC_ACQUIRE)
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

/* Exchanges an object of this type with v; xchg locks without the prefix. */
#define X86_EXCHANGE(insn, type, p, v)                                           \
	({                                                                       \
		type value_ = (type)(v);                                         \
		__asm__ volatile(insn " %0, %1"                                  \
				 : "+q"(value_), "+m"(*(volatile type *)(p))     \
				 :: "memory", "cc");                             \
		value_;                                                          \
	})

ARCH_INLINE uint64_t arch_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
	(void)order;
#define CASE(type, suffix) X86_EXCHANGE("xchg" suffix, type, p, v)
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE void arch_store(volatile void *p, unsigned size, uint64_t v, enum mach_order order)
{
	if (order == MACH_SEQ_CST) {
		arch_xchg(p, size, v, order);
		return;
	}
#define CASE(type, suffix) \
	(__atomic_store_n((volatile type *)p, (type)v, __ATOMIC_RELEASE), 0)
	(void)ARCH_BY_SIZE(size, CASE);
#undef CASE
}

ARCH_INLINE uint64_t arch_cmpxchg(volatile void *p, unsigned size, uint64_t old, uint64_t new,
				  enum mach_order order)
{
	(void)order;
#define CASE(type, suffix)                                                       \
	({                                                                       \
		type seen_ = (type)old;                                          \
		__asm__ volatile("lock; cmpxchg" suffix " %2, %1"                \
				 : "+a"(seen_), "+m"(*(volatile type *)p)        \
				 : "q"((type)new) : "memory", "cc");             \
		seen_;                                                           \
	})
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

/* ZF says it: no second compare between the swap and the branch. */
ARCH_INLINE bool arch_try_cmpxchg_full(int *p, int *old, int new)
{
	bool done;

	__asm__ volatile("lock; cmpxchgl %3, %1"
			 : "+a"(*old), "+m"(*p), "=@ccz"(done)
			 : "r"(new) : "memory");
	return done;
}

/* Only an addition gives the old value back. Of the others the compiler makes one locked
 * instruction where nobody asks for it, else a loop. */
ARCH_INLINE uint64_t arch_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size,
				   uint64_t v, enum mach_order order)
{
	(void)order;
#define ADD(type, suffix) X86_EXCHANGE("lock; xadd" suffix, type, p, v)
#define OR(type, suffix) __atomic_fetch_or((volatile type *)p, (type)v, __ATOMIC_SEQ_CST)
#define AND(type, suffix) __atomic_fetch_and((volatile type *)p, (type)v, __ATOMIC_SEQ_CST)
#define XOR(type, suffix) __atomic_fetch_xor((volatile type *)p, (type)v, __ATOMIC_SEQ_CST)
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
#undef X86_EXCHANGE

#endif
