/*
 * A count and its spinlock in one word: while nobody holds the lock, the count changes by a
 * compare-and-swap of both. That swap orders nothing, as in the kernel.
 */
#ifndef KAPI_LOCKREF_H
#define KAPI_LOCKREF_H

#include "kapi/spinlock.h"

struct lockref {
	union {
		_Alignas(8) u64 lock_count;
		struct {
			spinlock_t lock;
			int count;
		};
	};
};

#define KAPI_LOCKREF_LOCKED(word) ((u32)(word) != 0) /* the lock has the low half */
#define KAPI_LOCKREF_COUNT(word) ((int)((word) >> 32))
/* Tries before the lock is taken instead. */
#define KAPI_LOCKREF_TRIES 100

/* Adds to the count without the lock, if it is at least `least`; *met is what it was. */
KAPI_INLINE bool kapi_lockref_swap(struct lockref *l, int add, int least, int *met,
				   const struct site *site)
{
	u64 seen = mach_load(&l->lock_count, MACH_RELAXED, site), old;
	int tries = KAPI_LOCKREF_TRIES;

	while (!KAPI_LOCKREF_LOCKED(seen) && tries--) {
		old = seen;
		*met = KAPI_LOCKREF_COUNT(old);
		if (*met < least)
			return false;
		seen = mach_cmpxchg(&l->lock_count, old, old + ((u64)(u32)add << 32),
				    MACH_RELAXED, site);
		if (seen == old)
			return true;
	}
	return false;
}

/* Under the lock, which it takes; it holds it still if the count is less than `least`. */
KAPI_INLINE bool kapi_lockref_locked(struct lockref *l, int add, int least, int *met,
				     const struct site *site)
{
	mach_spin_lock(&l->lock.locked, site);
	/* relaxed, not plain: who holds no lock reads the whole word, and the last swap of it
	 * orders nothing before the lock */
	*met = mach_load(&l->count, MACH_RELAXED, site);
	if (*met < least)
		return false;
	mach_store(&l->count, *met + add, MACH_RELAXED, site);
	mach_spin_unlock(&l->lock.locked, site);
	return true;
}

KAPI_INLINE void kapi_lockref_get(struct lockref *l, const struct site *site)
{
	int met;

	if (!kapi_lockref_swap(l, 1, INT32_MIN, &met, site))
		kapi_lockref_locked(l, 1, INT32_MIN, &met, site);
}

KAPI_INLINE bool kapi_lockref_get_least(struct lockref *l, int least, const struct site *site)
{
	int met;

	if (kapi_lockref_swap(l, 1, least, &met, site) ||
	    kapi_lockref_locked(l, 1, least, &met, site))
		return true;
	mach_spin_unlock(&l->lock.locked, site);
	return false;
}

/* The new count, or -1 where it was not above 0 and nothing changed. */
KAPI_INLINE int kapi_lockref_put(struct lockref *l, const struct site *site)
{
	int met;

	return kapi_lockref_swap(l, -1, 1, &met, site) ? met - 1 : -1;
}

/* False, with the lock held, if this would be the last. */
KAPI_INLINE bool kapi_lockref_put_or_lock(struct lockref *l, const struct site *site)
{
	int met;

	return kapi_lockref_swap(l, -1, 2, &met, site) ||
	       kapi_lockref_locked(l, -1, 2, &met, site);
}

KAPI_INLINE void kapi_lockref_dead(struct lockref *l, const struct site *site)
{
	/* the caller holds the lock; relaxed as in kapi_lockref_locked() */
	mach_store(&l->count, -128, MACH_RELAXED, site);
}

#define lockref_get(l) kapi_lockref_get((l), KAPI_OP("lockref_get", #l))
#define lockref_get_not_zero(l) \
	kapi_lockref_get_least((l), 1, KAPI_OP("lockref_get_not_zero", #l))
#define lockref_get_not_dead(l) \
	kapi_lockref_get_least((l), 0, KAPI_OP("lockref_get_not_dead", #l))
#define lockref_put_return(l) kapi_lockref_put((l), KAPI_OP("lockref_put_return", #l))
#define lockref_put_or_lock(l) kapi_lockref_put_or_lock((l), KAPI_OP("lockref_put_or_lock", #l))
#define lockref_mark_dead(l) kapi_lockref_dead((l), KAPI_OP("lockref_mark_dead", #l))

#endif
