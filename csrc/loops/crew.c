#include "loops/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "native/clock.h"

/* ---- life ---- */

static int frames_create(struct crew_frames *s, unsigned n)
{
	s->f = calloc(n, sizeof(*s->f));
	s->size = n;
	return s->f ? 0 : -1;
}

static int map_window(struct crew *c, unsigned vmemmap_pages, unsigned blocks, vms_error *err)
{
	unsigned n = 2 * blocks + 8;
	int status = mmu_create(&c->team.mmu, vmemmap_pages, blocks, 1, err);

	if (status)
		return status;
	if (frames_create(&c->ready_heads, n) || frames_create(&c->ready_tails, n) ||
	    frames_create(&c->old_heads, n) || frames_create(&c->old_tails, n))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	status = fault_install(err);
	c->faults = !status;
	return status;
}

static void create_cpu(struct crew *c, unsigned i)
{
	const struct mmu *m = &c->team.mmu;
	struct cpu *cpu = &c->team.cpus[i];

	cpu->team = &c->team;
	cpu->actor = i;
	cpu->absent = 1;
	cpu->ops = &c->ops;
	cpu->params = c->params;
	cpu->regime = &c->regime;
	cpu->state = &c->zone;
	cpu->stall_at = UINT64_MAX;
	cpu->rng = i + 1;
	cpu->rcu_fence = !rcu_have_membarrier();
	if (!c->team.has_mmu)
		return;
	cpu->page_size = m->page_size;
	cpu->vmemmap_pages = m->vmemmap_pages;
	cpu->window_size = m->window_size;
	cpu->linear = m->linear;
	cpu->vmemmap = (uintptr_t)m->window;
	cpu->ptes = m->ptes;
}

static int create_cpus(struct crew *c, unsigned n, vms_error *err)
{
	struct team *t = &c->team;
	unsigned i;

	c->threads = calloc(n, sizeof(*c->threads));
	c->beats = calloc(n, sizeof(*c->beats));
	if (!c->threads || !c->beats ||
	    posix_memalign((void **)&t->cpus, ARCH_CACHELINE, n * sizeof(*t->cpus))) {
		t->cpus = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u threads", n);
	}
	memset(t->cpus, 0, n * sizeof(*t->cpus));
	t->n_actors = n;
	t->more_threads = c->threads;
	c->names[0].name = "the remapper";
	c->names[1].name = "a reader";
	for (i = 0; i < KAPI_MAX_ACTORS; i++)
		t->actors[i] = &c->names[i != 0];
	for (i = 0; i < n; i++)
		create_cpu(c, i);
	return VMS_OK;
}

int crew_create(struct crew *c, const struct loop_run *run, const struct regime *regime,
		unsigned vmemmap_pages, unsigned blocks, vms_error *err)
{
	int status;

	c->run = run;
	c->team.mmu.fd = -1;
	pthread_mutex_init(&c->gate, NULL);
	c->regime = *regime;
	c->zone.detect = 1;
	crew_ops_install(c);
	c->cycles_per_ns = clock_cycles_per_ns();
	c->team.has_mmu = vmemmap_pages != 0;
	if (vmemmap_pages) {
		status = map_window(c, vmemmap_pages, blocks, err);
		if (status)
			return status;
	}
	if (regime->replace == REPLACE_BREAK_BEFORE_MAKE && regime->window >= WINDOW_PAUSE) {
		status = pause_install(err);
		if (status)
			return status;
		c->pauses = true;
	}
	return create_cpus(c, run->n_threads, err);
}

void crew_destroy(struct crew *c)
{
	if (c->pauses)
		pause_uninstall();
	if (c->faults)
		fault_uninstall();
	if (c->team.mmu.ptes)
		mmu_destroy(&c->team.mmu);
	free(c->ready_heads.f);
	free(c->ready_tails.f);
	free(c->old_heads.f);
	free(c->old_tails.f);
	free(c->team.cpus);
	free(c->threads);
	free(c->beats);
	pthread_mutex_destroy(&c->gate);
}

static void set_absent(struct crew *c, uint32_t index, uint32_t absent)
{
	pthread_mutex_lock(&c->gate);
	c->threads[index] = pthread_self();
	/* relaxed: pausers go by the gate; crew_let_run() only wants to know */
	__atomic_store_n(&c->team.cpus[index].absent, absent, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&c->gate);
}

struct cpu *crew_enter(struct crew *c, struct loop_thread *t)
{
	kapi_this_cpu = &c->team.cpus[t->index];
	set_absent(c, t->index, 0);
	return kapi_this_cpu;
}

void crew_leave(struct crew *c, struct loop_thread *t)
{
	if (kapi_this_cpu != &c->team.cpus[t->index])
		return; /* stopped before it had entered */
	set_absent(c, t->index, 1);
	kapi_this_cpu = NULL;
}

void crew_borrow(struct crew *c)
{
	kapi_this_cpu = &c->team.cpus[0];
}

void crew_return(void)
{
	kapi_this_cpu = NULL;
}

/* ---- faults ---- */

static bool is_expected(const struct crew *c, int hazard)
{
	/* H16: with the window open the kernel would oops here; counted as a fault */
	return c->regime.replace == REPLACE_BREAK_BEFORE_MAKE &&
	       c->regime.window == WINDOW_OPEN && hazard == 16;
}

static void cut_off(struct crew *c)
{
	struct cpu *cpu = kapi_this_cpu;

	cpu->guarded = 0;
	guarded_release(cpu); /* resumes whom it had paused */
	crew_open_gate(c, cpu);
	if (!is_expected(c, cpu->hazard))
		__atomic_store_n(&c->oops, 1, __ATOMIC_RELAXED);
}

/* Own frame: nothing but the arguments is live across the jump. */
__attribute__((noinline)) bool crew_guarded(struct crew *c, void (*body)(void *argument),
					    void *argument)
{
	kapi_this_cpu->hazard = 0;
	if (sigsetjmp(kapi_this_cpu->recovery, 0)) {
		cut_off(c);
		return false;
	}
	kapi_this_cpu->guarded = 1;
	body(argument);
	kapi_this_cpu->guarded = 0;
	return true;
}

/* The fault that made the crew oops; NULL: it was none, but a violation. */
static const vms_fault *first_unexpected(const struct crew *c)
{
	const struct fault_table *table = &c->team.faults;
	int i;

	for (i = 0; i < table->n; i++) {
		if (!is_expected(c, table->rows[i].hazard))
			return &table->rows[i];
	}
	return NULL;
}

const char *crew_check(struct crew *c, struct loop_run *run)
{
	const vms_fault *f = first_unexpected(c);
	vms_error err;

	if (crew_is_oopsed(c) && f)
		snprintf(run->verdict, sizeof(run->verdict), "%s met %s, at %s:%d %s", f->actor,
			 f->kind, f->file, f->line, f->operation);
	else if (crew_is_oopsed(c))
		snprintf(run->verdict, sizeof(run->verdict), "a thread was cut off by a fault");
	else if (c->scribbled_over)
		snprintf(run->verdict, sizeof(run->verdict), "a vmemmap frame was written while it "
			 "was free (I2)");
	else if (c->team.mmu.error) {
		mmu_explain(c->team.mmu.error, &err);
		snprintf(run->verdict, sizeof(run->verdict), "%s", err.text);
	} else
		return NULL;
	return run->verdict;
}
