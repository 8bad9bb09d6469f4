/*
 * An execution graph: events of all CPUs, who reads from whom, in which order
 * the writes of a place stand (coherence), and what is ordered before what.
 *
 * Everything is rows of bits, so that a set of events is one word in the usual case and
 * a part of a graph is kept or dropped by masks. The numbered invariants in docs/search.md
 * (G1 to G8) say what each row holds; check.c asks them of a graph from scratch.
 */
#ifndef SEARCH_GRAPH_H
#define SEARCH_GRAPH_H

#include <stddef.h>
#include <string.h>

#include "model/explore.h"
#include "model/search/set.h"

/* Rows that a CPU hands on to its next event: closed sets of events that the
 * next read, write, acquire must follow; all reads so far, all writes so far. */
enum { FOR_READ, FOR_WRITE, FOR_ACQUIRE, READS, WRITES };
#if SEARCH_MODEL == 0
#define ORDER_ROWS 1 /* sc: one row says it all */
#elif SEARCH_MODEL == 1
#define ORDER_ROWS 2
#else
#define ORDER_ROWS 5
#endif

typedef struct {
	set_t row[ORDER_ROWS];
} order_t;

#define RF_INIT (-1)
#define RF_LATER (-2) /* a read that waits for a write which is not there yet: guess.c */

enum phase {
	RUNNABLE,
	READ_DUE,   /* a part of a read is there, the next one comes at once */
	WRITE_DUE,  /* a read-modify-write has read, or a part of a write is there */
	WAITS,      /* an await read a value that does not end it */
	SPINS,      /* stands where it stood before: a turn of a waiting loop is over */
	STOPPED,    /* returned, or met a violation */
	ACCESS_DUE, /* a walk is done, its access comes next */
};

/* What is plain about an event; copied as a block. */
typedef struct {
	uint64_t value;     /* that it read or wrote, of its cell */
	uint32_t node;      /* local state that asked for it */
	uint32_t next;      /* local state after it */
	uint16_t place;
	int16_t rf;         /* event read from, RF_INIT, RF_LATER */
	int16_t prev;       /* event before it on this CPU, -1 */
	uint16_t pos;       /* events of this CPU before it */
	uint8_t cpu, phase; /* phase after it */
	uint8_t part;       /* which cell of its access */
	bool reads : 1, writes : 1, exclusive : 1, plain : 1;
	bool walk : 1, hidden : 1; /* see translation.c */
	bool guessed : 1;   /* a read that took its value on trust: guess.c */
} event_t;

typedef struct {
	uint32_t node;
	int16_t last;   /* newest event, -1 */
	uint8_t phase;
	uint16_t count; /* events */
	set_t mine;
	order_t order;
	int16_t at[SET_BITS]; /* events in program order */
} thread_t;

typedef struct {
	set_t writes, reads, init_readers, plain;
	set_t flushes, hidden; /* of a page-table entry */
} place_t;

#define GRAPH_PLACES (4 * SET_BITS)

/* The graph proper. top: slots ever used are below it. */
typedef struct {
	set_t used;
	set_t later;              /* reads that still wait for their write */
	unsigned top, n_places, n_cpus;
	thread_t thread[MODEL_CPUS];
	event_t event[SET_BITS];
	set_t pred[SET_BITS];    /* ordered before it (ob), closed */
	set_t porf[SET_BITS];    /* (program order or reads-from)+ before it */
	set_t before[SET_BITS];  /* added to the graph before it */
	set_t readers[SET_BITS]; /* who reads from it */
	set_t co_after[SET_BITS];/* writes of its place that coherence puts after it */
	order_t entry[SET_BITS]; /* its CPU's order right before it, fences included */
	place_t place[GRAPH_PLACES]; /* last: few are in use */
} graph_t;

