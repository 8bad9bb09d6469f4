/*
 * A team: the threads that run one instance of a scenario at a time, a batch of
 * instances, and what they gather. Actor 0 leads: between two batches it alone
 * counts, tunes and decides, while its peers wait at the rendezvous.
 */
#ifndef HUNT_TEAM_H
#define HUNT_TEAM_H

#include <pthread.h>

#include "native/cpu.h"
#include "kapi/scenario.h"
#include "native/machine.h"
#include "native/mmu.h"

#define MAX_ROWS 96u        /* outcomes of a scenario, the hazards, and "none" */
#define RESULT_ABORTED 0x80000000u
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

struct fault_table {
	int lock;
	int n;
	vms_fault rows[VMS_MAX_FAULTS];
};

struct pause {
	int owner;           /* actor + 1, or 0 */
	uint32_t generation; /* of the last pause asked for */
	uint32_t resumed;    /* generation up to which CPUs may run */
};

struct hunt;

struct team {
	unsigned index, n_actors, rows;
	struct cpu *cpus;
	struct actor_counts *counts;
	const struct actor *actors[KAPI_MAX_ACTORS];        /* plain */
	const struct actor *point_actors[KAPI_MAX_ACTORS];  /* with points */
	const struct scenario *plain, *points;
	struct batch batch;
	unsigned batch_max;      /* instances that there are */
	struct arm arm;          /* of this batch */
	struct mmu mmu;
	bool has_mmu;
	bool ran;                /* a batch has run and is not yet counted */
	uint32_t window_abandoned; /* the CPU that broke a PTE will never make it */
	bool stop;               /* written by the leader before a rendezvous */
	uint64_t seed, next_run;
	unsigned typical_points[KAPI_MAX_ACTORS];
	unsigned n_landmarks[KAPI_MAX_ACTORS];  /* of a run that passed most of them */
	uint16_t landmarks[KAPI_MAX_ACTORS][MAX_LANDMARKS];
	struct corpus corpus;
	struct tuner tuner;
	struct fault_table faults;
	struct pause pause;
	uint64_t batch_started_ns, batch_ns;
	/* Written by the leader (the faults: by all), read by the coordinator. */
	uint64_t samples, forbidden, n_faults, waits, distinct;
	int32_t liked_group, liked_skew, liked_points; /* what the tuner likes best */
	uint64_t grades[MAX_ROWS]; /* samples per row; the leader's */
	struct hunt *hunt;
	pthread_t threads[KAPI_MAX_ACTORS];
	pthread_t *more_threads; /* instead, where there may be more CPUs than actors */
	uint32_t sleepers;       /* fault handlers in futex_wait on an entry */
};

/* team.c */
int team_create(struct team *t, vms_error *err);
void team_destroy(struct team *t);
void *team_thread(void *cpu);

/* guarded.c: the loop of a scenario with a vmemmap, one instance at a time */
void guarded_loop(struct cpu *cpu, const struct batch *b, unsigned (*once)(void *));
void guarded_check_and_init(struct team *t);
/* Leave everything that a run held when it was cut off. */
void guarded_release(struct cpu *cpu);

/* stall.c */
void stall_plan(struct cpu *cpu, uint64_t run);
void stall_here(struct cpu *cpu);
/* A run is over: the next one is as far as peers can wait for. */
void stall_end(struct cpu *cpu, uint64_t next_run);
bool stall_is_rare(const struct team *t, unsigned row);
void stall_learn(struct team *t, const struct rare_run *rare, unsigned n);

/* meet.c */
void meet_slow(struct cpu *cpu, uint64_t ticket);
void meet_relax(struct cpu *cpu);
void meet_spin_lock_slow(struct cpu *cpu, int *lock);

/* rcu.c */
bool rcu_have_membarrier(void);
void rcu_synchronize(struct cpu *cpu);
void rcu_tlb_flush(struct cpu *cpu);

/* pause.c */
int pause_install(vms_error *err);
void pause_uninstall(void);
void pause_others(struct cpu *cpu, bool wait);
void pause_resume(struct cpu *cpu);
void pause_pending(struct cpu *cpu);
/* As pause_resume(), and until every peer runs again. */
void pause_resume_all(struct cpu *cpu);

/* fault.c */
int fault_install(vms_error *err);
void fault_uninstall(void);
bool fault_installed(void);
/* Wakes the handlers that sleep for an entry that now stands. */
void fault_wake(struct cpu *cpu, struct pte *p);
void fault_violate(struct cpu *cpu, int hazard, int invariant);
_Noreturn void fault_abort_run(struct cpu *cpu, int hazard, int invariant);

/* tune.c */
void tune_start(struct team *t);
void tune_next(struct team *t);
void tune_credit(struct team *t);

/* hunt.c */
const vms_hunt_config *team_config(const struct team *t);

extern const struct mach_ops native_ops;

static inline uint64_t mix64(uint64_t x)
{
	/* splitmix64's finaliser (Steele, Lea, Flood 2014) */
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

#endif
