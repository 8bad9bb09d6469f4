#include "hunt/team.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "error.h"
#include "native/clock.h"
#include "native/fault.h"
#include "native/ops.h"

/* ---- one batch ---- */

static void run_batch(struct cpu *cpu)
{
	struct team *t = team_of(cpu);
	const struct actor *a = (t->arm.points ? t->point_actors : t->actors)[cpu->actor];

	cpu->points_max = 0;
	if (t->machine.has_mmu)
		guarded_loop(cpu, &t->batch, a->once);
	else
		a->loop(cpu, &t->batch);
	cpu->stall_at = UINT64_MAX;
}

/* The leader's share of a batch with points, one by one: rare plans are kept. */
static void check_and_learn(struct team *t, unsigned to)
{
	const struct batch *b = &t->batch;
	struct rare_run rare[RARE_RUNS];
	unsigned r[KAPI_MAX_ACTORS], i, a, row, n_rare = 0;

	for (i = 0; i < to; i++) {
		for (a = 0; a < t->n_actors; a++)
			r[a] = b->results[a][i];
		row = t->plain->check(b->states + i * b->stride, r);
		row = row < b->n_outcomes ? row : b->no_outcome;
		t->counts[0].batch[row]++;
		if (n_rare < RARE_RUNS && stall_is_rare(t, row))
			rare[n_rare++] = (struct rare_run){ b->first_run + i, row };
	}
	stall_learn(t, rare, n_rare);
}

/* Count the outcomes of the last batch and set the next one up, each actor a part. */
static void count_and_init(struct cpu *cpu)
{
	struct team *t = team_of(cpu);
	struct batch *b = &t->batch;
	unsigned from = b->n * cpu->actor / t->n_actors;
	unsigned to = b->n * (cpu->actor + 1) / t->n_actors;

	if (t->machine.has_mmu) {
		if (cpu->actor == 0)
			guarded_check_and_init(t);
		return;
	}
	if (t->ran && t->arm.points && cpu->actor == 0)
		check_and_learn(t, to);
	else if (t->ran)
		t->plain->check_loop(cpu, b, from, to, t->counts[cpu->actor].batch);
	t->plain->init_loop(cpu, b, from, to);
}

/* ---- the leader, between two batches ---- */

static void account(struct team *t)
{
	uint64_t samples = t->samples, forbidden = t->forbidden, distinct = t->distinct;
	unsigned a, row;

	for (a = 0; a < t->n_actors; a++) {
		struct actor_counts *c = &t->counts[a];

		for (row = 0; row < t->rows; row++) {
			if (!c->batch[row])
				continue;
			distinct += !t->grades[row];
			t->grades[row] += c->batch[row];
			samples += c->batch[row];
			if (row >= t->plain->n_outcomes ||
			    t->plain->outcomes[row].grade == GRADE_FORBIDDEN)
				forbidden += c->batch[row];
			/* relaxed: the coordinator only reports it */
			__atomic_store_n(&c->total[row], c->total[row] + c->batch[row],
					 __ATOMIC_RELAXED);
		}
	}
	/* relaxed: as above */
	__atomic_store_n(&t->samples, samples, __ATOMIC_RELAXED);
	__atomic_store_n(&t->forbidden, forbidden, __ATOMIC_RELAXED);
	__atomic_store_n(&t->distinct, distinct, __ATOMIC_RELAXED);
}

/* What the tuner likes best, for the coordinator: arms change under its eyes. */
static void report_tuning(struct team *t)
{
	const struct arm *best = &t->tuner.arms[t->tuner.best];
	int32_t skew = (int32_t)(best->late ? best->skew : -best->skew);

	/* relaxed: a report, not a decision */
	__atomic_store_n(&t->tuned_group, t->machine.has_mmu ? 1 : (int32_t)best->group, __ATOMIC_RELAXED);
	__atomic_store_n(&t->tuned_skew, skew, __ATOMIC_RELAXED);
	__atomic_store_n(&t->tuned_points, best->points || t->machine.has_mmu, __ATOMIC_RELAXED);
}

static void clear_batch_counts(struct team *t)
{
	unsigned a;

	for (a = 0; a < t->n_actors; a++)
		memset(t->counts[a].batch, 0, t->rows * sizeof(t->counts[a].batch[0]));
}

