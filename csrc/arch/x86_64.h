/*
 * x86-64. A LOCK-prefixed instruction is a full barrier, so the four orders are
 * one instruction. LOCK CMPXCHG performs a write cycle even when the compare
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

#define ARCH_X86_ATOMICS(order)                                                 \
	static inline int arch_fetch_add_##order(int *p, int v)                     \
	{                                                                           \
		__asm__ volatile("lock; xaddl %0, %1"                                   \
				 : "+r"(v), "+m"(*p) :: "memory", "cc");                        \
		return v;                                                               \
	}                                                                           \
	static inline int arch_xchg_##order(int *p, int v)                          \
	{                                                                           \
		__asm__ volatile("xchgl %0, %1" : "+r"(v), "+m"(*p) :: "memory");       \
		return v;                                                               \
	}                                                                           \
	static inline int arch_cmpxchg_##order(int *p, int old, int new)            \
	{                                                                           \
		__asm__ volatile("lock; cmpxchgl %2, %1"                                \
				 : "+a"(old), "+m"(*p) : "r"(new) : "memory", "cc");            \
		return old;                                                             \
	}                                                                           \
	/* ZF says it: no second compare between the swap and the branch. */           \
	static inline bool arch_try_cmpxchg_##order(int *p, int *old, int new)      \
	{                                                                           \
		bool done;                                                              \
                                                                                \
		__asm__ volatile("lock; cmpxchgl %3, %1"                                \
				 : "+a"(*old), "+m"(*p), "=@ccz"(done)                          \
				 : "r"(new) : "memory");                                        \
		return done;                                                            \
	}                                                                           \
	static inline uint64_t arch_xchg64_##order(uint64_t *p, uint64_t v)         \
	{                                                                           \
		__asm__ volatile("xchgq %0, %1" : "+r"(v), "+m"(*p) :: "memory");       \
		return v;                                                               \
	}                                                                           \
	static inline uint64_t arch_cmpxchg64_##order(uint64_t *p, uint64_t old,    \
						      uint64_t new)                                     \
	{                                                                           \
		__asm__ volatile("lock; cmpxchgq %2, %1"                                \
				 : "+a"(old), "+m"(*p) : "r"(new) : "memory", "cc");            \
		return old;                                                             \
	}

ARCH_X86_ATOMICS(relaxed)
ARCH_X86_ATOMICS(acquire)
ARCH_X86_ATOMICS(release)
ARCH_X86_ATOMICS(full)
#undef ARCH_X86_ATOMICS

#endif
