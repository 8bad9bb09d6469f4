/*
 * Chooses the architecture. Each header supplies, and nothing else does:
 *
 *   arch_cpu_relax()                   hint in a spin loop
 *   arch_cycles()                      free-running counter, not serialised
 *   arch_smp_mb/rmb/wmb()              fences between CPUs, normal memory
 *   arch_{fetch_add,xchg,cmpxchg}_ORDER(int *, ...)      32 bits
 *   arch_{xchg64,cmpxchg64}_ORDER(uint64_t *, ...)       64 bits
 *   arch_try_cmpxchg_ORDER(int *, int *old, int new)     where a flag tells success
 *   ARCH_{ADD,CMPXCHG}_FULL, ARCH_ADD_RELAXED            what a disassembler shows
 *   ARCH_LOADED_TLS                    of a thread's variable in an object that is loaded late;
 *                                      left out: the compiler's choice
 *
 * ORDER is relaxed, acquire, release or full; all return the old value but
 * try_cmpxchg, which says whether it swapped and leaves the old value in *old. full
 * is the kernel's: every access before it is ordered before every access after
 * it, when the operation wrote. A cmpxchg that fails orders nothing.
 *
 * ARCH_GENERIC selects compiler built-ins: ThreadSanitizer sees those and is
 * blind to inline assembly.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stdint.h>

#define ARCH_CACHELINE 128 /* x86 prefetches lines in pairs; some arm cores have 128 */

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

#ifndef ARCH_HAS_TRY_CMPXCHG
#define ARCH_TRY_CMPXCHG(order)                                                 \
	static inline bool arch_try_cmpxchg_##order(int *p, int *old, int new)      \
	{                                                                           \
		int expected = *old;                                                    \
                                                                                \
		*old = arch_cmpxchg_##order(p, expected, new);                          \
		return *old == expected;                                                \
	}

ARCH_TRY_CMPXCHG(relaxed)
ARCH_TRY_CMPXCHG(acquire)
ARCH_TRY_CMPXCHG(release)
ARCH_TRY_CMPXCHG(full)
#undef ARCH_TRY_CMPXCHG
#endif

#endif
