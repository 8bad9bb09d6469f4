/*
 * refcount_t, kref: counts that saturate instead of wrapping.
 *
 * A count that was 0, that goes below it or above INT_MAX saturates: it is set far below
 * 0, nobody frees the object any more, and the misuse is a violation with the line of the
 * operation. inc and add order nothing: whoever has a reference hands the object on in some
 * ordered way. inc_not_zero orders nothing either, but by its control dependency. dec
 * releases, and acquires where it comes to 0: accesses before the last put of each holder
 * come before the free.
 */
#ifndef KAPI_REFCOUNT_H
#define KAPI_REFCOUNT_H

#include "kapi/atomic.h"
#include "kapi/bug.h"
#include "kapi/mutex.h"

typedef struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n) { ATOMIC_INIT(n) }
#define REFCOUNT_SATURATED (-0x40000000)

/* What the kernel warns of. */
KAPI_INLINE void kapi_ref_saturate(refcount_t *r, const struct site *site)
{
	mach_store(&r->refs.counter, REFCOUNT_SATURATED, MACH_RELAXED, site);
	kapi_claim(true, site);
}

/* From 0 it is a use after free; past INT_MAX an overflow. */
KAPI_INLINE void kapi_ref_add(refcount_t *r, int i, const struct site *site)
{
	int old = mach_fetch_add(&r->refs.counter, i, MACH_RELAXED, site);

	if (unlikely(old <= 0 || kapi_atomic_wraps(old, i)))
		kapi_ref_saturate(r, site);
}

KAPI_INLINE bool kapi_ref_add_not_zero(refcount_t *r, int i, enum mach_order order,
				       const struct site *site)
{
	int old = kapi_atomic_unless(&r->refs, i, 0, order, site);

	if (unlikely(old < 0 || kapi_atomic_wraps(old, i)))
		kapi_ref_saturate(r, site);
	return old != 0;
}

KAPI_INLINE bool kapi_ref_sub_and_test(refcount_t *r, int i, const struct site *site)
{
	/* release: this holder's accesses before the free; pairs with the fence of the last */
	int old = kapi_atomic_fetch_sub(&r->refs, i, MACH_RELEASE, site);

	if (old > 0 && old == i) {
		mach_fence(MACH_RMB, site); /* every holder's accesses before the free */
		return true;
	}
	if (unlikely(old <= 0 || old < i))
		kapi_ref_saturate(r, site);
	return false;
}

/* Not to 0: that is a leak. */
KAPI_INLINE void kapi_ref_dec(refcount_t *r, const struct site *site)
{
	if (unlikely(kapi_atomic_fetch_sub(&r->refs, 1, MACH_RELEASE, site) <= 1))
		kapi_ref_saturate(r, site);
}

KAPI_INLINE bool kapi_ref_dec_if_one(refcount_t *r, const struct site *site)
{
	return mach_cmpxchg(&r->refs.counter, 1, 0, MACH_RELEASE, site) == 1;
}

KAPI_INLINE bool kapi_ref_dec_not_one(refcount_t *r, const struct site *site)
{
	int c = mach_load(&r->refs.counter, MACH_RELAXED, site);

	do {
		if (unlikely(c == REFCOUNT_SATURATED))
			return true;
		if (c == 1)
			return false;
		if (unlikely(c <= 0)) {
			kapi_ref_saturate(r, site);
			return true;
		}
	} while (!kapi_atomic_try(&r->refs, &c, c - 1, MACH_RELEASE, site));
	return true;
}

/* True with the lock held, if the count came to 0. */
KAPI_INLINE bool kapi_ref_dec_and_lock(refcount_t *r, int *lock, const struct site *site)
{
	if (kapi_ref_dec_not_one(r, site))
		return false;
	mach_spin_lock(lock, site);
	if (kapi_ref_sub_and_test(r, 1, site))
		return true;
	mach_spin_unlock(lock, site);
	return false;
}

#define refcount_set(r, n) \
	mach_store(&(r)->refs.counter, (n), MACH_RELAXED, KAPI_OP("refcount_set", #r ", " #n))
#define refcount_set_release(r, n) \
	mach_store(&(r)->refs.counter, (n), MACH_RELEASE, \
		KAPI_OP("refcount_set_release", #r ", " #n))
#define refcount_read(r) \
	((unsigned)mach_load(&(r)->refs.counter, MACH_RELAXED, KAPI_OP("refcount_read", #r)))
#define refcount_add(i, r) kapi_ref_add((r), (i), KAPI_OP("refcount_add", #i ", " #r))
#define refcount_inc(r) kapi_ref_add((r), 1, KAPI_OP("refcount_inc", #r))
#define refcount_add_not_zero(i, r) \
	kapi_ref_add_not_zero((r), (i), MACH_RELAXED, KAPI_OP("refcount_add_not_zero", #i ", " #r))
#define refcount_inc_not_zero(r) \
	kapi_ref_add_not_zero((r), 1, MACH_RELAXED, KAPI_OP("refcount_inc_not_zero", #r))
#define refcount_inc_not_zero_acquire(r) \
	kapi_ref_add_not_zero((r), 1, MACH_ACQUIRE, KAPI_OP("refcount_inc_not_zero_acquire", #r))
#define refcount_sub_and_test(i, r) \
	kapi_ref_sub_and_test((r), (i), KAPI_OP("refcount_sub_and_test", #i ", " #r))
#define refcount_dec_and_test(r) \
	kapi_ref_sub_and_test((r), 1, KAPI_OP("refcount_dec_and_test", #r))
#define refcount_dec(r) kapi_ref_dec((r), KAPI_OP("refcount_dec", #r))
#define refcount_dec_if_one(r) kapi_ref_dec_if_one((r), KAPI_OP("refcount_dec_if_one", #r))
#define refcount_dec_not_one(r) kapi_ref_dec_not_one((r), KAPI_OP("refcount_dec_not_one", #r))
#define refcount_dec_and_lock(r, l) \
	kapi_ref_dec_and_lock((r), &(l)->locked, KAPI_OP("refcount_dec_and_lock", #r ", " #l))
#define refcount_dec_and_mutex_lock(r, m) \
	kapi_ref_dec_and_lock((r), &(m)->owner.locked, \
		KAPI_OP("refcount_dec_and_mutex_lock", #r ", " #m))

/* ---- kref ---- */

struct kref {
	refcount_t refcount;
};

#define KREF_INIT(n) { REFCOUNT_INIT(n) }

/* Whether this put released it. */
KAPI_INLINE int kapi_kref_put(struct kref *k, void (*release)(struct kref *),
			      const struct site *site)
{
	if (!kapi_ref_sub_and_test(&k->refcount, 1, site))
		return 0;
	release(k);
	return 1;
}

#define kref_init(k) \
	mach_store(&(k)->refcount.refs.counter, 1, MACH_RELAXED, KAPI_OP("kref_init", #k))
#define kref_read(k) \
	((unsigned)mach_load(&(k)->refcount.refs.counter, MACH_RELAXED, KAPI_OP("kref_read", #k)))
#define kref_get(k) kapi_ref_add(&(k)->refcount, 1, KAPI_OP("kref_get", #k))
#define kref_get_unless_zero(k) \
	((int)kapi_ref_add_not_zero(&(k)->refcount, 1, MACH_RELAXED, \
		KAPI_OP("kref_get_unless_zero", #k)))
#define kref_put(k, release) \
	kapi_kref_put((k), (release), KAPI_OP("kref_put", #k ", " #release))

#endif
