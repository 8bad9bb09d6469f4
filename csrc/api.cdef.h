/*
 * The one C face that Python sees. Plain declarations only: cffi parses this
 * file and the C compiler checks every layout against it (csrc/api.h).
 *
 * Units: durations end in _ns and are nanoseconds of CLOCK_MONOTONIC or of a
 * thread's CPU clock; counts are whole numbers. Strings live as long as the
 * library (or, for a loaded scenario, as long as the process).
 */
#define VMS_ABI 1
#define VMS_MAX_PARAMS 8
#define VMS_MAX_ACTORS 8
#define VMS_MAX_KNOBS 32
#define VMS_MAX_FAULTS 64
#define VMS_MAX_HAZARDS 40
#define VMS_ERROR_TEXT 512

/* What a call can answer. Every value but VMS_OK comes with a text. */
typedef enum {
	VMS_OK = 0,
	VMS_EINVAL = 2,        /* a bad argument: usage */
	VMS_EUNSUPPORTED = 3,  /* cannot run on this host */
	VMS_ECRASHED = 5,      /* a worker failed for a reason of its own */
	VMS_EUNTRUSTED = 6     /* the result cannot be believed */
} vms_status;

typedef struct {
	int32_t status;        /* vms_status */
	char text[VMS_ERROR_TEXT];
} vms_error;

typedef enum { VMS_GRADE_OK, VMS_GRADE_INTERESTING, VMS_GRADE_FORBIDDEN } vms_grade;
typedef enum { VMS_BUILD_AUTO, VMS_BUILD_PLAIN, VMS_BUILD_POINTS } vms_build;
/* OUTLINE: the compiler's helpers, which choose at run time; loops of `bench` alone. */
typedef enum {
	VMS_ATOMICS_AUTO, VMS_ATOMICS_LLSC, VMS_ATOMICS_LSE, VMS_ATOMICS_OUTLINE
} vms_atomics;

/* ---- scenarios ---------------------------------------------------------- */

typedef struct vms_scenario vms_scenario;

typedef struct {
	const char *name;      /* "fake-head-get" */
	const char *title;     /* one line */
	const char *story;     /* paragraphs, separated by blank lines */
	const char *source;    /* message, commit or paper it follows */
	const char *file;      /* csrc/scenarios/fake_head_get.c */
	int32_t n_params;
	int32_t n_actors;      /* kinds of actor; an actor may stand more than once */
	int32_t n_outcomes;    /* the scenario's own; hazard rows follow them */
	int32_t uses_vmemmap;  /* 1: a regime applies */
	int32_t hardware;      /* 1: real threads can show its outcomes */
	int32_t ordering;      /* 1: they are a matter of memory order alone */
} vms_scenario_info;

typedef struct {
	const char *name;
	const char *about;
	int32_t low, high, preset;
} vms_param_info;

typedef struct {
	const char *name;
	const char *about;
} vms_actor_info;

typedef struct {
	const char *name;
	const char *about;     /* one sentence */
	int32_t grade;         /* vms_grade */
	int32_t hazard;        /* 1..31: H1..H31; 0: none */
	int32_t invariant;     /* 1..9: I1..I9; 0: none */
} vms_outcome_info;

int vms_abi(void);
int vms_scenario_count(void);
const vms_scenario *vms_scenario_at(int index);
/* Load a scenario of the user's from three shared objects, the file built plain,
 * with -DNATIVE_POINTS and for the model; NULL with *err set. Never unloaded. */
const vms_scenario *vms_scenario_load(const char *plain, const char *points,
				      const char *model, vms_error *err);
/* On aarch64: the same file built for LSE, used where those atomics are chosen. */
int vms_scenario_load_lse(const vms_scenario *loaded, const char *plain, const char *points,
			  vms_error *err);
void vms_scenario_describe(const vms_scenario *s, vms_scenario_info *out);
int vms_scenario_param(const vms_scenario *s, int index, vms_param_info *out);
int vms_scenario_actor(const vms_scenario *s, int index, vms_actor_info *out);
/* Threads that one instance needs with these parameters. */
int vms_scenario_threads(const vms_scenario *s, const int32_t *params);
/* Rows: the scenario's own outcomes, then one row for each hazard. */
int vms_outcome_rows(const vms_scenario *s);
int vms_outcome_row(const vms_scenario *s, int row, vms_outcome_info *out);

/* ---- regimes ------------------------------------------------------------ */

