/*
 * What a search is asked and what it answers, whatever its model and width.
 */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include "model/model.h"
#include "model/seen.h"

#define EXPLORE_FOUND 64u /* distinct violations that keep an example */

/* One line of an example: an event in an order that explains it. */
struct trace_event {
	uint32_t node;      /* local state that asked */
	uint64_t value;     /* read, or written */
	uint64_t before;    /* what the newest write so far had left there */
	int16_t rf;         /* line of the trace that was read from; -1 start */
	int16_t after;      /* line of the write that this one follows; -1 start */
	int16_t place;
	uint8_t cpu;
	bool read, write, stale; /* stale: a newer value was already there */
};

#define PCT_DEPTH_MAX 16u
#define PCT_DEPTH 4u        /* three changes of priority */

#define TRACE_MAX 1024u
#define TRACE_TRIES 4096u /* executions compared for the shortest example */

struct found {
	enum violation kind;
	int hazard, invariant;
	int outcome;            /* row, for one that the final check graded; or -1 */
	uint32_t node;          /* local state that stopped, LOCAL_NONE: the check */
	uint32_t other;         /* of a race: local state of the other access */
	const struct site *pair[2]; /* and the two lines, by which races are told apart */
	uint8_t cpu;
	uint64_t count;
	unsigned n, switches;   /* of the best example so far */
	struct trace_event trace[TRACE_MAX];
};

/* One event of a run that is written down. */
#define SCRIPT_NEWEST (-2)
#define SCRIPT_REST 64u /* events at most that a CPU makes after the script */
struct script_step {
	uint8_t cpu;
	int16_t from;       /* step read from or stood behind, -1 start, SCRIPT_NEWEST */
	uint64_t value;     /* of a choice; of a read that is later */
	bool later;         /* it reads from a step that comes after it: search/guess.c */
};

enum strategy { STRATEGY_DFS, STRATEGY_RANDOM, STRATEGY_PCT };

struct explore {
	struct model *m;        /* of this pass; explore_run() makes it */
	/* asked */
	const struct scenario *scenario;
	const struct regime *regime;  /* NULL: all zero */
	const int *params;            /* NULL: presets */
	enum memory_model kind;
	struct follow follow;
	bool stop_at_first;
	uint64_t limit;         /* executions; 0: none */
	uint64_t deadline_ns;   /* CLOCK_MONOTONIC; 0: none */
	unsigned strategy;      /* enum strategy */
	int preemptions;        /* of a schedule, at most; -1: any number */
	uint64_t seed;
	_Atomic bool asked_to_stop;
	unsigned jobs, job;     /* this search takes every jobs-th subtree */
	unsigned split;         /* depth of branches at which subtrees are dealt out */
	uint64_t estimate_after; /* steps before the first estimate; 0: the usual */
	const struct script_step *script; /* make this one run and no other */
	unsigned n_script;
	bool script_rest;       /* and let the CPUs run on after it */
	unsigned bug_depth;     /* of PCT; 0: the usual */
	bool trace;             /* keep an example of each violation */
	bool twin_drop_revisit; /* negative twins, for tests of the tests: forget */
	bool twin_no_fr;        /* every second backward revisit; from-reads order; */
	bool twin_free_switch;  /* that a preemption costs something */
	bool twin_invent;       /* and invent: that all depends on every read before it; */
	bool twin_independent;  /* forget every dependency, */
	bool twin_one_size;     /* that sizes overlap, */
	bool twin_blind;        /* that a CPU may stand where it stood */
	/* tests: called with a number for each complete execution's graph */
	void (*leaf)(struct explore *x, uint64_t fingerprint);
	/* answered */
	uint64_t executions, blocked, pruned, steps, revisits;
	uint64_t outcomes[MODEL_OUTCOMES];
	bool bounded, too_wide, out_of_time;
	enum full full;         /* what there was no more room for */
	double estimate;        /* executions there will be; 0: none made */
	bool script_failed;     /* it is of another source */
	bool cut;               /* a schedule was over the bound */
	_Atomic bool stopped;   /* another thread may set it */
	unsigned n_found;
	struct found found[EXPLORE_FOUND];
	/* its own */
	unsigned depth, dealt;
	struct seen seen;       /* graphs of a bounded search */
	struct seen guessed;    /* executions that load buffering makes */
	uint64_t look_around;   /* leaves until the search starts again; 0: it need not */
	uint64_t random, estimate_next;
	double leaves;          /* of all probes together */
	unsigned probes;
	void *kept;             /* what CPUs keep in order: search/guess.c */
	void *strata;           /* of the probe that is under way */
	unsigned step, longest, priority[MODEL_CPUS], change[PCT_DEPTH_MAX]; /* of a PCT run */
	unsigned n_changes;
	uint32_t violating;     /* local state of the last violation that was reported */
	uint32_t raced;         /* and, of a race, the one of the other access */
	bool races;             /* a random walk met a race: graphs have to be made */
	bool telling;           /* a run that was counted is made again, for its story */
	char *arena;
	size_t arena_base, arena_used, arena_size;
	unsigned width, passes, ticks;
	struct trace_event draft[TRACE_MAX];
};

/* Complete search (or up to the limits) with sets of 64, 128, 256 or 1024 events,
 * whichever is the first that holds every execution. */
int explore_run(struct explore *x);
void explore_end(struct explore *x);

/* A leaf of the search: counted, and every so often the clock, the limits and the
 * wish to stop are looked at, whatever kind of leaf it is. */
void explore_executed(struct explore *x);
void explore_blocked(struct explore *x);
void explore_pruned(struct explore *x);
/* There is no room for this: nothing is complete any more. */
void explore_full(struct explore *x, enum full what);

/* Counters have one writer; others read them as they go. */
static inline void explore_count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

/* Called at a complete execution or a violation; explore.c. */
struct found *explore_violation(struct explore *x, enum violation kind, int hazard, int invariant,
				int outcome, uint32_t node, uint8_t cpu);
/* What the final check returned. */
struct found *explore_outcome(struct explore *x, unsigned row);

/* The row no-outcome, as the border counts rows. */
static inline int explore_no_outcome(const struct scenario *s)
{
	return (int)(s->n_outcomes + HAZARD_ROWS);
}
/* Of several jobs every one walks the top of the tree; one of them counts it. */
static inline bool explore_mine(const struct explore *x)
{
	return x->jobs < 2 || x->depth >= x->split || x->job == 0;
}

/* A number below n. */
static inline unsigned explore_draw(struct explore *x, unsigned n)
{
	x->random ^= x->random << 13; /* xorshift64: Marsaglia 2003 */
	x->random ^= x->random >> 7;
	x->random ^= x->random << 17;
	return (unsigned)(((x->random >> 32) * n) >> 32);
}

void explore_new_run(struct explore *x);
/* PCT's part in every step: true when the leader's priority falls, to the one given. */
static inline bool explore_falls(struct explore *x, unsigned *priority)
{
	bool falls = false;

	for (unsigned i = 0; i < x->n_changes; i++) {
		if (x->change[i] == x->step) {
			*priority = i;
			falls = true;
		}
	}
	x->step++;
	return falls;
}

/* Make the run of a script again, so that what it violates has a story. */
void explore_tell(struct explore *x, const struct script_step *script, unsigned n);
#endif
