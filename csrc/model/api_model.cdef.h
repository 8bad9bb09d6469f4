
/* ---- verifying: every interleaving -------------------------------------- */

#define VMS_MAX_FOUND 16

typedef enum { VMS_MODEL_SC, VMS_MODEL_TSO, VMS_MODEL_ARM64 } vms_memory_model;
typedef enum { VMS_STRATEGY_DFS, VMS_STRATEGY_RANDOM, VMS_STRATEGY_PCT } vms_strategy;

typedef struct {
	const vms_scenario *scenario;
	int32_t params[VMS_MAX_PARAMS];
	int32_t knobs[VMS_MAX_KNOBS];
	int32_t model;         /* vms_memory_model */
	int32_t strategy;      /* vms_strategy */
	int32_t until_found;   /* 1: stop at the first violation */
	int32_t preemptions;   /* bound; -1: none */
	uint64_t runs;         /* executions at most; 0: no limit */
	uint64_t budget_ns;    /* 0: no limit */
	uint64_t seed;         /* of the random strategies */
	int32_t jobs, job;     /* this search takes every jobs-th subtree; 0, 0: all */
} vms_verify_config;

typedef struct {
	uint64_t executions;   /* complete ones */
	uint64_t blocked;      /* that could not finish, deadlocks among them */
	uint64_t pruned;       /* dropped half-way as another execution's double */
	uint64_t steps;        /* events added */
	uint64_t elapsed_ns;
	int32_t complete;      /* 1: every execution was visited */
	int32_t finished;
	int32_t found;         /* distinct violations */
	int32_t states;        /* local states of the CPUs */
} vms_verify_stats;

typedef struct {
	const char *kind;      /* "hazard", "race", "deadlock", "spin", "escape" */
	const char *actor;     /* that met it; "" for the final check */
	const char *file;
	const char *function;
	const char *operation;
	int32_t line;
	int32_t hazard, invariant; /* 0: none */
	int32_t outcome;       /* row that the final check returned; -1 */
	int32_t events, switches;  /* of the example */
	uint64_t count;        /* executions that showed it */
} vms_found;

/* One event of an example, oldest first. */
typedef struct {
	const char *actor;
	const char *file;
	const char *function;
	const char *operation; /* source text */
	char place[40];        /* "state+8", "frame 12+0x74", "pte 7" */
	uint64_t value, before;
	int32_t cpu, line;
	int32_t read, write;
	int32_t rf;            /* event read from; -1: the start */
	int32_t stale;         /* a newer value was already there */
	int32_t walk;          /* 1: a page walk; value is the entry */
	int32_t order;         /* 0 relaxed, 1 acquire, 2 release, 3 full */
} vms_event;

typedef struct vms_verify vms_verify;

/* Check and allocate; NULL with *err set. Nothing runs yet. */
vms_verify *vms_verify_create(const vms_verify_config *config, vms_error *err);
/* Search; returns when done. Another thread may ask for progress, or stop it. */
int vms_verify_run(vms_verify *v, vms_error *err);
void vms_verify_stop(vms_verify *v);
void vms_verify_progress(const vms_verify *v, vms_verify_stats *out);
/* Counts per outcome row (as vms_hunt_counts); returns the rows written. */
int vms_verify_counts(const vms_verify *v, uint64_t *counts, int rows);
int vms_verify_found(const vms_verify *v, int index, vms_found *out);
int vms_verify_event(const vms_verify *v, int found, int index, vms_event *out);
/* Over the example's operations: another source gives another number. */
uint64_t vms_verify_digest(const vms_verify *v, int found);
void vms_verify_free(vms_verify *v);