/* The CPUs. Of the narrow width a call costs more than the few bytes it would spare. */
static inline void copy_threads(graph_t *to, const graph_t *from)
{
	if (WORDS == 1) {
		memcpy(to->thread, from->thread, from->n_cpus * sizeof(from->thread[0]));
		return;
	}
	for (unsigned i = 0; i < from->n_cpus; i++) {
		memcpy(&to->thread[i], &from->thread[i], offsetof(thread_t, at));
		memcpy(to->thread[i].at, from->thread[i].at,
		       from->thread[i].count * sizeof(from->thread[i].at[0]));
	}
}

/* All but the rows of events. Copies what is in use and nothing else. */
static inline void copy_but_rows(graph_t *to, const graph_t *from)
{
	to->used = from->used;
	to->later = from->later;
	to->top = from->top;
	to->n_places = from->n_places;
	to->n_cpus = from->n_cpus;
	copy_threads(to, from);
	memcpy(to->event, from->event, from->top * sizeof(from->event[0]));
	memcpy(to->place, from->place, from->n_places * sizeof(from->place[0]));
}

static void graph_copy(graph_t *to, const graph_t *from)
{
	unsigned n = from->top;

	copy_but_rows(to, from);
#define COPY_ROWS(field) memcpy(to->field, from->field, n * sizeof(from->field[0]))
	COPY_ROWS(pred);
	COPY_ROWS(porf);
	COPY_ROWS(before);
	COPY_ROWS(readers);
	COPY_ROWS(co_after);
	COPY_ROWS(entry);
#undef COPY_ROWS
}

static inline set_t with(const set_t *rows, unsigned e)
{
	return set_or(rows[e], set_bit(e));
}

/* e and what is ordered before it. */
static inline set_t closure(const graph_t *g, unsigned e)
{
	return with(g->pred, e);
}

/* Rows that meet later get p as well. Without branches, so that it vectorises;
 * rows of unused slots may hold anything. */
static inline void spread(set_t *restrict row, unsigned n, set_t p, set_t later)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t any = 0, mask;

		for (unsigned k = 0; k < WORDS; k++)
			any |= row[i].w[k] & later.w[k];
		mask = any ? ~0ull : 0;
		for (unsigned k = 0; k < WORDS; k++)
			row[i].w[k] |= p.w[k] & mask;
	}
}

#if WORDS == 1
/* Two rows at a time. */
typedef uint64_t pair_t __attribute__((vector_size(16), aligned(8), may_alias));

/* spread() for the rows of events: one more than n may be touched, for their number is
 * even and what unused slots hold is of no matter. Compilers that do not see the vector
 * in spread() take twice as long. */
static inline void spread_events(set_t *row, unsigned n, set_t p, set_t later)
{
	const pair_t both = { p.w[0], p.w[0] }, late = { later.w[0], later.w[0] };

	for (unsigned i = 0; i < n; i += 2) {
		pair_t *two = (pair_t *)(row + i);

		*two |= both & (pair_t)((*two & late) != 0);
	}
}
#else
static inline void spread_events(set_t *row, unsigned n, set_t p, set_t later)
{
	spread(row, n, p, later);
}
#endif

/* Everything in p, and what it follows, comes before the events in later and
 * all that follows those. */
__attribute__((optimize("O3")))
static void order_before(graph_t *g, set_t p, set_t later)
{
	unsigned i;

	spread_events(g->pred, g->top, p, later);
	SET_EACH(i, later)
		g->pred[i] = set_or(g->pred[i], p);
	spread_events(g->entry[0].row, g->top * ORDER_ROWS, p, later);
	for (i = 0; i < g->n_cpus; i++)
		spread(g->thread[i].order.row, ORDER_ROWS, p, later);
}

/* Slots are dense: places of a graph grow with the tree of local states. */
static inline void place_seen(graph_t *g, unsigned place)
{
	while (g->n_places <= place && g->n_places < GRAPH_PLACES) {
		g->place[g->n_places] = (place_t){ SET_NONE, SET_NONE, SET_NONE, SET_NONE,
						     SET_NONE, SET_NONE };
		g->n_places++;
	}
}

#endif
