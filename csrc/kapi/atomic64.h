/*
 * atomic64_t, and atomic_long_t, which is the same on these machines. What each word does
 * and orders is said in atomic.h.
 */
#ifndef KAPI_ATOMIC64_H
#define KAPI_ATOMIC64_H

#include "kapi/atomic.h"

typedef struct {
	_Alignas(8) s64 counter;
} atomic64_t;

typedef atomic64_t atomic_long_t;

#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) ATOMIC64_INIT(i)

/* Of another type it is refused, as in the kernel. */
KAPI_INLINE s64 *kapi_atomic64(atomic64_t *v)
{
	return &v->counter;
}

KAPI_INLINE const s64 *kapi_atomic64_const(const atomic64_t *v)
{
	return &v->counter;
}

KAPI_INLINE s64 kapi_atomic64_fetch_op(enum mach_rmw kind, atomic64_t *v, s64 i,
				  enum mach_order order,
			       const struct site *site)
{
	return mach_fetch_op(kind, &v->counter, i, order, site);
}

/* Counts wrap, as in the kernel. */
KAPI_INLINE s64 kapi_atomic64_minus(s64 i)
{
	return (s64)-(u64)i;
}

KAPI_INLINE s64 kapi_atomic64_fetch_add(atomic64_t *v, s64 i, enum mach_order order,
				const struct site *site)
{
	return mach_fetch_add(&v->counter, i, order, site);
}

KAPI_INLINE s64 kapi_atomic64_fetch_sub(atomic64_t *v, s64 i, enum mach_order order,
				const struct site *site)
{
	return mach_fetch_add(&v->counter, kapi_atomic64_minus(i), order, site);
}

KAPI_INLINE s64 kapi_atomic64_fetch_andnot(atomic64_t *v, s64 i, enum mach_order order,
				   const struct site *site)
{
	return mach_fetch_op(MACH_AND, &v->counter, ~i, order, site);
}

KAPI_INLINE s64 kapi_atomic64_add_return(atomic64_t *v, s64 i, enum mach_order order,
				 const struct site *site)
{
	return (s64)((u64)mach_fetch_add(&v->counter, i, order, site) + (u64)i);
}

KAPI_INLINE s64 kapi_atomic64_sub_return(atomic64_t *v, s64 i, enum mach_order order,
				 const struct site *site)
{
	return kapi_atomic64_add_return(v, kapi_atomic64_minus(i), order, site);
}

KAPI_INLINE bool kapi_atomic64_try(atomic64_t *v, s64 *old, s64 new, enum mach_order order,
			   const struct site *site)
{
	s64 expected = *old, seen = mach_cmpxchg(&v->counter, expected, new, order, site);

	*old = seen;
	return seen == expected;
}

KAPI_INLINE s64 kapi_atomic64_unless(atomic64_t *v, s64 a, s64 u, enum mach_order order,
			     const struct site *site)
{
	/* relaxed: the compare-and-swap below orders, if it writes */
	s64 c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c == u)
			break;
		mach_loaded(&v->counter);
		/* the gap: here a CPU may sleep with a count that is no longer true */
	} while (!kapi_atomic64_try(v, &c, (s64)((u64)c + (u64)a), order, site));
	return c;
}

KAPI_INLINE bool kapi_atomic64_add_unless(atomic64_t *v, s64 a, s64 u, enum mach_order order,
				  const struct site *site)
{
	return kapi_atomic64_unless(v, a, u, order, site) != u;
}

KAPI_INLINE bool kapi_atomic64_inc_unless_negative(atomic64_t *v, const struct site *site)
{
	s64 c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c < 0)
			return false;
		mach_loaded(&v->counter);
	} while (!kapi_atomic64_try(v, &c, (s64)((u64)c + 1), MACH_FULL, site));
	return true;
}

KAPI_INLINE bool kapi_atomic64_dec_unless_positive(atomic64_t *v, const struct site *site)
{
	s64 c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c > 0)
			return false;
		mach_loaded(&v->counter);
	} while (!kapi_atomic64_try(v, &c, (s64)((u64)c - 1), MACH_FULL, site));
	return true;
}