/* Knobs in the order of csrc/kapi/regime.h, each a choice by index. */
int vms_knob_count(void);
const char *vms_knob_name(int knob);
const char *vms_knob_about(int knob);
int vms_knob_choices(int knob);
int vms_knob_preset(int knob);                      /* index of its default */
const char *vms_knob_choice(int knob, int choice);  /* booleans: "false", "true" */

/* ---- hunting on real threads -------------------------------------------- */

typedef struct {
	const vms_scenario *scenario;
	int32_t params[VMS_MAX_PARAMS];
	int32_t knobs[VMS_MAX_KNOBS];
	uint64_t seed;
	uint64_t budget_ns;
	const int32_t *cpus;   /* CPU of each thread; -1: not pinned */
	int32_t n_threads;     /* a multiple of the threads one instance needs */
	int32_t until_found;   /* 1: stop at the first forbidden outcome */
	int32_t build;         /* vms_build */
	int32_t atomics;       /* vms_atomics */
	int32_t membarrier;    /* 0: use the fallback even where the call exists */
	int32_t batch;         /* instances per batch; 0: chosen */
	int32_t group;         /* instances per rendezvous; 0: tuned */
	int32_t skew;          /* fixed skew in spin units; INT32_MIN: tuned */
} vms_hunt_config;

typedef struct {
	uint64_t samples;      /* runs whose outcome was counted */
	uint64_t forbidden;
	uint64_t faults;       /* real faults taken, expected ones included */
	uint64_t waits;        /* faults that a waiting handler absorbed */
	uint64_t elapsed_ns;
	uint64_t distinct;     /* outcomes seen at least once */
	int32_t group, skew;   /* what the tuner likes best now */
	int32_t points;        /* 1: the tuner prefers the build with points */
	int32_t finished;
} vms_progress;

typedef struct {
	uint64_t wall_ns, cpu_ns;
	int64_t voluntary, involuntary;  /* context switches */
	int32_t team, actor, cpu;
	int32_t migrated;      /* 1: seen on another CPU than asked */
} vms_thread_stat;

typedef struct {
	const char *kind;      /* "write to read-only", "hole in the window", "foreign" */
	const char *actor;
	const char *file;      /* csrc/kapi/page_ref.h */
	const char *function;
	const char *operation; /* source text of the access */
	uint64_t address;
	uint64_t count;        /* faults of this kind at this line */
	int64_t page;          /* index of the struct page in the huge page; -1: outside */
	int32_t line;
	int32_t hazard;        /* 0: none recognised */
	int32_t write;         /* 1 write, 0 read */
} vms_fault;

typedef struct vms_hunt vms_hunt;

/* Check, allocate and start; NULL with *err set. Threads never enter Python. */
vms_hunt *vms_hunt_start(const vms_hunt_config *config, vms_error *err);
/* 1 when all threads have ended, else 0 after timeout_ms. */
int vms_hunt_wait(vms_hunt *h, int timeout_ms);
/* Ask all threads to end soon; returns at once. */
void vms_hunt_stop(vms_hunt *h);
void vms_hunt_progress(const vms_hunt *h, vms_progress *out);
/* Counts per outcome row, summed over teams; returns the rows written. */
int vms_hunt_counts(const vms_hunt *h, uint64_t *counts, int rows);
/* After the end. */
int vms_hunt_thread_stats(const vms_hunt *h, vms_thread_stat *out, int n);
int vms_hunt_faults(const vms_hunt *h, vms_fault *out, int n);
int vms_hunt_error(const vms_hunt *h, vms_error *err);
void vms_hunt_free(vms_hunt *h);

/* ---- this host ---------------------------------------------------------- */

typedef struct {
	const char *arch;      /* "x86-64", "aarch64" */
	const char *atomics;   /* "lock", "llsc", "lse": what AUTO chooses */
	int32_t lse, lse2;     /* 1/0; -1: not of this architecture */
	int32_t membarrier;    /* 1: private expedited works */
	int32_t userfaultfd;   /* 1: may be opened here */
	int32_t page_size;
	int32_t cache_line;
	int32_t emulated;      /* 1: running under qemu-user */
	int64_t max_map_count; /* -1: unknown */
} vms_host;

void vms_host_describe(vms_host *out);
/* Smallest step the cycle counter shows, and the cost of one reading. */
double vms_probe_clock_step_ns(void);
double vms_probe_clock_cost_ns(void);
/* One-way cache-line hand-off between two CPUs by compare-and-swap, by way of the
 * nearest of some lines: median ns, or a negative vms_status. */
double vms_probe_handoff_ns(int cpu_a, int cpu_b, uint64_t budget_ns);
/* Median cost of one mmap(MAP_FIXED) of one page, nobody else running. */
double vms_probe_remap_ns(void);
double vms_probe_membarrier_ns(void);
/* Median cost of a system call that does nothing. */
double vms_probe_syscall_ns(void);

