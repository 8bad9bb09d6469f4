/*
 * Machine native: the memory operations of kapi/contract.h, and the fences. Included by
 * native/machine.h, whose preemption point each of them is.
 */
#ifndef NATIVE_ACCESS_H
#define NATIVE_ACCESS_H
#ifndef NATIVE_MACHINE_H
#error "include native/machine.h"
#endif

#define NATIVE_LOAD_ORDER(o) ((o) == MACH_ACQUIRE ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED)
#define NATIVE_STORE_ORDER(o) ((o) == MACH_RELEASE ? __ATOMIC_RELEASE : __ATOMIC_RELAXED)

#define mach_load(p, order, site)                                 \
	({                                                        \
		mach_point(site);                                 \
		__atomic_load_n((p), NATIVE_LOAD_ORDER(order));   \
	})
#define mach_store(p, v, order, site)                                   \
	({                                                              \
		mach_point(site);                                       \
		__atomic_store_n((p), (v), NATIVE_STORE_ORDER(order));  \
	})
/* volatile: one access, where it stands, and no more promised than that */
#define mach_plain_load(p, site)                       \
	({                                             \
		mach_point(site);                      \
		*(volatile __typeof__(*(p)) *)(p);     \
	})
#define mach_plain_store(p, v, site)                           \
	({                                                     \
		mach_point(site);                              \
		*(volatile __typeof__(*(p)) *)(p) = (v);       \
	})

#define NATIVE_BY_ORDER(type, name, params, args)                \
	NATIVE_INLINE type native_##name params                  \
	{                                                        \
		switch (order) {                                 \
		case MACH_RELAXED:                               \
			return arch_##name##_relaxed args;       \
		case MACH_ACQUIRE:                               \
			return arch_##name##_acquire args;       \
		case MACH_RELEASE:                               \
			return arch_##name##_release args;       \
		default:                                         \
			return arch_##name##_full args;          \
		}                                                \
	}

NATIVE_BY_ORDER(int, fetch_add, (int *p, int v, enum mach_order order), (p, v))
NATIVE_BY_ORDER(int, xchg, (int *p, int v, enum mach_order order), (p, v))
NATIVE_BY_ORDER(int, cmpxchg, (int *p, int old, int new, enum mach_order order), (p, old, new))
NATIVE_BY_ORDER(uint64_t, xchg64, (uint64_t *p, uint64_t v, enum mach_order order), (p, v))
NATIVE_BY_ORDER(uint64_t, cmpxchg64,
		(uint64_t *p, uint64_t old, uint64_t new, enum mach_order order), (p, old, new))
#undef NATIVE_BY_ORDER

#define mach_fetch_add(p, v, order, site)            \
	({                                           \
		mach_point(site);                    \
		native_fetch_add((p), (v), (order)); \
	})
/* int or 8 bytes; the branch is on a constant */
#define mach_xchg(p, v, order, site)                                                   \
	({                                                                             \
		mach_point(site);                                                      \
		(__typeof__(*(p)))(sizeof(*(p)) == 8                                   \
			? native_xchg64((uint64_t *)(p), (uint64_t)(v), (order))       \
			: (uint64_t)native_xchg((int *)(p), (int)(v), (order)));       \
	})
#define mach_cmpxchg(p, old, new, order, site)                                         \
	({                                                                             \
		mach_point(site);                                                      \
		(__typeof__(*(p)))(sizeof(*(p)) == 8                                   \
			? native_cmpxchg64((uint64_t *)(p), (uint64_t)(old),           \
					   (uint64_t)(new), (order))                   \
			: (uint64_t)native_cmpxchg((int *)(p), (int)(old), (int)(new), \
						   (order)));                          \
	})

NATIVE_INLINE void mach_fence(enum mach_fence kind, const struct site *site)
{
	mach_point(site);
	if (kind == MACH_MB)
		arch_smp_mb();
	else if (kind == MACH_RMB)
		arch_smp_rmb();
	else
		arch_smp_wmb();
}

/* Sampled after the load it belongs to: a compare that then faults for want of
 * write permission was remapped in between if the load's PTE still had it. No fence
 * in between: it would order the load under test against the compare-and-swap. A CPU
 * that samples early calls by H2 what was H1 for no longer than a remap takes anyway. */
NATIVE_INLINE void mach_loaded(const void *p)
{
	struct cpu *cpu = kapi_this_cpu;
	uintptr_t offset = (uintptr_t)p - cpu->vmemmap;

	if (offset >= cpu->window_size)
		return;
	cpu->mark_address = (uintptr_t)p;
	cpu->mark_writable = __atomic_load_n(&cpu->ptes[offset / cpu->page_size].writable,
					     __ATOMIC_RELAXED);
}

#endif