/* Returns the value less one, which is negative where nothing was written. */
KAPI_INLINE s64 kapi_atomic64_dec_if_positive(atomic64_t *v, const struct site *site)
{
	s64 c = mach_load(&v->counter, MACH_RELAXED, site), less;

	do {
		less = (s64)((u64)c - 1);
		if (less < 0)
			break;
		mach_loaded(&v->counter);
	} while (!kapi_atomic64_try(v, &c, less, MACH_FULL, site));
	return less;
}

/* ---- loads and stores ---- */
#define atomic64_read(v) \
	mach_load(kapi_atomic64_const(v), MACH_RELAXED, KAPI_OP("atomic64_read", #v))
#define atomic64_read_acquire(v) \
	mach_load(kapi_atomic64_const(v), MACH_ACQUIRE, KAPI_OP("atomic64_read_acquire", #v))
#define atomic64_set(v, i) \
	mach_store(kapi_atomic64(v), (i), MACH_RELAXED, KAPI_OP("atomic64_set", #v ", " #i))
#define atomic64_set_release(v, i) \
	mach_store(kapi_atomic64(v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_set_release", #v ", " #i))
/* condition speaks of VAL, the value just loaded */
#define atomic64_cond_read_acquire(v, condition) smp_cond_load_acquire(kapi_atomic64(v), condition)
#define atomic64_cond_read_relaxed(v, condition) smp_cond_load_relaxed(kapi_atomic64(v), condition)

/* ---- arithmetic ---- */
#define atomic64_add(i, v) \
	((void)kapi_atomic64_fetch_add((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_add", #i ", " #v)))
#define atomic64_sub(i, v) \
	((void)kapi_atomic64_fetch_sub((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_sub", #i ", " #v)))
#define atomic64_inc(v) \
	((void)kapi_atomic64_fetch_add((v), 1, MACH_RELAXED, KAPI_OP("atomic64_inc", #v)))
#define atomic64_dec(v) \
	((void)kapi_atomic64_fetch_sub((v), 1, MACH_RELAXED, KAPI_OP("atomic64_dec", #v)))
#define atomic64_add_return(i, v) \
	kapi_atomic64_add_return((v), (i), MACH_FULL, KAPI_OP("atomic64_add_return", #i ", " #v))
#define atomic64_add_return_relaxed(i, v) \
	kapi_atomic64_add_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_add_return_relaxed", #i ", " #v))
#define atomic64_add_return_acquire(i, v) \
	kapi_atomic64_add_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_add_return_acquire", #i ", " #v))
#define atomic64_add_return_release(i, v) \
	kapi_atomic64_add_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_add_return_release", #i ", " #v))
#define atomic64_sub_return(i, v) \
	kapi_atomic64_sub_return((v), (i), MACH_FULL, KAPI_OP("atomic64_sub_return", #i ", " #v))
#define atomic64_sub_return_relaxed(i, v) \
	kapi_atomic64_sub_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_sub_return_relaxed", #i ", " #v))
#define atomic64_sub_return_acquire(i, v) \
	kapi_atomic64_sub_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_sub_return_acquire", #i ", " #v))
#define atomic64_sub_return_release(i, v) \
	kapi_atomic64_sub_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_sub_return_release", #i ", " #v))
#define atomic64_inc_return(v) \
	kapi_atomic64_add_return((v), 1, MACH_FULL, KAPI_OP("atomic64_inc_return", #v))
#define atomic64_inc_return_relaxed(v) \
	kapi_atomic64_add_return((v), 1, MACH_RELAXED, KAPI_OP("atomic64_inc_return_relaxed", #v))
#define atomic64_inc_return_acquire(v) \
	kapi_atomic64_add_return((v), 1, MACH_ACQUIRE, KAPI_OP("atomic64_inc_return_acquire", #v))
#define atomic64_inc_return_release(v) \
	kapi_atomic64_add_return((v), 1, MACH_RELEASE, KAPI_OP("atomic64_inc_return_release", #v))
#define atomic64_dec_return(v) \
	kapi_atomic64_sub_return((v), 1, MACH_FULL, KAPI_OP("atomic64_dec_return", #v))
#define atomic64_dec_return_relaxed(v) \
	kapi_atomic64_sub_return((v), 1, MACH_RELAXED, KAPI_OP("atomic64_dec_return_relaxed", #v))
#define atomic64_dec_return_acquire(v) \
	kapi_atomic64_sub_return((v), 1, MACH_ACQUIRE, KAPI_OP("atomic64_dec_return_acquire", #v))
#define atomic64_dec_return_release(v) \
	kapi_atomic64_sub_return((v), 1, MACH_RELEASE, KAPI_OP("atomic64_dec_return_release", #v))
#define atomic64_fetch_add(i, v) \
	kapi_atomic64_fetch_add((v), (i), MACH_FULL, KAPI_OP("atomic64_fetch_add", #i ", " #v))
#define atomic64_fetch_add_relaxed(i, v) \
	kapi_atomic64_fetch_add((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_add_relaxed", #i ", " #v))
#define atomic64_fetch_add_acquire(i, v) \
	kapi_atomic64_fetch_add((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_add_acquire", #i ", " #v))
#define atomic64_fetch_add_release(i, v) \
	kapi_atomic64_fetch_add((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_add_release", #i ", " #v))
#define atomic64_fetch_sub(i, v) \
	kapi_atomic64_fetch_sub((v), (i), MACH_FULL, KAPI_OP("atomic64_fetch_sub", #i ", " #v))
#define atomic64_fetch_sub_relaxed(i, v) \
	kapi_atomic64_fetch_sub((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_sub_relaxed", #i ", " #v))
#define atomic64_fetch_sub_acquire(i, v) \
	kapi_atomic64_fetch_sub((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_sub_acquire", #i ", " #v))
#define atomic64_fetch_sub_release(i, v) \
	kapi_atomic64_fetch_sub((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_sub_release", #i ", " #v))
#define atomic64_fetch_inc(v) \
	kapi_atomic64_fetch_add((v), 1, MACH_FULL, KAPI_OP("atomic64_fetch_inc", #v))
#define atomic64_fetch_inc_relaxed(v) \
	kapi_atomic64_fetch_add((v), 1, MACH_RELAXED, KAPI_OP("atomic64_fetch_inc_relaxed", #v))
#define atomic64_fetch_inc_acquire(v) \
	kapi_atomic64_fetch_add((v), 1, MACH_ACQUIRE, KAPI_OP("atomic64_fetch_inc_acquire", #v))
#define atomic64_fetch_inc_release(v) \
	kapi_atomic64_fetch_add((v), 1, MACH_RELEASE, KAPI_OP("atomic64_fetch_inc_release", #v))
#define atomic64_fetch_dec(v) \
	kapi_atomic64_fetch_sub((v), 1, MACH_FULL, KAPI_OP("atomic64_fetch_dec", #v))
#define atomic64_fetch_dec_relaxed(v) \
	kapi_atomic64_fetch_sub((v), 1, MACH_RELAXED, KAPI_OP("atomic64_fetch_dec_relaxed", #v))
#define atomic64_fetch_dec_acquire(v) \
	kapi_atomic64_fetch_sub((v), 1, MACH_ACQUIRE, KAPI_OP("atomic64_fetch_dec_acquire", #v))
#define atomic64_fetch_dec_release(v) \
	kapi_atomic64_fetch_sub((v), 1, MACH_RELEASE, KAPI_OP("atomic64_fetch_dec_release", #v))
#define atomic64_inc_and_test(v) \
	(kapi_atomic64_add_return((v), 1, MACH_FULL, KAPI_OP("atomic64_inc_and_test", #v)) == 0)
#define atomic64_dec_and_test(v) \
	(kapi_atomic64_sub_return((v), 1, MACH_FULL, KAPI_OP("atomic64_dec_and_test", #v)) == 0)
#define atomic64_sub_and_test(i, v) \
	(kapi_atomic64_sub_return((v), (i), MACH_FULL, \
		KAPI_OP("atomic64_sub_and_test", #i ", " #v)) == 0)
#define atomic64_add_negative(i, v) \
	(kapi_atomic64_add_return((v), (i), MACH_FULL, \
		KAPI_OP("atomic64_add_negative", #i ", " #v)) < 0)
#define atomic64_add_negative_relaxed(i, v) \
	(kapi_atomic64_add_return((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_add_negative_relaxed", #i ", " #v)) < 0)
#define atomic64_add_negative_acquire(i, v) \
	(kapi_atomic64_add_return((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_add_negative_acquire", #i ", " #v)) < 0)
#define atomic64_add_negative_release(i, v) \
	(kapi_atomic64_add_return((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_add_negative_release", #i ", " #v)) < 0)

/* ---- bits ---- */
#define atomic64_or(i, v) \
	((void)kapi_atomic64_fetch_op(MACH_OR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_or", #i ", " #v)))
#define atomic64_fetch_or(i, v) \
	kapi_atomic64_fetch_op(MACH_OR, (v), (i), MACH_FULL, \
		KAPI_OP("atomic64_fetch_or", #i ", " #v))
#define atomic64_fetch_or_relaxed(i, v) \
	kapi_atomic64_fetch_op(MACH_OR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_or_relaxed", #i ", " #v))
#define atomic64_fetch_or_acquire(i, v) \
	kapi_atomic64_fetch_op(MACH_OR, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_or_acquire", #i ", " #v))
#define atomic64_fetch_or_release(i, v) \
	kapi_atomic64_fetch_op(MACH_OR, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_or_release", #i ", " #v))
#define atomic64_and(i, v) \
	((void)kapi_atomic64_fetch_op(MACH_AND, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_and", #i ", " #v)))
#define atomic64_fetch_and(i, v) \
	kapi_atomic64_fetch_op(MACH_AND, (v), (i), MACH_FULL, \
		KAPI_OP("atomic64_fetch_and", #i ", " #v))
#define atomic64_fetch_and_relaxed(i, v) \
	kapi_atomic64_fetch_op(MACH_AND, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_and_relaxed", #i ", " #v))
#define atomic64_fetch_and_acquire(i, v) \
	kapi_atomic64_fetch_op(MACH_AND, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_and_acquire", #i ", " #v))
#define atomic64_fetch_and_release(i, v) \
	kapi_atomic64_fetch_op(MACH_AND, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_and_release", #i ", " #v))
#define atomic64_xor(i, v) \
	((void)kapi_atomic64_fetch_op(MACH_XOR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_xor", #i ", " #v)))
#define atomic64_fetch_xor(i, v) \
	kapi_atomic64_fetch_op(MACH_XOR, (v), (i), MACH_FULL, \
		KAPI_OP("atomic64_fetch_xor", #i ", " #v))
#define atomic64_fetch_xor_relaxed(i, v) \
	kapi_atomic64_fetch_op(MACH_XOR, (v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_xor_relaxed", #i ", " #v))
#define atomic64_fetch_xor_acquire(i, v) \
	kapi_atomic64_fetch_op(MACH_XOR, (v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_xor_acquire", #i ", " #v))
#define atomic64_fetch_xor_release(i, v) \
	kapi_atomic64_fetch_op(MACH_XOR, (v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_xor_release", #i ", " #v))
#define atomic64_andnot(i, v) \
	((void)kapi_atomic64_fetch_andnot((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_andnot", #i ", " #v)))
#define atomic64_fetch_andnot(i, v) \
	kapi_atomic64_fetch_andnot((v), (i), MACH_FULL, \
		KAPI_OP("atomic64_fetch_andnot", #i ", " #v))
#define atomic64_fetch_andnot_relaxed(i, v) \
	kapi_atomic64_fetch_andnot((v), (i), MACH_RELAXED, \
		KAPI_OP("atomic64_fetch_andnot_relaxed", #i ", " #v))
#define atomic64_fetch_andnot_acquire(i, v) \
	kapi_atomic64_fetch_andnot((v), (i), MACH_ACQUIRE, \
		KAPI_OP("atomic64_fetch_andnot_acquire", #i ", " #v))
#define atomic64_fetch_andnot_release(i, v) \
	kapi_atomic64_fetch_andnot((v), (i), MACH_RELEASE, \
		KAPI_OP("atomic64_fetch_andnot_release", #i ", " #v))

/* ---- exchange ---- */
#define atomic64_xchg(v, n) \
	mach_xchg(kapi_atomic64(v), (n), MACH_FULL, KAPI_OP("atomic64_xchg", #v ", " #n))
#define atomic64_xchg_relaxed(v, n) \
	mach_xchg(kapi_atomic64(v), (n), MACH_RELAXED, \
		KAPI_OP("atomic64_xchg_relaxed", #v ", " #n))
#define atomic64_xchg_acquire(v, n) \
	mach_xchg(kapi_atomic64(v), (n), MACH_ACQUIRE, \
		KAPI_OP("atomic64_xchg_acquire", #v ", " #n))
#define atomic64_xchg_release(v, n) \
	mach_xchg(kapi_atomic64(v), (n), MACH_RELEASE, \
		KAPI_OP("atomic64_xchg_release", #v ", " #n))
#define atomic64_cmpxchg(v, o, n) \
	mach_cmpxchg(kapi_atomic64(v), (o), (n), MACH_FULL, \
		KAPI_OP("atomic64_cmpxchg", #v ", " #o ", " #n))
#define atomic64_cmpxchg_relaxed(v, o, n) \
	mach_cmpxchg(kapi_atomic64(v), (o), (n), MACH_RELAXED, \
		KAPI_OP("atomic64_cmpxchg_relaxed", #v ", " #o ", " #n))
#define atomic64_cmpxchg_acquire(v, o, n) \
	mach_cmpxchg(kapi_atomic64(v), (o), (n), MACH_ACQUIRE, \
		KAPI_OP("atomic64_cmpxchg_acquire", #v ", " #o ", " #n))
#define atomic64_cmpxchg_release(v, o, n) \
	mach_cmpxchg(kapi_atomic64(v), (o), (n), MACH_RELEASE, \
		KAPI_OP("atomic64_cmpxchg_release", #v ", " #o ", " #n))
#define atomic64_try_cmpxchg(v, o, n) \
	kapi_atomic64_try((v), (o), (n), MACH_FULL, \
		KAPI_OP("atomic64_try_cmpxchg", #v ", " #o ", " #n))
#define atomic64_try_cmpxchg_relaxed(v, o, n) \
	kapi_atomic64_try((v), (o), (n), MACH_RELAXED, \
		KAPI_OP("atomic64_try_cmpxchg_relaxed", #v ", " #o ", " #n))
#define atomic64_try_cmpxchg_acquire(v, o, n) \
	kapi_atomic64_try((v), (o), (n), MACH_ACQUIRE, \
		KAPI_OP("atomic64_try_cmpxchg_acquire", #v ", " #o ", " #n))
#define atomic64_try_cmpxchg_release(v, o, n) \
	kapi_atomic64_try((v), (o), (n), MACH_RELEASE, \
		KAPI_OP("atomic64_try_cmpxchg_release", #v ", " #o ", " #n))

/* ---- unless ---- */
#define atomic64_fetch_add_unless(v, a, u) \
	kapi_atomic64_unless((v), (a), (u), MACH_FULL, \
		KAPI_OP("atomic64_fetch_add_unless", #v ", " #a ", " #u))
#define atomic64_add_unless(v, a, u) \
	kapi_atomic64_add_unless((v), (a), (u), MACH_FULL, \
		KAPI_OP("atomic64_add_unless", #v ", " #a ", " #u))
#define atomic64_inc_not_zero(v) \
	kapi_atomic64_add_unless((v), 1, 0, MACH_FULL, KAPI_OP("atomic64_inc_not_zero", #v))
#define atomic64_inc_unless_negative(v) \
	kapi_atomic64_inc_unless_negative((v), KAPI_OP("atomic64_inc_unless_negative", #v))
#define atomic64_dec_unless_positive(v) \
	kapi_atomic64_dec_unless_positive((v), KAPI_OP("atomic64_dec_unless_positive", #v))
#define atomic64_dec_if_positive(v) \
	kapi_atomic64_dec_if_positive((v), KAPI_OP("atomic64_dec_if_positive", #v))

#endif
