/*
 * atomic_t with the kernel's semantics (Documentation/atomic_t.txt).
 *
 * Ordering. Value-returning read-modify-writes without a suffix are fully
 * ordered when they write; _relaxed, _acquire and _release say less. void
 * operations (atomic_inc, atomic_or, atomic_set) order nothing. A conditional
 * operation that does not write orders nothing.
 *
 * add_unless and its relatives are two-phase: they load, return without writing when
 * they meet the value, and only then compare and swap. Between the two a CPU may sleep;
 * and a value equal to u is never written, so it may be probed on a read-only page.
 */
#ifndef KAPI_ATOMIC_H
#define KAPI_ATOMIC_H

#include "kapi/access.h"

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(i) { (i) }

/* Of another type it is refused, as in the kernel. */
KAPI_INLINE int *kapi_atomic(atomic_t *v)
{
	return &v->counter;
}

KAPI_INLINE const int *kapi_atomic_const(const atomic_t *v)
{
	return &v->counter;
}

KAPI_INLINE int kapi_atomic_fetch_op(enum mach_rmw kind, atomic_t *v, int i, enum mach_order order,
			       const struct site *site)
{
	return mach_fetch_op(kind, &v->counter, i, order, site);
}

/* Whether old + i does not fit. */
KAPI_INLINE bool kapi_atomic_wraps(int old, int i)
{
	int sum;

	return __builtin_add_overflow(old, i, &sum);
}

/* Counts wrap, as in the kernel. */
KAPI_INLINE int kapi_atomic_minus(int i)
{
	return (int)-(unsigned)i;
}

KAPI_INLINE int kapi_atomic_fetch_add(atomic_t *v, int i, enum mach_order order,
				const struct site *site)
{
	return mach_fetch_add(&v->counter, i, order, site);
}

KAPI_INLINE int kapi_atomic_fetch_sub(atomic_t *v, int i, enum mach_order order,
				const struct site *site)
{
	return mach_fetch_add(&v->counter, kapi_atomic_minus(i), order, site);
}

KAPI_INLINE int kapi_atomic_fetch_andnot(atomic_t *v, int i, enum mach_order order,
				   const struct site *site)
{
	return mach_fetch_op(MACH_AND, &v->counter, ~i, order, site);
}

KAPI_INLINE int kapi_atomic_add_return(atomic_t *v, int i, enum mach_order order,
				 const struct site *site)
{
	return (int)((unsigned)mach_fetch_add(&v->counter, i, order, site) + (unsigned)i);
}

KAPI_INLINE int kapi_atomic_sub_return(atomic_t *v, int i, enum mach_order order,
				 const struct site *site)
{
	return kapi_atomic_add_return(v, kapi_atomic_minus(i), order, site);
}

KAPI_INLINE bool kapi_atomic_try(atomic_t *v, int *old, int new, enum mach_order order,
			   const struct site *site)
{
	int expected = *old, seen = mach_cmpxchg(&v->counter, expected, new, order, site);

	*old = seen;
	return seen == expected;
}

KAPI_INLINE int kapi_atomic_unless(atomic_t *v, int a, int u, enum mach_order order,
			     const struct site *site)
{
	/* relaxed: the compare-and-swap below orders, if it writes */
	int c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c == u)
			break;
		mach_loaded(&v->counter);
		/* the gap: here a CPU may sleep with a count that is no longer true */
	} while (!kapi_atomic_try(v, &c, (int)((unsigned)c + (unsigned)a), order, site));
	return c;
}

KAPI_INLINE bool kapi_atomic_add_unless(atomic_t *v, int a, int u, enum mach_order order,
				  const struct site *site)
{
	return kapi_atomic_unless(v, a, u, order, site) != u;
}

KAPI_INLINE bool kapi_atomic_inc_unless_negative(atomic_t *v, const struct site *site)
{
	int c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c < 0)
			return false;
		mach_loaded(&v->counter);
	} while (!kapi_atomic_try(v, &c, (int)((unsigned)c + 1), MACH_FULL, site));
	return true;
}

