#include "loops/crew/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "native/clock.h"
#include "native/fault.h"
#include "native/guard.h"
#include "native/pause.h"
#include "native/rcu.h"

/* ---- life ---- */

static int crew_frames_create(struct crew_frames *s, unsigned n)
{
	s->f = calloc(n, sizeof(*s->f));
	s->size = n;
	return s->f ? 0 : -1;
}

static int map_window(struct crew *c, unsigned vmemmap_pages, unsigned blocks, vms_error *err)
{
	unsigned n = 2 * blocks + 8;
	int status = machine_map(&c->machine, vmemmap_pages, blocks, 1, err);

	if (status)
		return status;
	if (crew_frames_create(&c->ready_heads, n) || crew_frames_create(&c->ready_tails, n) ||
	    crew_frames_create(&c->old_heads, n) || crew_frames_create(&c->old_tails, n))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	status = fault_install(err);
	c->faults = !status;
	return status;
}

static int create_cpus(struct crew *c, unsigned n, vms_error *err)
{
	struct cpu_setup setup = {
		.ops = &c->ops,
		.regime = &c->regime,
		.params = c->params,
		.state = &c->zone,
		.membarrier = rcu_have_membarrier(),
	};
	unsigned i;

	c->beats = calloc(n, sizeof(*c->beats));
	if (!c->beats)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u threads", n);
	if (machine_create(&c->machine, n, &setup, err))
		return err->status;
	for (i = 0; i < n; i++) {
		c->machine.cpus[i].absent = 1;
		c->machine.cpus[i].name = i ? "a reader" : "the remapper";
	}
	return VMS_OK;
}

int crew_create(struct crew *c, const struct loop_run *run, const struct regime *regime,
		unsigned vmemmap_pages, unsigned blocks, vms_error *err)
{
	int status;

	c->run = run;
	pthread_mutex_init(&c->gate, NULL);
	c->regime = *regime;
	c->zone.detect = 1;
	crew_ops_install(c);
	c->cycles_per_ns = clock_cycles_per_ns();
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
	machine_destroy(&c->machine);
	free(c->ready_heads.f);
	free(c->ready_tails.f);
	free(c->old_heads.f);
	free(c->old_tails.f);
	free(c->beats);
	pthread_mutex_destroy(&c->gate);
}

static void set_absent(struct crew *c, uint32_t index, uint32_t absent)
{
	pthread_mutex_lock(&c->gate);
	c->machine.threads[index] = pthread_self();
	/* relaxed: pausers go by the gate; crew_let_run() only wants to know */
	__atomic_store_n(&c->machine.cpus[index].absent, absent, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&c->gate);
}

struct cpu *crew_enter(struct crew *c, struct loop_thread *t)
{
	kapi_this_cpu = &c->machine.cpus[t->index];
	set_absent(c, t->index, 0);
	return kapi_this_cpu;
}

void crew_leave(struct crew *c, struct loop_thread *t)
{
	if (kapi_this_cpu != &c->machine.cpus[t->index])
		return; /* stopped before it had entered */
	set_absent(c, t->index, 1);
	kapi_this_cpu = NULL;
}

void crew_borrow(struct crew *c)
{
	kapi_this_cpu = &c->machine.cpus[0];
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
	guard_release(cpu); /* resumes whom it had paused */
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
	const struct fault_table *table = &c->machine.faults;
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
	else if (c->machine.mmu.error) {
		mmu_explain(c->machine.mmu.error, &err);
		snprintf(run->verdict, sizeof(run->verdict), "%s", err.text);
	} else
		return NULL;
	return run->verdict;
}
