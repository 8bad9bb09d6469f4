/*
 * One operation each, inline, for atomics_timed.c. All return the value that they met;
 * on the way they count what is free to count: a compare-and-swap that lost is counted
 * where it lost.
 */
#ifndef LOOPS_ATOMICS_OPS_H
#define LOOPS_ATOMICS_OPS_H

#include "loops/atomics/atomics.h"

#define TIMED_INLINE static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)

/* In registers during a chunk. `left` is the operations still to do: a run's length is
 * the difference of two of them. */
struct tally {
	uint64_t retries, refused, runs, longest, begun, left;
	int next;
};

#define BACKOFF_MOST 64u /* relax hints at a time */

TIMED_INLINE void back_off(enum atomics_backoff kind, unsigned *hints)
{
	unsigned i;

	if (kind == BACKOFF_NONE)
		return;
	for (i = 0; i < *hints; i++)
		arch_cpu_relax();
	if (kind == BACKOFF_EXPONENTIAL && *hints < BACKOFF_MOST)
		*hints *= 2;
}

/* A count goes round after 2^32 operations, which is no overflow. */
TIMED_INLINE int plus(int value, int delta)
{
	return (int)((unsigned)value + (unsigned)delta);
}

/* Someone else changed the count since our last operation: a run ends, one begins. */
TIMED_INLINE void note_run(struct tally *t, bool count, int met, int delta)
{
	if (!count)
		return;
	if (!LIKELY(met == t->next)) {
		t->runs++;
		if (t->begun - t->left > t->longest)
			t->longest = t->begun - t->left;
		t->begun = t->left;
	}
	t->next = plus(met, delta);
}

/* ---- get ---- */

/* Loads, refuses zero without a write if asked to, else adds one. True if it did. */
TIMED_INLINE bool get_unless(int *p, bool unless_zero, enum atomics_backoff kind,
			     struct tally *t, int *met)
{
	unsigned hints = 1;

	/* relaxed: the compare-and-swap orders, if it writes */
	*met = __atomic_load_n(p, __ATOMIC_RELAXED);
	for (;;) {
		if (unless_zero && !LIKELY(*met != 0)) {
			t->refused++;
			return false;
		}
		if (LIKELY(arch_try_cmpxchg_full(p, met, plus(*met, 1))))
			return true;
		t->retries++;
		back_off(kind, &hints);
	}
}

TIMED_INLINE int op_xadd(int *p, enum atomics_backoff kind, bool count, struct tally *t)
{
	int met = arch_fetch_add_full(p, 1);

	(void)kind;
	note_run(t, count, met, 1);
	return met;
}

TIMED_INLINE int op_cmpxchg(int *p, enum atomics_backoff kind, bool count, struct tally *t)
{
	int met;

	get_unless(p, false, kind, t, &met);
	note_run(t, count, met, 1);
	return met;
}

TIMED_INLINE int op_add_unless(int *p, enum atomics_backoff kind, bool count,
			       struct tally *t)
{
	int met;

	if (LIKELY(get_unless(p, true, kind, t, &met)))
		note_run(t, count, met, 1);
	return met;
}

/* The path that a frozen page takes; the other is there, and never taken. */
TIMED_INLINE int op_inc_not_zero_refused(int *p, enum atomics_backoff kind, bool count,
					 struct tally *t)
{
	/* relaxed: as in get_unless() */
	int met = __atomic_load_n(p, __ATOMIC_RELAXED);

	(void)count;
	if (LIKELY(met == 0))
		t->refused++;
	else
		get_unless(p, true, kind, t, &met);
	return met;
}

/* ---- get and put ---- */

TIMED_INLINE int op_get_put(int *p, enum atomics_backoff kind, bool count, struct tally *t)
{
	int met;

	(void)count;
	if (LIKELY(get_unless(p, true, kind, t, &met)))
		met = arch_fetch_add_full(p, -1);
	return met;
}

/* rcuref's way (lib/rcuref.c): add first, and look at the sign of the result; the
 * negative half is the dead zone. */
TIMED_INLINE int op_rcuref(int *p, enum atomics_backoff kind, bool count, struct tally *t)
{
	int met = arch_fetch_add_relaxed(p, 1);

	(void)kind;
	(void)count;
	if (!LIKELY(met >= 0))
		t->refused++;
	/* release: what the holder did comes before whoever frees */
	met = arch_fetch_add_release(p, -1);
	if (!LIKELY(met > 0))
		t->refused++;
	return met;
}

TIMED_INLINE int op_incdec(int *p, enum atomics_backoff kind, bool count, struct tally *t)
{
	(void)kind;
	(void)count;
	(void)t;
	arch_fetch_add_relaxed(p, 1);
	return arch_fetch_add_relaxed(p, -1);
}

TIMED_INLINE int op_dec_and_test(int *p, enum atomics_backoff kind, bool count,
				 struct tally *t)
{
	int met = arch_fetch_add_full(p, -1);

	(void)kind;
	if (!LIKELY(met != 1))
		t->refused++; /* it came to 0 */
	note_run(t, count, met, -1);
	return met;
}

/* ---- freeze ---- */

/* Exclusive while frozen: p[1] is no atomic, and would lose an increment otherwise. */
TIMED_INLINE int op_freeze_unfreeze(int *p, enum atomics_backoff kind, bool count,
				    struct tally *t)
{
	int met = 1;

	(void)kind;
	(void)count;
	if (!LIKELY(arch_try_cmpxchg_full(p, &met, 0))) {
		t->refused++;
		return met;
	}
	p[1] = plus(p[1], 1);
	/* release: the increment before the count; pairs with the next freeze */
	__atomic_store_n(p, 1, __ATOMIC_RELEASE);
	return met;
}

/* ---- floors ---- */

TIMED_INLINE int op_relaxed_load(int *p, enum atomics_backoff kind, bool count,
				 struct tally *t)
{
	/* relaxed: nothing is ordered, the access alone is timed */
	int met = __atomic_load_n(p, __ATOMIC_RELAXED);

	(void)kind;
	(void)count;
	(void)t;
	__asm__ volatile("" :: "r"(met)); /* it is used */
	return met;
}

TIMED_INLINE int op_relaxed_store(int *p, enum atomics_backoff kind, bool count,
				  struct tally *t)
{
	(void)kind;
	(void)count;
	__atomic_store_n(p, t->next, __ATOMIC_RELAXED); /* relaxed: as the load */
	return 0;
}

#endif
