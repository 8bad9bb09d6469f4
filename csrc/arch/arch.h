/*
 * Chooses the architecture. Each header supplies, and nothing else does:
 *
 *   arch_cpu_relax()                   hint in a spin loop
 *   arch_cycles()                      free-running counter, not serialised
 *   arch_smp_mb/rmb/wmb()              fences between CPUs, normal memory
 *   arch_load(p, size, order)          RELAXED, ACQUIRE, ACQUIRE_PC, SEQ_CST
 *   arch_store(p, size, v, order)      RELAXED, RELEASE, SEQ_CST
 *   arch_xchg(p, size, v, order)       read-modify-writes return the old value, the high
 *   arch_cmpxchg(p, size, old, new, order)  bits clear
 *   arch_fetch_op(kind, p, size, v, order)
 *   arch_try_cmpxchg_full(int *, int *old, int new)      where a flag tells success
 *   ARCH_{ADD,CMPXCHG}_FULL, ARCH_ADD_RELAXED            what a disassembler shows
 *   ARCH_LOADED_TLS                    of a thread's variable in an object that is loaded late;
 *                                      left out: the compiler's choice
 *
 * size is 1, 2, 4 or 8, and so many bytes are read and written. size, order and kind are
 * constants where these are inlined: one instruction is left, or one loop of LL/SC. Orders
 * are those of kapi/order.h. A cmpxchg that fails orders nothing.
 *
 * ARCH_GENERIC selects compiler built-ins: ThreadSanitizer sees those and is
 * blind to inline assembly.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "kapi/order.h"

#define ARCH_CACHELINE 128 /* x86 prefetches lines in pairs; some arm cores have 128 */
#define ARCH_INLINE static inline __attribute__((always_inline))

/* Memory has the type that its owner gave it, and is accessed by its size alone. */
typedef uint8_t arch_u8;
typedef uint16_t __attribute__((may_alias)) arch_u16;
typedef uint32_t __attribute__((may_alias)) arch_u32;
typedef uint64_t __attribute__((may_alias)) arch_u64;

/* CASE(type, suffix of an x86 instruction), for the type that has so many bytes. */
#define ARCH_BY_SIZE(size, CASE)                                          \
	((size) == 1 ? (uint64_t)CASE(arch_u8, "b")                       \
	 : (size) == 2 ? (uint64_t)CASE(arch_u16, "w")                    \
	 : (size) == 4 ? (uint64_t)CASE(arch_u32, "l")                    \
		       : (uint64_t)CASE(arch_u64, "q"))

#if defined(ARCH_GENERIC) || defined(__SANITIZE_THREAD__)
#include "arch/generic.h"
#elif defined(__x86_64__)
#include "arch/x86_64.h"
#elif defined(__aarch64__) && defined(ARCH_LSE)
#include "arch/aarch64_lse.h"
#elif defined(__aarch64__)
#include "arch/aarch64_llsc.h"
#else
#error "vmemstress runs on x86-64 and aarch64 only: add csrc/arch/<name>.h for another"
#endif

#ifndef ARCH_LOADED_TLS
#define ARCH_LOADED_TLS
#endif

/* ---- the usual ones, by name ---- */

ARCH_INLINE int arch_fetch_add_relaxed(int *p, int v)
{
	return (int)arch_fetch_op(MACH_ADD, p, sizeof(*p), (uint32_t)v, MACH_RELAXED);
}

ARCH_INLINE int arch_fetch_add_release(int *p, int v)
{
	return (int)arch_fetch_op(MACH_ADD, p, sizeof(*p), (uint32_t)v, MACH_RELEASE);
}

ARCH_INLINE int arch_fetch_add_full(int *p, int v)
{
	return (int)arch_fetch_op(MACH_ADD, p, sizeof(*p), (uint32_t)v, MACH_FULL);
}

ARCH_INLINE int arch_xchg_acquire(int *p, int v)
{
	return (int)arch_xchg(p, sizeof(*p), (uint32_t)v, MACH_ACQUIRE);
}

ARCH_INLINE int arch_cmpxchg_acquire(int *p, int old, int new)
{
	return (int)arch_cmpxchg(p, sizeof(*p), (uint32_t)old, (uint32_t)new, MACH_ACQUIRE);
}

ARCH_INLINE int arch_cmpxchg_full(int *p, int old, int new)
{
	return (int)arch_cmpxchg(p, sizeof(*p), (uint32_t)old, (uint32_t)new, MACH_FULL);
}

ARCH_INLINE uint64_t arch_xchg64_full(uint64_t *p, uint64_t v)
{
	return arch_xchg(p, sizeof(*p), v, MACH_FULL);
}

ARCH_INLINE uint64_t arch_cmpxchg64_full(uint64_t *p, uint64_t old, uint64_t new)
{
	return arch_cmpxchg(p, sizeof(*p), old, new, MACH_FULL);
}

#ifndef ARCH_HAS_TRY_CMPXCHG
ARCH_INLINE bool arch_try_cmpxchg_full(int *p, int *old, int new)
{
	int expected = *old;

	*old = arch_cmpxchg_full(p, expected, new);
	return *old == expected;
}
#endif

#endif