KAPI_INLINE bool kapi_atomic_dec_unless_positive(atomic_t *v, const struct site *site)
{
	int c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c > 0)
			return false;
		mach_loaded(&v->counter);
	} while (!kapi_atomic_try(v, &c, (int)((unsigned)c - 1), MACH_FULL, site));
	return true;
}

/* Returns the value less one, which is negative where nothing was written. */
KAPI_INLINE int kapi_atomic_dec_if_positive(atomic_t *v, const struct site *site)
{
	int c = mach_load(&v->counter, MACH_RELAXED, site), less;

	do {
		less = (int)((unsigned)c - 1);
		if (less < 0)
			break;
		mach_loaded(&v->counter);
	} while (!kapi_atomic_try(v, &c, less, MACH_FULL, site));
	return less;
}

/* ---- loads and stores ---- */
#define atomic_read(v) mach_load(kapi_atomic_const(v), MACH_RELAXED, KAPI_OP("atomic_read", #v))
#define atomic_read_acquire(v) \
	mach_load(kapi_atomic_const(v), MACH_ACQUIRE, KAPI_OP("atomic_read_acquire", #v))
#define atomic_set(v, i) \
	mach_store(kapi_atomic(v), (i), MACH_RELAXED, KAPI_OP("atomic_set", #v ", " #i))
#define atomic_set_release(v, i) \
	mach_store(kapi_atomic(v), (i), MACH_RELEASE, KAPI_OP("atomic_set_release", #v ", " #i))
/* condition speaks of VAL, the value just loaded */
#define atomic_cond_read_acquire(v, condition) smp_cond_load_acquire(kapi_atomic(v), condition)
#define atomic_cond_read_relaxed(v, condition) smp_cond_load_relaxed(kapi_atomic(v), condition)

/* ---- arithmetic ---- */
#define atomic_add(i, v) \
	((void)kapi_atomic_fetch_add((v), (i), MACH_RELAXED, KAPI_OP("atomic_add", #i ", " #v)))
#define atomic_sub(i, v) \
	((void)kapi_atomic_fetch_sub((v), (i), MACH_RELAXED, KAPI_OP("atomic_sub", #i ", " #v)))
#define atomic_inc(v) ((void)kapi_atomic_fetch_add((v), 1, MACH_RELAXED, KAPI_OP("atomic_inc", #v)))
#define atomic_dec(v) ((void)kapi_atomic_fetch_sub((v), 1, MACH_RELAXED, KAPI_OP("atomic_dec", #v)))
#define atomic_add_return(i, v) \
	kapi_atomic_add_return((v), (i), MACH_FULL, KAPI_OP("atomic_add_return", #i ", " #v))
#define atomic_add_return_relaxed(i, v) \
	kapi_atomic_add_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_add_return_relaxed", #i ", " #v))
#define atomic_add_return_acquire(i, v) \
	kapi_atomic_add_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_add_return_acquire", #i ", " #v))
#define atomic_add_return_release(i, v) \
	kapi_atomic_add_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_add_return_release", #i ", " #v))
#define atomic_sub_return(i, v) \
	kapi_atomic_sub_return((v), (i), MACH_FULL, KAPI_OP("atomic_sub_return", #i ", " #v))
#define atomic_sub_return_relaxed(i, v) \
	kapi_atomic_sub_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_sub_return_relaxed", #i ", " #v))
#define atomic_sub_return_acquire(i, v) \
	kapi_atomic_sub_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_sub_return_acquire", #i ", " #v))
#define atomic_sub_return_release(i, v) \
	kapi_atomic_sub_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_sub_return_release", #i ", " #v))
#define atomic_inc_return(v) \
	kapi_atomic_add_return((v), 1, MACH_FULL, KAPI_OP("atomic_inc_return", #v))
#define atomic_inc_return_relaxed(v) \
	kapi_atomic_add_return((v), 1, MACH_RELAXED, KAPI_OP("atomic_inc_return_relaxed", #v))
#define atomic_inc_return_acquire(v) \
	kapi_atomic_add_return((v), 1, MACH_ACQUIRE, KAPI_OP("atomic_inc_return_acquire", #v))
#define atomic_inc_return_release(v) \
	kapi_atomic_add_return((v), 1, MACH_RELEASE, KAPI_OP("atomic_inc_return_release", #v))
#define atomic_dec_return(v) \
	kapi_atomic_sub_return((v), 1, MACH_FULL, KAPI_OP("atomic_dec_return", #v))
#define atomic_dec_return_relaxed(v) \
	kapi_atomic_sub_return((v), 1, MACH_RELAXED, KAPI_OP("atomic_dec_return_relaxed", #v))
#define atomic_dec_return_acquire(v) \
	kapi_atomic_sub_return((v), 1, MACH_ACQUIRE, KAPI_OP("atomic_dec_return_acquire", #v))
#define atomic_dec_return_release(v) \
	kapi_atomic_sub_return((v), 1, MACH_RELEASE, KAPI_OP("atomic_dec_return_release", #v))
#define atomic_fetch_add(i, v) \
	kapi_atomic_fetch_add((v), (i), MACH_FULL, KAPI_OP("atomic_fetch_add", #i ", " #v))
#define atomic_fetch_add_relaxed(i, v) \
	kapi_atomic_fetch_add((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_add_relaxed", #i ", " #v))
#define atomic_fetch_add_acquire(i, v) \
	kapi_atomic_fetch_add((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_add_acquire", #i ", " #v))
#define atomic_fetch_add_release(i, v) \
	kapi_atomic_fetch_add((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_add_release", #i ", " #v))
#define atomic_fetch_sub(i, v) \
	kapi_atomic_fetch_sub((v), (i), MACH_FULL, KAPI_OP("atomic_fetch_sub", #i ", " #v))
#define atomic_fetch_sub_relaxed(i, v) \
	kapi_atomic_fetch_sub((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_sub_relaxed", #i ", " #v))
#define atomic_fetch_sub_acquire(i, v) \
	kapi_atomic_fetch_sub((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_sub_acquire", #i ", " #v))
#define atomic_fetch_sub_release(i, v) \
	kapi_atomic_fetch_sub((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_sub_release", #i ", " #v))
#define atomic_fetch_inc(v) \
	kapi_atomic_fetch_add((v), 1, MACH_FULL, KAPI_OP("atomic_fetch_inc", #v))
#define atomic_fetch_inc_relaxed(v) \
	kapi_atomic_fetch_add((v), 1, MACH_RELAXED, KAPI_OP("atomic_fetch_inc_relaxed", #v))
#define atomic_fetch_inc_acquire(v) \
	kapi_atomic_fetch_add((v), 1, MACH_ACQUIRE, KAPI_OP("atomic_fetch_inc_acquire", #v))
#define atomic_fetch_inc_release(v) \
	kapi_atomic_fetch_add((v), 1, MACH_RELEASE, KAPI_OP("atomic_fetch_inc_release", #v))
#define atomic_fetch_dec(v) \
	kapi_atomic_fetch_sub((v), 1, MACH_FULL, KAPI_OP("atomic_fetch_dec", #v))
#define atomic_fetch_dec_relaxed(v) \
	kapi_atomic_fetch_sub((v), 1, MACH_RELAXED, KAPI_OP("atomic_fetch_dec_relaxed", #v))
#define atomic_fetch_dec_acquire(v) \
	kapi_atomic_fetch_sub((v), 1, MACH_ACQUIRE, KAPI_OP("atomic_fetch_dec_acquire", #v))
#define atomic_fetch_dec_release(v) \
	kapi_atomic_fetch_sub((v), 1, MACH_RELEASE, KAPI_OP("atomic_fetch_dec_release", #v))
#define atomic_inc_and_test(v) \
	(kapi_atomic_add_return((v), 1, MACH_FULL, KAPI_OP("atomic_inc_and_test", #v)) == 0)
#define atomic_dec_and_test(v) \
	(kapi_atomic_sub_return((v), 1, MACH_FULL, KAPI_OP("atomic_dec_and_test", #v)) == 0)
#define atomic_sub_and_test(i, v) \
	(kapi_atomic_sub_return((v), (i), MACH_FULL, \
		KAPI_OP("atomic_sub_and_test", #i ", " #v)) == 0)
#define atomic_add_negative(i, v) \
	(kapi_atomic_add_return((v), (i), MACH_FULL, \
		KAPI_OP("atomic_add_negative", #i ", " #v)) < 0)
#define atomic_add_negative_relaxed(i, v) \
	(kapi_atomic_add_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_add_negative_relaxed", #i ", " #v)) < 0)
#define atomic_add_negative_acquire(i, v) \
	(kapi_atomic_add_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_add_negative_acquire", #i ", " #v)) < 0)
#define atomic_add_negative_release(i, v) \
	(kapi_atomic_add_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_add_negative_release", #i ", " #v)) < 0)

/* ---- bits ---- */
#define atomic_or(i, v) \
	((void)kapi_atomic_fetch_op(MACH_OR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_or", #i ", " #v)))
#define atomic_fetch_or(i, v) \
	kapi_atomic_fetch_op(MACH_OR, (v), (i), MACH_FULL, KAPI_OP("atomic_fetch_or", #i ", " #v))
#define atomic_fetch_or_relaxed(i, v) \
	kapi_atomic_fetch_op(MACH_OR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_or_relaxed", #i ", " #v))
#define atomic_fetch_or_acquire(i, v) \
	kapi_atomic_fetch_op(MACH_OR, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_or_acquire", #i ", " #v))
#define atomic_fetch_or_release(i, v) \
	kapi_atomic_fetch_op(MACH_OR, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_or_release", #i ", " #v))
#define atomic_and(i, v) \
	((void)kapi_atomic_fetch_op(MACH_AND, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_and", #i ", " #v)))
#define atomic_fetch_and(i, v) \
	kapi_atomic_fetch_op(MACH_AND, (v), (i), MACH_FULL, \
		KAPI_OP("atomic_fetch_and", #i ", " #v))
#define atomic_fetch_and_relaxed(i, v) \
	kapi_atomic_fetch_op(MACH_AND, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_and_relaxed", #i ", " #v))
#define atomic_fetch_and_acquire(i, v) \
	kapi_atomic_fetch_op(MACH_AND, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_and_acquire", #i ", " #v))
#define atomic_fetch_and_release(i, v) \
	kapi_atomic_fetch_op(MACH_AND, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_and_release", #i ", " #v))
#define atomic_xor(i, v) \
	((void)kapi_atomic_fetch_op(MACH_XOR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_xor", #i ", " #v)))
#define atomic_fetch_xor(i, v) \
	kapi_atomic_fetch_op(MACH_XOR, (v), (i), MACH_FULL, \
		KAPI_OP("atomic_fetch_xor", #i ", " #v))
#define atomic_fetch_xor_relaxed(i, v) \
	kapi_atomic_fetch_op(MACH_XOR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_xor_relaxed", #i ", " #v))
#define atomic_fetch_xor_acquire(i, v) \
	kapi_atomic_fetch_op(MACH_XOR, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_xor_acquire", #i ", " #v))
#define atomic_fetch_xor_release(i, v) \
	kapi_atomic_fetch_op(MACH_XOR, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_xor_release", #i ", " #v))
#define atomic_andnot(i, v) \
	((void)kapi_atomic_fetch_andnot((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_andnot", #i ", " #v)))
#define atomic_fetch_andnot(i, v) \
	kapi_atomic_fetch_andnot((v), (i), MACH_FULL, KAPI_OP("atomic_fetch_andnot", #i ", " #v))
#define atomic_fetch_andnot_relaxed(i, v) \
	kapi_atomic_fetch_andnot((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic_fetch_andnot_relaxed", #i ", " #v))
#define atomic_fetch_andnot_acquire(i, v) \
	kapi_atomic_fetch_andnot((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic_fetch_andnot_acquire", #i ", " #v))
#define atomic_fetch_andnot_release(i, v) \
	kapi_atomic_fetch_andnot((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic_fetch_andnot_release", #i ", " #v))

/* ---- exchange ---- */
#define atomic_xchg(v, n) \
	mach_xchg(kapi_atomic(v), (n), MACH_FULL, KAPI_OP("atomic_xchg", #v ", " #n))
#define atomic_xchg_relaxed(v, n) \
	mach_xchg(kapi_atomic(v), (n), MACH_RELAXED, KAPI_OP("atomic_xchg_relaxed", #v ", " #n))
#define atomic_xchg_acquire(v, n) \
	mach_xchg(kapi_atomic(v), (n), MACH_ACQUIRE, KAPI_OP("atomic_xchg_acquire", #v ", " #n))
#define atomic_xchg_release(v, n) \
	mach_xchg(kapi_atomic(v), (n), MACH_RELEASE, KAPI_OP("atomic_xchg_release", #v ", " #n))
#define atomic_cmpxchg(v, o, n) \
	mach_cmpxchg(kapi_atomic(v), (o), (n), MACH_FULL, \
		KAPI_OP("atomic_cmpxchg", #v ", " #o ", " #n))
#define atomic_cmpxchg_relaxed(v, o, n) \
	mach_cmpxchg(kapi_atomic(v), (o), (n), MACH_RELAXED, \
		KAPI_OP("atomic_cmpxchg_relaxed", #v ", " #o ", " #n))
#define atomic_cmpxchg_acquire(v, o, n) \
	mach_cmpxchg(kapi_atomic(v), (o), (n), MACH_ACQUIRE, \
		KAPI_OP("atomic_cmpxchg_acquire", #v ", " #o ", " #n))
#define atomic_cmpxchg_release(v, o, n) \
	mach_cmpxchg(kapi_atomic(v), (o), (n), MACH_RELEASE, \
		KAPI_OP("atomic_cmpxchg_release", #v ", " #o ", " #n))
#define atomic_try_cmpxchg(v, o, n) \
	kapi_atomic_try((v), (o), (n), MACH_FULL, \
		KAPI_OP("atomic_try_cmpxchg", #v ", " #o ", " #n))
#define atomic_try_cmpxchg_relaxed(v, o, n) \
	kapi_atomic_try((v), (o), (n), MACH_RELAXED, \
		KAPI_OP("atomic_try_cmpxchg_relaxed", #v ", " #o ", " #n))
#define atomic_try_cmpxchg_acquire(v, o, n) \
	kapi_atomic_try((v), (o), (n), MACH_ACQUIRE, \
		KAPI_OP("atomic_try_cmpxchg_acquire", #v ", " #o ", " #n))
#define atomic_try_cmpxchg_release(v, o, n) \
	kapi_atomic_try((v), (o), (n), MACH_RELEASE, \
		KAPI_OP("atomic_try_cmpxchg_release", #v ", " #o ", " #n))

/* ---- unless ---- */
#define atomic_fetch_add_unless(v, a, u) \
	kapi_atomic_unless((v), (a), (u), MACH_FULL, \
		KAPI_OP("atomic_fetch_add_unless", #v ", " #a ", " #u))
#define atomic_add_unless(v, a, u) \
	kapi_atomic_add_unless((v), (a), (u), MACH_FULL, \
		KAPI_OP("atomic_add_unless", #v ", " #a ", " #u))
#define atomic_add_unless_acquire(v, a, u) \
	kapi_atomic_add_unless((v), (a), (u), MACH_ACQUIRE, \
		KAPI_OP("atomic_add_unless_acquire", #v ", " #a ", " #u))
#define atomic_inc_not_zero(v) \
	kapi_atomic_add_unless((v), 1, 0, MACH_FULL, KAPI_OP("atomic_inc_not_zero", #v))
#define atomic_inc_unless_negative(v) \
	kapi_atomic_inc_unless_negative((v), KAPI_OP("atomic_inc_unless_negative", #v))
#define atomic_dec_unless_positive(v) \
	kapi_atomic_dec_unless_positive((v), KAPI_OP("atomic_dec_unless_positive", #v))
#define atomic_dec_if_positive(v) \
	kapi_atomic_dec_if_positive((v), KAPI_OP("atomic_dec_if_positive", #v))

#endif
