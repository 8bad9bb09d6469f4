/*
 * The timed operations on one reference count, by kind of atomics. atomics_timed.c is
 * compiled once for each kind, with flags of its own, and exports a table; atomics.c
 * chooses among the tables.
 */
#ifndef LOOPS_ATOMICS_H
#define LOOPS_ATOMICS_H

#include "loops/engine/loop.h"

/*
 * X(op, tries, counts, delta, start)
 *   tries   1: may lose a compare-and-swap, and back off
 *   counts  1: the value met tells whether somebody else had the line since
 *   delta   what one operation that was done adds to the count in the end
 *   start   the count at the start
 */
#define ATOMICS_LIST(X)                    \
	X(xadd, 0, 1, 1, 1)                \
	X(cmpxchg, 1, 1, 1, 1)             \
	X(add_unless, 1, 1, 1, 1)          \
	X(get_put, 1, 0, 0, 1)             \
	X(dec_and_test, 0, 1, -1, 0)       \
	X(freeze_unfreeze, 0, 0, 0, 1)     \
	X(inc_not_zero_refused, 1, 0, 0, 0) \
	X(rcuref, 0, 0, 0, 1)              \
	X(incdec, 0, 0, 0, 1)              \
	X(relaxed_load, 0, 0, 0, 1)        \
	X(relaxed_store, 0, 0, 0, 1)

enum atomics_op {
#define OP_(op, tries, counts, delta, start) OP_##op,
	ATOMICS_LIST(OP_)
#undef OP_
	ATOMICS_OPS
};

enum atomics_backoff { BACKOFF_NONE, BACKOFF_PAUSE, BACKOFF_EXPONENTIAL, BACKOFFS };

/* bare: the operation alone. counted: and its runs. paced: those, and what the
 * settings put between two operations. */
enum atomics_way { WAY_BARE, WAY_COUNTED, WAY_PACED, WAYS };

/* What one thread works on, and how far it is. */
struct atomics_share {
	int *count;            /* shared, a neighbour, or its own; count[1] is freeze's */
	uint32_t pace;         /* spin units between two operations */
	uint32_t ballast;      /* additions in each operation, each waiting for the last */
	int mark;              /* what a store stores */
	int next;              /* the value met if nobody else had the line since */
	uint64_t run;          /* operations of the run that goes on */
	uint32_t lowered;      /* what this thread took from the count, so that it never is 0 */
};

typedef void atomics_work(struct loop_thread *t, uint64_t n);

/* One function, and where its code is: a section of its own. */
struct atomics_timed {
	atomics_work *work;
	const char *begin, *end;
};

struct atomics_table {
	const char *name;      /* "lock", "llsc", "lse", "outline" */
	const char *add, *cmpxchg, *cmpxchg_and_add, *add_relaxed; /* instructions of these */
	struct atomics_timed timed[ATOMICS_OPS][BACKOFFS][WAYS];
};

#endif
