/*
 * A team: the threads that run one instance of a scenario at a time, a batch of
 * instances, and what they gather. Actor 0 leads: between two batches it alone
 * counts, tunes and decides, while its peers wait at the rendezvous.
 */
#ifndef HUNT_TEAM_H
#define HUNT_TEAM_H

#include "hunt/hunt.h"
#include "kapi/scenario.h"
#include "native/machine.h"
#include "native/machine_state.h"
#include "random.h"

#define MAX_ROWS 96u        /* outcomes of a scenario, the hazards, and "none" */
#define SKEW_TUNED INT32_MIN

/* A plan of stalls: reproducible from (seed, run, corpus). */
struct plan_stall {
	uint8_t actor, whom, kind;
	uint16_t at, until;
};

struct plan {
	unsigned n;
	struct plan_stall stalls[MAX_STALLS];
};

#define CORPUS_SIZE 32u

/* Plans that led to outcomes that are rare so far. */
struct corpus {
	unsigned n;
	struct plan plans[CORPUS_SIZE];
	unsigned row[CORPUS_SIZE];
};

/* Runs of one batch whose outcome is rare so far. */
#define RARE_RUNS 8u

struct rare_run {
	uint64_t run;
	unsigned row;
};

/* One way to bring the actors together. */
struct arm {
	bool points;     /* the build with points, and stalls */
	unsigned group;  /* instances per rendezvous */
	unsigned late;   /* actor that the skew delays */
	unsigned skew;   /* spin units */
	unsigned jitter;
	double value;    /* what it yielded: bits of surprise per ns, smoothed */
	double usual_ns; /* of a batch */
	unsigned tries;
};

#define ARMS 48u

struct tuner {
	struct arm arms[ARMS];
	unsigned now, best;
	uint64_t rng, explored_ns, played_ns;
};

struct actor_counts {
	_Alignas(ARCH_CACHELINE) uint64_t batch[MAX_ROWS]; /* this batch */
	uint64_t total[MAX_ROWS];                          /* read by the coordinator */
};

struct team {
	struct machine machine;  /* a CPU an actor */
	struct mach_ops *ops;    /* native_ops, and stalls; on lines that nobody writes */
	unsigned index, n_actors, rows;
	struct actor_counts *counts;
	const struct actor *actors[KAPI_MAX_ACTORS];        /* plain */
	const struct actor *point_actors[KAPI_MAX_ACTORS];  /* with points */
	const struct scenario *plain, *points;
	struct batch batch;
	unsigned batch_max;      /* instances that there are */
	struct arm arm;          /* of this batch */
	bool ran;                /* a batch has run and is not yet counted */
	bool stop;               /* written by the leader before a rendezvous */
	uint64_t seed, next_run;
	unsigned typical_points[KAPI_MAX_ACTORS];
	unsigned n_landmarks[KAPI_MAX_ACTORS];  /* of a run that passed most of them */
	uint16_t landmarks[KAPI_MAX_ACTORS][MAX_LANDMARKS];
	struct corpus corpus;
	struct tuner tuner;
	uint64_t batch_started_ns, batch_ns;
	/* Written by the leader, read by the coordinator. */
	uint64_t samples, forbidden, distinct;
	int32_t tuned_group, tuned_skew, tuned_points; /* what the tuner likes best */
	uint64_t grades[MAX_ROWS]; /* samples per row; the leader's */
	struct hunt *hunt;
};

static inline struct team *team_of(const struct cpu *cpu)
{
	return (struct team *)(void *)((char *)cpu->machine - offsetof(struct team, machine));
}

/* team.c */
int team_create(struct team *t, vms_error *err);
void team_destroy(struct team *t);
void *team_thread(void *cpu);

/* guarded.c: the loop of a scenario with a vmemmap, one instance at a time */
void guarded_loop(struct cpu *cpu, const struct batch *b, unsigned (*once)(void *));
void guarded_check_and_init(struct team *t);

/* stall.c */
void stall_plan(struct cpu *cpu, uint64_t run);
void stall_here(struct cpu *cpu);
/* A run is over: the next one is as far as peers can wait for. */
void stall_end(struct cpu *cpu, uint64_t next_run);
bool stall_is_rare(const struct team *t, unsigned row);
void stall_learn(struct team *t, const struct rare_run *rare, unsigned n);

/* tune.c */
void tune_start(struct team *t);
void tune_next(struct team *t);
void tune_credit(struct team *t);

#endif
