/*
 * atomic_t with the kernel's semantics (Documentation/atomic_t.txt).
 *
 * Ordering. Value-returning read-modify-writes without a suffix are fully
 * ordered when they write; _relaxed, _acquire and _release say less. void
 * operations (atomic_inc, atomic_add, atomic_set) order nothing. A conditional
 * operation that does not write orders nothing.
 *
 * add_unless is two-phase: it loads, returns without writing when it meets u,
 * and only then compares and swaps. Between the two a CPU may sleep; and a
 * value equal to u is never written, so it may be probed on a read-only page.
 */
#ifndef KAPI_ATOMIC_H
#define KAPI_ATOMIC_H

#include "kapi/access.h"

typedef struct {
	int counter;
} atomic_t;

#define KAPI_OP(name, args) KAPI_SITE(name "(" args ")")

#define atomic_read(v) mach_load(&(v)->counter, MACH_RELAXED, KAPI_OP("atomic_read", #v))
#define atomic_read_acquire(v) \
	mach_load(&(v)->counter, MACH_ACQUIRE, KAPI_OP("atomic_read_acquire", #v))
#define atomic_set(v, i) \
	mach_store(&(v)->counter, (i), MACH_RELAXED, KAPI_OP("atomic_set", #v ", " #i))
#define atomic_set_release(v, i) \
	mach_store(&(v)->counter, (i), MACH_RELEASE, KAPI_OP("atomic_set_release", #v ", " #i))

/* ---- add and fetch ---- */
/* args: as the kernel writes them, for reports */
#define KAPI_FETCH_ADD(v, i, order, name, args) \
	mach_fetch_add(&(v)->counter, (i), order, KAPI_OP(name, args))

#define atomic_fetch_add(i, v) KAPI_FETCH_ADD(v, i, MACH_FULL, "atomic_fetch_add", #i ", " #v)
#define atomic_fetch_add_relaxed(i, v) \
	KAPI_FETCH_ADD(v, i, MACH_RELAXED, "atomic_fetch_add_relaxed", #i ", " #v)
#define atomic_fetch_add_acquire(i, v) \
	KAPI_FETCH_ADD(v, i, MACH_ACQUIRE, "atomic_fetch_add_acquire", #i ", " #v)
#define atomic_fetch_add_release(i, v) \
	KAPI_FETCH_ADD(v, i, MACH_RELEASE, "atomic_fetch_add_release", #i ", " #v)

#define atomic_add_return(i, v) \
	(KAPI_FETCH_ADD(v, i, MACH_FULL, "atomic_add_return", #i ", " #v) + (i))
#define atomic_add_return_relaxed(i, v) \
	(KAPI_FETCH_ADD(v, i, MACH_RELAXED, "atomic_add_return_relaxed", #i ", " #v) + (i))
#define atomic_add_return_acquire(i, v) \
	(KAPI_FETCH_ADD(v, i, MACH_ACQUIRE, "atomic_add_return_acquire", #i ", " #v) + (i))
#define atomic_add_return_release(i, v) \
	(KAPI_FETCH_ADD(v, i, MACH_RELEASE, "atomic_add_return_release", #i ", " #v) + (i))
#define atomic_sub_return(i, v) \
	(KAPI_FETCH_ADD(v, -(i), MACH_FULL, "atomic_sub_return", #i ", " #v) - (i))
#define atomic_sub_return_release(i, v) \
	(KAPI_FETCH_ADD(v, -(i), MACH_RELEASE, "atomic_sub_return_release", #i ", " #v) - (i))
#define atomic_dec_return(v) (KAPI_FETCH_ADD(v, -1, MACH_FULL, "atomic_dec_return", #v) - 1)
#define atomic_inc_return(v) (KAPI_FETCH_ADD(v, 1, MACH_FULL, "atomic_inc_return", #v) + 1)

#define atomic_add(i, v) ((void)KAPI_FETCH_ADD(v, i, MACH_RELAXED, "atomic_add", #i ", " #v))
#define atomic_sub(i, v) ((void)KAPI_FETCH_ADD(v, -(i), MACH_RELAXED, "atomic_sub", #i ", " #v))
#define atomic_inc(v) ((void)KAPI_FETCH_ADD(v, 1, MACH_RELAXED, "atomic_inc", #v))
#define atomic_dec(v) ((void)KAPI_FETCH_ADD(v, -1, MACH_RELAXED, "atomic_dec", #v))

#define atomic_dec_and_test(v) (KAPI_FETCH_ADD(v, -1, MACH_FULL, "atomic_dec_and_test", #v) == 1)
#define atomic_sub_and_test(i, v) \
	(KAPI_FETCH_ADD(v, -(i), MACH_FULL, "atomic_sub_and_test", #i ", " #v) == (i))

/* ---- exchange ---- */
#define KAPI_XCHG(v, n, order, name) \
	mach_xchg(&(v)->counter, (n), order, KAPI_OP(name, #v ", " #n))

#define atomic_xchg(v, n) KAPI_XCHG(v, n, MACH_FULL, "atomic_xchg")
#define atomic_xchg_relaxed(v, n) KAPI_XCHG(v, n, MACH_RELAXED, "atomic_xchg_relaxed")
#define atomic_xchg_acquire(v, n) KAPI_XCHG(v, n, MACH_ACQUIRE, "atomic_xchg_acquire")
#define atomic_xchg_release(v, n) KAPI_XCHG(v, n, MACH_RELEASE, "atomic_xchg_release")

#define KAPI_CMPXCHG(v, o, n, order, name) \
	mach_cmpxchg(&(v)->counter, (o), (n), order, KAPI_OP(name, #v ", " #o ", " #n))

#define atomic_cmpxchg(v, o, n) KAPI_CMPXCHG(v, o, n, MACH_FULL, "atomic_cmpxchg")
#define atomic_cmpxchg_relaxed(v, o, n) \
	KAPI_CMPXCHG(v, o, n, MACH_RELAXED, "atomic_cmpxchg_relaxed")
#define atomic_cmpxchg_acquire(v, o, n) \
	KAPI_CMPXCHG(v, o, n, MACH_ACQUIRE, "atomic_cmpxchg_acquire")
#define atomic_cmpxchg_release(v, o, n) \
	KAPI_CMPXCHG(v, o, n, MACH_RELEASE, "atomic_cmpxchg_release")

static inline bool kapi_try_cmpxchg(atomic_t *v, int *old, int new, enum mach_order order,
				    const struct site *site)
{
	int seen = mach_cmpxchg(&v->counter, *old, new, order, site);
	bool done = seen == *old;

	*old = seen;
	return done;
}

#define KAPI_TRY(v, o, n, order, name) \
	kapi_try_cmpxchg((v), (o), (n), order, KAPI_OP(name, #v ", " #o ", " #n))

#define atomic_try_cmpxchg(v, o, n) KAPI_TRY(v, o, n, MACH_FULL, "atomic_try_cmpxchg")
#define atomic_try_cmpxchg_relaxed(v, o, n) \
	KAPI_TRY(v, o, n, MACH_RELAXED, "atomic_try_cmpxchg_relaxed")
#define atomic_try_cmpxchg_acquire(v, o, n) \
	KAPI_TRY(v, o, n, MACH_ACQUIRE, "atomic_try_cmpxchg_acquire")
#define atomic_try_cmpxchg_release(v, o, n) \
	KAPI_TRY(v, o, n, MACH_RELEASE, "atomic_try_cmpxchg_release")

/* Of any word of four or eight bytes, pointers too. */
#define KAPI_WORD_CMPXCHG(p, o, n, order, name) \
	mach_cmpxchg((p), (o), (n), order, KAPI_OP(name, #p ", " #o ", " #n))

#define xchg(p, n) mach_xchg((p), (n), MACH_FULL, KAPI_OP("xchg", #p ", " #n))
#define cmpxchg(p, o, n) KAPI_WORD_CMPXCHG(p, o, n, MACH_FULL, "cmpxchg")
#define cmpxchg_relaxed(p, o, n) KAPI_WORD_CMPXCHG(p, o, n, MACH_RELAXED, "cmpxchg_relaxed")
#define cmpxchg_acquire(p, o, n) KAPI_WORD_CMPXCHG(p, o, n, MACH_ACQUIRE, "cmpxchg_acquire")
#define cmpxchg_release(p, o, n) KAPI_WORD_CMPXCHG(p, o, n, MACH_RELEASE, "cmpxchg_release")

/* ---- add unless ---- */
static inline int kapi_fetch_add_unless(atomic_t *v, int a, int u, enum mach_order order,
					const struct site *site)
{
	/* relaxed: the compare-and-swap below orders, if it writes */
	int c = mach_load(&v->counter, MACH_RELAXED, site);

	do {
		if (c == u)
			break;
		mach_loaded(&v->counter);
		/* the gap: here a CPU may sleep with a count that is no longer true */
	} while (!kapi_try_cmpxchg(v, &c, c + a, order, site));
	return c;
}

#define KAPI_ADD_UNLESS(v, a, u, order, name) \
	kapi_fetch_add_unless((v), (a), (u), order, KAPI_OP(name, #v ", " #a ", " #u))

#define atomic_fetch_add_unless(v, a, u) \
	KAPI_ADD_UNLESS(v, a, u, MACH_FULL, "atomic_fetch_add_unless")
#define atomic_add_unless(v, a, u) \
	(KAPI_ADD_UNLESS(v, a, u, MACH_FULL, "atomic_add_unless") != (u))
#define atomic_add_unless_acquire(v, a, u) \
	(KAPI_ADD_UNLESS(v, a, u, MACH_ACQUIRE, "atomic_add_unless_acquire") != (u))
#define atomic_inc_not_zero(v) (KAPI_ADD_UNLESS(v, 1, 0, MACH_FULL, "atomic_inc_not_zero") != 0)

#endif
