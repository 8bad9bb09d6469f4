/*
 * The timed operations on one reference count, by kind of atomics. atomics_timed.c is
 * compiled once for each kind, with flags of its own, and exports a table; atomics.c
 * chooses among the tables.
 */
#ifndef LOOPS_ATOMICS_H
#define LOOPS_ATOMICS_H

#include "loops/loop.h"

enum atomics_op { /* in the order of the rows of a table */
	OP_XADD, OP_ADD_UNLESS,
	ATOMICS_OPS
};

enum atomics_backoff { BACKOFF_NONE, BACKOFF_PAUSE, BACKOFF_EXPONENTIAL, BACKOFFS };

/* What one thread works on. */
struct atomics_share {
	int *count;            /* the reference count: shared, a neighbour, or its own */
	uint32_t pace;         /* spin units between two operations */
	uint32_t ballast;      /* dependent additions in each operation */
	int last;              /* the value that a run of our own would find next */
	uint64_t run;          /* operations since the line was last somebody else's */
};

typedef void atomics_work(struct loop_thread *t, uint64_t n);

/* One function, and where its code is: a section of its own. */
struct atomics_timed {
	atomics_work *work;
	const char *begin, *end;
};

struct atomics_table {
	const char *name;      /* "lock", "llsc", "lse", "outline" */
	/* bare of pace and ballast, and with both */
	struct atomics_timed timed[ATOMICS_OPS][BACKOFFS][2];
	const char *instruction[ATOMICS_OPS];
};

#endif