/* Those of the actor's last run, unless it was cut short. */
static void note_landmarks(struct team *t, unsigned a)
{
	const struct cpu *cpu = &t->machine.cpus[a];

	if (cpu->n_landmarks < t->n_landmarks[a] && mix64(t->next_run) % 64)
		return;
	t->n_landmarks[a] = cpu->n_landmarks;
	memcpy(t->landmarks[a], cpu->landmarks, sizeof(cpu->landmarks));
}

static void note_points(struct team *t)
{
	unsigned a;

	for (a = 0; a < t->n_actors; a++) {
		unsigned *typical = &t->typical_points[a], seen = t->machine.cpus[a].points_max;

		/* up at once, down slowly: a rare long run must not stretch the
		 * coordinates for ever */
		if (seen > *typical)
			*typical = seen;
		else if (seen && *typical > seen && mix64(t->next_run) % 64 == 0)
			--*typical;
		note_landmarks(t, a);
	}
}

static void check_health(struct team *t)
{
	vms_error e = { 0 };

	if (!t->machine.has_mmu)
		return;
	if (t->machine.mmu.error)
		mmu_explain(t->machine.mmu.error, &e);
	else if (!fault_installed())
		vms_fail(&e, VMS_EUNTRUSTED,
			 "the SIGSEGV handler was replaced during the run (faulthandler.enable()?): "
			 "faults can no longer be told apart; enable it before the hunt");
	if (e.status)
		runner_fail(&t->hunt->runner, &e);
}

static void between(struct team *t)
{
	uint64_t now = clock_now_ns();

	if (t->ran) {
		t->batch_ns = now - t->batch_started_ns;
		if (t->arm.points)
			note_points(t);
		account(t);
		tune_credit(t);
		clear_batch_counts(t);
		if (t->forbidden)
			hunt_found(t->hunt);
	}
	check_health(t);
	if (hunt_over(t->hunt)) {
		t->stop = true;
		return;
	}
	tune_next(t);
	report_tuning(t);
	t->batch.first_run = t->next_run;
	t->next_run += t->batch.n;
	t->batch_started_ns = now;
	t->ran = true;
}

/* ---- a thread's life ---- */

static void stamp_begin(struct cpu *cpu, vms_thread_stat *s, struct rusage *u)
{
	s->team = (int32_t)team_of(cpu)->index;
	s->actor = (int32_t)cpu->actor;
	getrusage(RUSAGE_THREAD, u);
	s->cpu_ns = clock_thread_ns();
	s->wall_ns = clock_now_ns();
}

static void stamp_end(vms_thread_stat *s, const struct rusage *begin)
{
	struct rusage now;

	s->wall_ns = clock_now_ns() - s->wall_ns;
	s->cpu_ns = clock_thread_ns() - s->cpu_ns;
	getrusage(RUSAGE_THREAD, &now);
	s->voluntary = now.ru_nvcsw - begin->ru_nvcsw;
	s->involuntary = now.ru_nivcsw - begin->ru_nivcsw;
	s->migrated = s->cpu >= 0 && sched_getcpu() != s->cpu;
}

void *team_thread(void *argument)
{
	struct cpu *cpu = argument;
	struct team *t = team_of(cpu);
	vms_thread_stat *s = &t->hunt->stats[t->index * t->n_actors + cpu->actor];
	struct rusage begin;

	kapi_this_cpu = cpu;
	runner_gate(&t->hunt->runner);
	stamp_begin(cpu, s, &begin);
	while (!t->stop) {
		count_and_init(cpu);
		native_meet(cpu, &t->batch); /* every part is counted */
		if (cpu->actor == 0)
			between(t);
		native_meet(cpu, &t->batch); /* the leader has decided */
		if (t->stop)
			break; /* before the run: there is no next batch */
		run_batch(cpu);
		native_meet(cpu, &t->batch); /* every run is over */
	}
	stamp_end(s, &begin);
	kapi_this_cpu = NULL;
	if (runner_leave(&t->hunt->runner))
		runner_end(&t->hunt->runner);
	return NULL;
}

/* ---- creation ---- */

#define FAST_BATCH 4096u
#define FAST_BYTES (16u << 20) /* of a batch's states at most: all of them are set up anew */
#define JOURNEY_BATCH 16u
#define JOURNEY_PAGES 8192u /* vmemmap pages of a batch at most, by default */