/* ---- verifying: every interleaving -------------------------------------- */

#define VMS_MAX_FOUND 16

typedef enum { VMS_MODEL_SC, VMS_MODEL_TSO, VMS_MODEL_ARM64 } vms_memory_model;
typedef enum { VMS_STRATEGY_DFS, VMS_STRATEGY_RANDOM, VMS_STRATEGY_PCT } vms_strategy;
/* Why a search is not complete: asked to stop, random runs, until_found, the three
 * limits of its configuration, or too many events, words or local states. */
typedef enum {
	VMS_LIMIT_NONE, VMS_LIMIT_STOPPED, VMS_LIMIT_SAMPLED, VMS_LIMIT_FOUND,
	VMS_LIMIT_BUDGET, VMS_LIMIT_RUNS, VMS_LIMIT_PREEMPTIONS, VMS_LIMIT_ROOM
} vms_limit;

typedef struct {
	const vms_scenario *scenario;
	int32_t params[VMS_MAX_PARAMS];
	int32_t knobs[VMS_MAX_KNOBS];
	int32_t model;         /* vms_memory_model */
	int32_t strategy;      /* vms_strategy */
	int32_t until_found;   /* 1: stop at the first violation */
	int32_t preemptions;   /* of a schedule, at most; -1: any number. One job */
	uint64_t runs;         /* executions at most; 0: no limit */
	uint64_t budget_ns;    /* 0: no limit */
	uint64_t seed;         /* of the random strategies */
	int32_t depth;         /* of a bug that pct looks for; 0: the usual */
	uint64_t estimate_after; /* events before the first estimate; 0: the usual */
	const int64_t *script; /* from vms_verify_script(): that one run; or NULL */
	int32_t n_script;
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
	double estimate;       /* executions that there will be, roughly; 0: none made */
	int32_t limit;         /* vms_limit, after the end */
} vms_verify_stats;

