/*
 * What a crew does differently from the plain machine: it paces its pauses, stamps frames,
 * and has them ready before an operation is timed.
 */
#include "loops/crew/crew.h"

#include <sched.h>

#include "native/fault.h"
#include "native/ops.h"
#include "native/pause.h"

static struct crew *crew_of(struct cpu *cpu)
{
	return (struct crew *)(void *)((char *)cpu->machine - offsetof(struct crew, machine));
}

/* ---- pauses ---- */

static void crew_pause(struct cpu *cpu, bool wait)
{
	struct crew *c = crew_of(cpu);

	/* nobody comes or goes while paused: a thread that is gone answers no signal */
	pthread_mutex_lock(&c->gate);
	__atomic_store_n(&c->pauser, cpu, __ATOMIC_RELAXED);
	pause_others(cpu, wait);
}

static uint64_t beat_of(const struct crew *c, unsigned i)
{
	return __atomic_load_n(&c->machine.cpus[i].progress, __ATOMIC_RELAXED);
}

static void crew_resume(struct cpu *cpu)
{
	struct crew *c = crew_of(cpu);
	unsigned i;

	for (i = 0; i < c->machine.n_cpus; i++)
		c->beats[i] = beat_of(c, i);
	/* stop_machine() returns when every CPU has left it; a pause need not */
	if (cpu->regime->window == WINDOW_STOP)
		pause_resume_all(cpu);
	else
		pause_resume(cpu);
	crew_open_gate(c, cpu);
}

void crew_open_gate(struct crew *c, const struct cpu *cpu)
{
	/* relaxed: only this CPU writes itself there, under the gate */
	if (__atomic_load_n(&c->pauser, __ATOMIC_RELAXED) != cpu)
		return;
	__atomic_store_n(&c->pauser, NULL, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&c->gate);
}

void crew_let_run(struct crew *c)
{
	unsigned i, spins = 0;

	for (i = 0; i < c->machine.n_cpus && c->pauses; i++) {
		const struct cpu *cpu = &c->machine.cpus[i];

		while (cpu != kapi_this_cpu && beat_of(c, i) == c->beats[i] &&
		       !__atomic_load_n(&cpu->absent, __ATOMIC_RELAXED) &&
		       !loop_stopping(c->run) && !crew_is_oopsed(c)) {
			arch_cpu_relax();
			if (++spins > 200)
				sched_yield();
		}
	}
}

/* ---- frames ---- */

static void push(struct crew_frames *s, frame_t f)
{
	s->f[s->n++] = f;
}

static frame_t crew_frame_alloc(struct cpu *cpu, unsigned n)
{
	struct crew *c = crew_of(cpu);
	struct crew_frames *s = n == 1 ? &c->ready_heads : &c->ready_tails;

	return s->n ? s->f[--s->n] : FRAME_NONE;
}

static void crew_frame_free(struct cpu *cpu, frame_t f, unsigned n)
{
	struct crew *c = crew_of(cpu);

	push(n == 1 ? &c->old_heads : &c->old_tails, f);
}

static void crew_frame_fill(struct cpu *cpu, frame_t f, unsigned first, unsigned n,
			    const struct page_image *image)
{
	struct crew *c = crew_of(cpu);

	frames_fill(&c->machine.mmu.frames, f, first, n, image);
	if (!first)
		crew_stamp(c, f);
}

static void crew_frame_copy(struct cpu *cpu, frame_t to, frame_t from)
{
	struct crew *c = crew_of(cpu);

	frames_copy(&c->machine.mmu.frames, to, from);
	crew_stamp(c, to);
}

/* As the native one, and whoever sleeps for these entries is woken. */
static void crew_pte_set(struct cpu *cpu, unsigned vpn, unsigned n, frame_t f,
			 enum mach_prot prot, bool alias)
{
	unsigned i;

	native_ops.pte_set(cpu, vpn, n, f, prot, alias);
	for (i = 0; i < n && cpu->fault_wait == FAULT_WAIT_FUTEX; i++)
		fault_wake(cpu, &cpu->ptes[vpn + i]);
}

/* ---- frames ahead and afterwards ---- */

static void free_all(struct crew *c, struct crew_frames *s, unsigned run)
{
	while (s->n)
		frames_free(&c->machine.mmu.frames, s->f[--s->n], run);
}

static void fill_up(struct crew *c, struct crew_frames *s, unsigned want, unsigned run)
{
	bool scribbled_over;
	frame_t f;

	while (s->n < want) {
		f = frames_alloc(&c->machine.mmu.frames, run, &scribbled_over);
		c->scribbled_over |= scribbled_over;
		if (f == FRAME_NONE)
			return; /* the operation reports that it lacks one */
		push(s, f);
	}
}

void crew_stock(struct crew *c, unsigned heads, unsigned tails)
{
	unsigned run = c->machine.mmu.vmemmap_pages - 1;

	free_all(c, &c->old_heads, 1);
	free_all(c, &c->old_tails, run);
	fill_up(c, &c->ready_heads, heads, 1);
	fill_up(c, &c->ready_tails, tails, run);
}

void crew_ops_install(struct crew *c)
{
	c->ops = native_ops;
	c->ops.pause_others = crew_pause;
	c->ops.resume_others = crew_resume;
	c->ops.frame_alloc = crew_frame_alloc;
	c->ops.frame_free = crew_frame_free;
	c->ops.frame_fill = crew_frame_fill;
	c->ops.frame_copy = crew_frame_copy;
	c->ops.pte_set = crew_pte_set;
}
