/*
 * Machine native: the memory operations of kapi/contract.h, and the fences. Included by
 * native/machine.h, whose preemption point each of them is.
 */
#ifndef NATIVE_ACCESS_H
#define NATIVE_ACCESS_H
#ifndef NATIVE_MACHINE_H
#error "include native/machine.h"
#endif

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Arguments are evaluated first, then comes the preemption point, then the access: as in
 * the search, where an operand that is itself an operation is asked for first. */
NATIVE_INLINE uint64_t native_load(const volatile void *p, unsigned size, enum mach_order order,
				   const struct site *site)
{
	mach_point(site);
	return arch_load(p, size, order);
}

NATIVE_INLINE void native_store(volatile void *p, unsigned size, uint64_t v,
				enum mach_order order, const struct site *site)
{
	mach_point(site);
	arch_store(p, size, v, order);
}

/* volatile: one access, where it stands, and no more promised than that */
NATIVE_INLINE uint64_t native_plain_load(const volatile void *p, unsigned size,
					 const struct site *site)
{
	mach_point(site);
#define CASE(type, suffix) (*(const volatile type *)p)
	return ARCH_BY_SIZE(size, CASE);
#undef CASE
}

NATIVE_INLINE void native_plain_store(volatile void *p, unsigned size, uint64_t v,
				      const struct site *site)
{
	mach_point(site);
#define CASE(type, suffix) (*(volatile type *)p = (type)v)
	(void)ARCH_BY_SIZE(size, CASE);
#undef CASE
}

NATIVE_INLINE uint64_t native_xchg(volatile void *p, unsigned size, uint64_t v,
				   enum mach_order order, const struct site *site)
{
	mach_point(site);
	return arch_xchg(p, size, v, order);
}

NATIVE_INLINE uint64_t native_cmpxchg(volatile void *p, unsigned size, uint64_t old, uint64_t new,
				      enum mach_order order, const struct site *site)
{
	mach_point(site);
	return arch_cmpxchg(p, size, old, new, order);
}

NATIVE_INLINE uint64_t native_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size,
				       uint64_t v, enum mach_order order, const struct site *site)
{
	mach_point(site);
	return arch_fetch_op(kind, p, size, v, order);
}

/* An object and its bits: the unsigned integer that has its size. */
#define NATIVE_BITS(p)                                                                  \
	__typeof__(__builtin_choose_expr(sizeof(*(p)) == 1, (uint8_t)0,                 \
		   __builtin_choose_expr(sizeof(*(p)) == 2, (uint16_t)0,                \
		   __builtin_choose_expr(sizeof(*(p)) == 4, (uint32_t)0, (uint64_t)0))))
#define NATIVE_PUN(p) union { __typeof__(*(p)) value; NATIVE_BITS(p) bits; }
#define NATIVE_VALUE(p, word) (((NATIVE_PUN(p)){ .bits = (NATIVE_BITS(p))(word) }).value)
#define NATIVE_WORD(p, v) (((NATIVE_PUN(p)){ .value = (v) }).bits)
#define NATIVE_CAST(p, v) NATIVE_WORD(p, (__typeof__(*(p)))(v))

#define mach_load(p, order, site)                                                       \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		NATIVE_VALUE(p, native_load((p), sizeof(*(p)), (order), (site)));       \
	})
#define mach_store(p, v, order, site)                                                   \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		native_store((p), sizeof(*(p)), NATIVE_WORD(p, v), (order), (site));    \
	})
#define mach_plain_load(p, site)                                                        \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		NATIVE_VALUE(p, native_plain_load((p), sizeof(*(p)), (site)));          \
	})
#define mach_plain_store(p, v, site)                                                    \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		native_plain_store((p), sizeof(*(p)), NATIVE_WORD(p, v), (site));       \
	})
#define mach_xchg(p, v, order, site)                                                    \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		NATIVE_VALUE(p, native_xchg((p), sizeof(*(p)), NATIVE_CAST(p, v),       \
					    (order), (site)));                          \
	})
#define mach_cmpxchg(p, old, new, order, site)                                          \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		NATIVE_VALUE(p, native_cmpxchg((p), sizeof(*(p)), NATIVE_CAST(p, old),  \
					       NATIVE_CAST(p, new), (order), (site)));  \
	})
#define mach_fetch_op(kind, p, v, order, site)                                          \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		NATIVE_VALUE(p, native_fetch_op((kind), (p), sizeof(*(p)),              \
						NATIVE_CAST(p, v), (order), (site)));   \
	})
#define mach_fetch_add(p, v, order, site) mach_fetch_op(MACH_ADD, p, v, order, site)

/* No store: it would undo a peer's where the claim is wrong. */
#define mach_exclusive(p, site) ((void)mach_plain_load(p, site))

/* A read of it shows, since no pointer looks like that, and hardly any value. */
#define NATIVE_POISON 0x6b

NATIVE_INLINE void mach_object_end(volatile void *p, unsigned size, const struct site *site)
{
	unsigned i;

	mach_point(site);
	for (i = 0; i < size; i++)
		((volatile unsigned char *)p)[i] = NATIVE_POISON;
}

/* rcu.c registers the process with the kernel before a team runs, or sets rcu_fence. */
NATIVE_INLINE void native_fence_others(const struct cpu *cpu)
{
	/* with rcu_fence each light side fences itself: only ours is missing */
	if (cpu->rcu_fence || syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
		arch_smp_mb(); /* pairs with the fence of MACH_BARRIER below */
}

NATIVE_INLINE void mach_fence(enum mach_fence kind, const struct site *site)
{
	mach_point(site);
	if (kind == MACH_MB)
		arch_smp_mb();
	else if (kind == MACH_RMB)
		arch_smp_rmb();
	else if (kind == MACH_WMB)
		arch_smp_wmb();
	else if (kind == MACH_MB_OTHERS)
		native_fence_others(kapi_this_cpu);
	else if (kapi_this_cpu->rcu_fence)
		arch_smp_mb(); /* no membarrier here: pairs with native_fence_others() */
	else
		__asm__ volatile("" ::: "memory");
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
