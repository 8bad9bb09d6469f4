/*
 * Bits of an array of unsigned long (Documentation/atomic_bitops.txt).
 *
 * set_bit, clear_bit and change_bit order nothing. The test_and_ forms are fully ordered.
 * _lock acquires if the bit was clear; _unlock releases. The forms with __ in front are no
 * atomics: two plain accesses, which race with others of the same word.
 */
#ifndef KAPI_BITOPS_H
#define KAPI_BITOPS_H

#include "kapi/access.h"

KAPI_INLINE unsigned long kapi_bit(long nr)
{
	return 1ul << (nr & 63);
}

KAPI_INLINE bool kapi_bit_op(enum mach_rmw kind, long nr, volatile unsigned long *addr,
			     enum mach_order order, const struct site *site)
{
	unsigned long bit = kapi_bit(nr);
	unsigned long old = mach_fetch_op(kind, addr + (nr >> 6), kind == MACH_AND ? ~bit : bit,
					  order, site);

	return old & bit;
}

KAPI_INLINE bool kapi_bit_load(long nr, const volatile unsigned long *addr,
			       enum mach_order order, const struct site *site)
{
	return mach_load(addr + (nr >> 6), order, site) & kapi_bit(nr);
}

/* A bit that is set is seen so without a write, and without an order. */
KAPI_INLINE bool kapi_bit_lock(long nr, volatile unsigned long *addr, const struct site *site)
{
	if (kapi_bit_load(nr, addr, MACH_RELAXED, site))
		return true;
	/* acquire: the section after the lock; pairs with clear_bit_unlock() */
	return kapi_bit_op(MACH_OR, nr, addr, MACH_ACQUIRE, site);
}

KAPI_INLINE bool kapi_bit_plain(enum mach_rmw kind, long nr, volatile unsigned long *addr,
				const struct site *site)
{
	volatile unsigned long *p = addr + (nr >> 6);
	unsigned long bit = kapi_bit(nr), old = mach_plain_load(p, site);

	mach_plain_store(p, kind == MACH_OR ? old | bit : kind == MACH_AND ? old & ~bit : old ^ bit,
			 site);
	return old & bit;
}

/* The holder alone writes the word: a plain load, and a store that releases. */
KAPI_INLINE void kapi_bit_unlock_plain(long nr, volatile unsigned long *addr,
				       const struct site *site)
{
	volatile unsigned long *p = addr + (nr >> 6);
	unsigned long old = mach_plain_load(p, site);

	mach_store(p, old & ~kapi_bit(nr), MACH_RELEASE, site);
}

/* Unlocks the bits of mask, and says whether bit 7 was set. */
KAPI_INLINE bool kapi_bits_unlock(unsigned long mask, volatile unsigned long *addr,
				  const struct site *site)
{
	return mach_fetch_op(MACH_XOR, addr, mask, MACH_RELEASE, site) & 0x80;
}

#define set_bit(nr, addr) \
	((void)kapi_bit_op(MACH_OR, (nr), (addr), MACH_RELAXED, \
		KAPI_OP("set_bit", #nr ", " #addr)))
#define clear_bit(nr, addr) \
	((void)kapi_bit_op(MACH_AND, (nr), (addr), MACH_RELAXED, \
		KAPI_OP("clear_bit", #nr ", " #addr)))
#define change_bit(nr, addr) \
	((void)kapi_bit_op(MACH_XOR, (nr), (addr), MACH_RELAXED, \
		KAPI_OP("change_bit", #nr ", " #addr)))
#define test_and_set_bit(nr, addr) \
	kapi_bit_op(MACH_OR, (nr), (addr), MACH_FULL, KAPI_OP("test_and_set_bit", #nr ", " #addr))
#define test_and_clear_bit(nr, addr) \
	kapi_bit_op(MACH_AND, (nr), (addr), MACH_FULL, \
		KAPI_OP("test_and_clear_bit", #nr ", " #addr))
#define test_and_change_bit(nr, addr) \
	kapi_bit_op(MACH_XOR, (nr), (addr), MACH_FULL, \
		KAPI_OP("test_and_change_bit", #nr ", " #addr))
#define test_bit(nr, addr) \
	kapi_bit_load((nr), (addr), MACH_RELAXED, KAPI_OP("test_bit", #nr ", " #addr))
#define test_bit_acquire(nr, addr) \
	kapi_bit_load((nr), (addr), MACH_ACQUIRE, KAPI_OP("test_bit_acquire", #nr ", " #addr))

#define test_and_set_bit_lock(nr, addr) \
	kapi_bit_lock((nr), (addr), KAPI_OP("test_and_set_bit_lock", #nr ", " #addr))
#define clear_bit_unlock(nr, addr) \
	((void)kapi_bit_op(MACH_AND, (nr), (addr), MACH_RELEASE, \
		KAPI_OP("clear_bit_unlock", #nr ", " #addr)))
#define __clear_bit_unlock(nr, addr) \
	kapi_bit_unlock_plain((nr), (addr), KAPI_OP("__clear_bit_unlock", #nr ", " #addr))
#define xor_unlock_is_negative_byte(mask, addr) \
	kapi_bits_unlock((mask), (addr), \
		KAPI_OP("xor_unlock_is_negative_byte", #mask ", " #addr))

#define __set_bit(nr, addr) \
	((void)kapi_bit_plain(MACH_OR, (nr), (addr), KAPI_OP("__set_bit", #nr ", " #addr)))
#define __clear_bit(nr, addr) \
	((void)kapi_bit_plain(MACH_AND, (nr), (addr), KAPI_OP("__clear_bit", #nr ", " #addr)))
#define __change_bit(nr, addr) \
	((void)kapi_bit_plain(MACH_XOR, (nr), (addr), KAPI_OP("__change_bit", #nr ", " #addr)))
#define __test_and_set_bit(nr, addr) \
	kapi_bit_plain(MACH_OR, (nr), (addr), KAPI_OP("__test_and_set_bit", #nr ", " #addr))
#define __test_and_clear_bit(nr, addr) \
	kapi_bit_plain(MACH_AND, (nr), (addr), KAPI_OP("__test_and_clear_bit", #nr ", " #addr))
#define __test_and_change_bit(nr, addr) \
	kapi_bit_plain(MACH_XOR, (nr), (addr), KAPI_OP("__test_and_change_bit", #nr ", " #addr))

#endif