typedef struct {
	const char *kind;      /* "hazard", "race", "deadlock", "spin", "escape", "stack",
	                        * "trap" */
	const char *actor;     /* that met it; "" for the final check */
	const char *file;
	const char *function;
	const char *operation;
	int32_t line;
	int32_t hazard, invariant; /* 0: none */
	int32_t outcome;       /* row that the final check returned; -1 */
	int32_t events, switches;  /* of the example */
	uint64_t count;        /* executions that showed it */
	const char *object;    /* of the last three: the loaded file and the offset of the */
	uint64_t offset;       /* instruction in it; "" where nobody can tell */
	const char *other_file; /* of a race: where its other access is; "" otherwise */
	int32_t other_line;
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
/* After a search that outgrew its room: the operation that one CPU made most often in
 * its longest run, how often in `count`, when no mach_relax() came between. 0: none. */
int vms_verify_repeated(const vms_verify *v, vms_found *out);
int vms_verify_event(const vms_verify *v, int found, int index, vms_event *out);
/* A fence that the event's CPU made since its event before, the nth from the youngest,
 * if it orders anything under this model: where it stands. 0: there is none. */
int vms_verify_fence(const vms_verify *v, int found, int index, int nth, vms_event *out);
/* The example as numbers that bring it back; writes at most n, returns how many
 * there are. */
int vms_verify_script(const vms_verify *v, int found, int64_t *out, int n);
/* Over the example's operations: another source gives another number. */
uint64_t vms_verify_digest(const vms_verify *v, int found);
void vms_verify_free(vms_verify *v);

/* ---- bench: timed loops -------------------------------------------------- */

#define VMS_MAX_SETTINGS 12
#define VMS_MAX_COUNTERS 24
#define VMS_MAX_HISTOGRAMS 4
/* Log-linear: 16 linear steps in each power of two of nanoseconds, from 0 to 2^40. */
#define VMS_HISTOGRAM_STEPS 16
#define VMS_HISTOGRAM_BUCKETS 608

typedef struct {
	const char *group;     /* "atomics" */
	const char *name;      /* "add_unless" */
	const char *about;     /* one line */
	const char *operation; /* what one operation is: "one get and one put" */
	int32_t n_settings, n_counters, n_histograms;
	int32_t least_threads;
	int32_t roles;         /* 1: all threads alike; 2: thread 0 is another, the remapper */
	int32_t uses_regime;   /* 1: the knobs of a regime apply */
} vms_loop_info;

typedef struct {
	const char *name;
	const char *about;
	int32_t n_choices;     /* 0: a number from low to high; else 0..n_choices-1 */
	int32_t low, high, preset;
} vms_setting_info;

int vms_loop_count(void);
int vms_loop_describe(int loop, vms_loop_info *out);
int vms_loop_setting(int loop, int index, vms_setting_info *out);
const char *vms_loop_choice(int loop, int setting, int choice);
/* Why this choice cannot run on this host; NULL: it can. */
const char *vms_loop_lacks(int loop, int setting, int choice);
const char *vms_loop_counter_name(int loop, int index);   /* "tlb_interrupts" */
const char *vms_loop_histogram_name(int loop, int index); /* "stall_ns" */

typedef struct {
	int32_t loop;
	int32_t settings[VMS_MAX_SETTINGS];
	int32_t knobs[VMS_MAX_KNOBS];
	const int32_t *cpus;   /* CPU of each thread; -1: not pinned */
	int32_t n_threads;
	int32_t atomics;       /* vms_atomics */
	int32_t realtime;      /* 1: SCHED_FIFO for the workers, under a watchdog */
	uint64_t warmup_ns;    /* at least so long, and until every thread is in */
	uint64_t measure_ns;   /* the window, timed by each thread itself */
	uint64_t operations;   /* per thread and fixed, under load that is held; 0: by time */
} vms_loop_config;

/* Of the window alone, stamped by the thread itself. */
typedef struct {
	uint64_t operations;
	uint64_t retries;      /* compare-and-swaps that lost */
	uint64_t refused;      /* operations that found the refused value */
	uint64_t runs;         /* maximal stretches in which this thread alone had the line */
	uint64_t longest_run;  /* operations in the longest of them; 0: not counted */
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t cpu_ns;
	uint64_t longest_gap_ns;   /* between two looks at the clock */
	/* Of an operation by the wall clock, between two looks: what a tenth and what half
	 * of these chunks stayed below; 0: none. */
	double chunk_decile_ns, chunk_median_ns;
	int64_t voluntary, involuntary;
	int32_t role;          /* 0 worker or reader, 1 remapper */
	int32_t cpu;
	int32_t migrated;
} vms_loop_thread;

typedef struct vms_loop_run vms_loop_run;

vms_loop_run *vms_loop_start(const vms_loop_config *config, vms_error *err);
/* 1 when all threads have ended, else 0 after timeout_ms. */
int vms_loop_wait(vms_loop_run *r, int timeout_ms);
void vms_loop_stop(vms_loop_run *r);
/* After the end. */
int vms_loop_threads(const vms_loop_run *r, vms_loop_thread *out, int n);
int vms_loop_counters(const vms_loop_run *r, double *out, int n);
int vms_loop_histogram(const vms_loop_run *r, int index, uint64_t *buckets, int n);
/* VMS_OK; VMS_EUNTRUSTED with the sum that is wrong: the figures are void. */
int vms_loop_error(const vms_loop_run *r, vms_error *err);
void vms_loop_free(vms_loop_run *r);
/* Lowest value of a bucket, ns. */
uint64_t vms_histogram_floor(int bucket);
/* Machine code of the timed loop, for a disassembler; bytes, 0: none. */
uint64_t vms_loop_code(int loop, const int32_t *settings, int atomics, const void **code);
/* What that code claims to do, as objdump spells it: "lock xadd", "ldaxr"; more than
 * one are separated by '|' and all must be there. NULL: no claim. */
const char *vms_loop_instruction(int loop, int atomics);
/* The kind of atomics of a loop by name: "lock", "llsc", "lse", "outline". */
const char *vms_loop_atomics(int loop, int atomics);
/* Why this kind of atomics cannot run here; NULL: it can. */
const char *vms_loop_atomics_lacks(int loop, int atomics);

typedef struct {
	uint64_t pairs;        /* that count */
	uint64_t dropped;      /* a CPU was not ours alone, or the CPUs were moved */
	double ours_ns, bare_ns;      /* medians, per operation and thread */
	double ratio;          /* median of the pairwise ratios; 0: no pair counts */
	double ratio_low, ratio_high; /* its 95 % interval */
} vms_bare_cost;

/* The loop of that name with its presets beside the plain one that a programmer would
 * write, compiled beside ours, which knows nothing of settings, counters or windows; in
 * turn, in windows of a few milliseconds with a hand-off probe between. Returns after
 * the budget. operation: "add_unless", "xadd", "get_put". */
int vms_bench_bare(const char *operation, const int32_t *cpus, int n_threads,
		   uint64_t budget_ns, vms_bare_cost *out, vms_error *err);