static size_t stride_of(const struct team *t)
{
	return (t->plain->state_size + STATE_ALIGN - 1) & ~(size_t)(STATE_ALIGN - 1);
}

static unsigned default_batch(const struct team *t, unsigned vmemmap_pages, unsigned blocks)
{
	size_t stride = stride_of(t);
	unsigned n;

	if (!t->machine.has_mmu) {
		if (stride <= FAST_BYTES / FAST_BATCH)
			return FAST_BATCH;
		return stride < FAST_BYTES ? (unsigned)(FAST_BYTES / stride) : 1;
	}
	n = JOURNEY_PAGES / (vmemmap_pages * blocks);
	return n < 1 ? 1 : n < JOURNEY_BATCH ? n : JOURNEY_BATCH;
}

static void *aligned(size_t size)
{
	void *p = NULL;

	size = (size + ARCH_CACHELINE - 1) & ~(size_t)(ARCH_CACHELINE - 1);
	if (posix_memalign(&p, hunt_page_size(), size))
		return NULL;
	memset(p, 0, size);
	return p;
}

static int create_batch(struct team *t, unsigned n, vms_error *err)
{
	struct batch *b = &t->batch;
	unsigned a;

	b->n = t->batch_max = n;
	b->stride = stride_of(t);
	b->states = aligned(b->stride * n);
	b->n_actors = t->n_actors;
	b->n_outcomes = t->plain->n_outcomes;
	b->no_outcome = t->plain->n_outcomes + HAZARD_ROWS;
	t->rows = b->no_outcome + 1;
	for (a = 0; a < t->n_actors; a++) {
		b->results[a] = aligned(n * sizeof(unsigned));
		if (!b->results[a])
			return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for a batch");
	}
	if (!b->states)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for a batch of %u", n);
	return VMS_OK;
}

static int create_machine(struct team *t, vms_error *err)
{
	struct machine *m = &t->machine;
	struct cpu_setup setup = {
		.ops = t->ops,
		.regime = &t->hunt->regime,
		.params = t->hunt->config.params,
		.membarrier = t->hunt->membarrier,
	};
	unsigned a;
	int status = machine_create(m, t->n_actors, &setup, err);

	for (a = 0; a < t->n_actors && !status; a++) {
		m->cpus[a].name = t->actors[a]->name;
		m->cpus[a].rng = mix64(t->seed + a) | 1;
		m->cpus[a].interrupt = t->plain->interrupt;
	}
	return status;
}

/* One list for all: an actor finds itself in it and has always arrived. */
static void connect(struct team *t)
{
	unsigned a;

	for (a = 0; a < t->n_actors; a++) {
		t->batch.peers[a] = &t->machine.cpus[a];
		t->typical_points[a] = 1;
	}
}

int team_create(struct team *t, vms_error *err)
{
	const vms_hunt_config *c = &t->hunt->config;
	unsigned blocks = t->plain->blocks ? t->plain->blocks : 1, pages = 0, n;
	bool has_mmu = t->plain->flags & SCENARIO_VMEMMAP;
	int status;

	if (has_mmu)
		pages = mmu_vmemmap_pages(hunt_page_size(), t->hunt->gigantic);
	t->machine.has_mmu = has_mmu;
	n = c->batch > 0 ? (unsigned)c->batch : default_batch(t, pages, blocks);
	t->counts = aligned(t->n_actors * sizeof(*t->counts));
	t->ops = aligned(sizeof(*t->ops));
	if (!t->counts || !t->ops)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for a team");
	*t->ops = native_ops;
	t->ops->stall = stall_here;
	t->ops->plan = stall_plan;
	status = create_batch(t, n, err);
	if (!status && has_mmu)
		status = machine_map(&t->machine, pages, blocks, n, err);
	if (!status)
		status = create_machine(t, err);
	if (status)
		return status;
	connect(t);
	tune_start(t);
	report_tuning(t);
	t->batch.n = t->batch_max; /* the first set-up is of every instance */
	return VMS_OK;
}

void team_destroy(struct team *t)
{
	unsigned a;

	machine_destroy(&t->machine);
	free(t->batch.states);
	for (a = 0; a < KAPI_MAX_ACTORS; a++)
		free(t->batch.results[a]);
	free(t->counts);
	free(t->ops);
}
