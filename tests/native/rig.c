#include "rig.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "native/clock.h"

static const struct actor nobody = { .name = "test" };
static const struct scenario no_scenario = { .name = "rig", .n_outcomes = 1 };

static void bail_out(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

static void *zeroed(size_t size)
{
	void *p;

	if (posix_memalign(&p, ARCH_CACHELINE, size))
		bail_out("out of memory");
	return memset(p, 0, size);
}

static void create_cpu(struct rig *r, unsigned i)
{
	struct team *t = &r->team;
	struct cpu *cpu = &t->cpus[i];

	cpu->team = t;
	cpu->actor = i;
	cpu->ops = &native_ops;
	cpu->params = r->params;
	cpu->regime = &r->regime;
	cpu->state = r->state;
	cpu->rng = i + 1;
	cpu->rcu_fence = !rcu_have_membarrier();
	cpu->stall_at = UINT64_MAX;
	t->actors[i] = &nobody;
	t->batch.peers[i] = cpu;
	t->batch.results[i] = r->results[i];
}

void rig_create(struct rig *r, unsigned n_actors)
{
	struct team *t = &r->team;
	unsigned i;

	memset(r, 0, sizeof(*r));
	t->n_actors = t->batch.n_actors = n_actors;
	t->plain = t->points = &no_scenario;
	t->cpus = zeroed(n_actors * sizeof(*t->cpus));
	t->batch.n = t->batch.group = 1;
	t->batch.states = (char *)r->state;
	t->batch.stride = sizeof(r->state);
	for (i = 0; i < n_actors; i++)
		create_cpu(r, i);
	kapi_this_cpu = &t->cpus[0];
}

void rig_map(struct rig *r, unsigned vmemmap_pages, unsigned blocks)
{
	struct mmu *m = &r->team.mmu;
	vms_error e = { 0 };
	unsigned i;

	if (!vmemmap_pages)
		vmemmap_pages = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), false);
	if (mmu_create(m, vmemmap_pages, blocks, 1, &e))
		bail_out(e.text);
	r->team.has_mmu = true;
	for (i = 0; i < r->team.n_actors; i++) {
		struct cpu *cpu = &r->team.cpus[i];

		cpu->page_size = m->page_size;
		cpu->vmemmap_pages = m->vmemmap_pages;
		cpu->window_size = m->window_size;
		cpu->linear = m->linear;
		cpu->vmemmap = (uintptr_t)m->window;
		cpu->ptes = m->ptes;
	}
}

void rig_destroy(struct rig *r)
{
	if (r->team.has_mmu)
		mmu_destroy(&r->team.mmu);
	free(r->team.cpus);
	kapi_this_cpu = NULL;
}

/* ---- threads ---- */

struct start {
	struct cpu *cpu;
	rig_actor *run;
	void *argument;
	pthread_barrier_t *gate;
	bool one_cpu;
};

static void *thread(void *argument)
{
	struct start *s = argument;

	if (s->one_cpu)
		pin_to_one_cpu();
	kapi_this_cpu = s->cpu;
	pthread_barrier_wait(s->gate);
	s->run(s->cpu, s->argument);
	kapi_this_cpu = NULL;
	return NULL;
}

void rig_run(struct rig *r, rig_actor *const *actors, void *argument, bool one_cpu)
{
	struct start starts[KAPI_MAX_ACTORS];
	struct team *t = &r->team;
	pthread_barrier_t gate;
	unsigned i;

	pthread_barrier_init(&gate, NULL, t->n_actors);
	for (i = 0; i < t->n_actors; i++) {
		starts[i] = (struct start){ &t->cpus[i], actors[i], argument, &gate, one_cpu };
		if (pthread_create(&t->threads[i], NULL, thread, &starts[i]))
			bail_out("cannot start a thread");
	}
	for (i = 0; i < t->n_actors; i++)
		pthread_join(t->threads[i], NULL);
	pthread_barrier_destroy(&gate);
}

/* ---- faults ---- */

unsigned rig_guarded(struct rig *r, unsigned (*once)(void *state))
{
	struct cpu *cpu = &r->team.cpus[0];

	kapi_this_cpu = cpu;
	guarded_loop(cpu, &r->team.batch, once);
	return r->results[0][0];
}

vms_fault rig_take_fault(struct rig *r)
{
	struct fault_table *table = &r->team.faults;
	vms_fault f = { 0 };

	if (table->n)
		f = table->rows[table->n - 1];
	table->n = 0;
	return f;
}

/* ---- time ---- */

void sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t))
		;
}

void pin_to_one_cpu(void)
{
	cpu_set_t allowed, one;
	int i;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (i = 0; i < CPU_SETSIZE && !CPU_ISSET(i, &allowed); i++)
		;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

bool await_u32(const uint32_t *word, uint32_t value, unsigned ms)
{
	uint64_t end = clock_now_ns() + ms * 1000000ull;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
		if (clock_now_ns() > end)
			return false;
		sched_yield();
	}
	return true;
}

unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

unsigned mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned n = 0;
	int c;

	if (!f)
		return 0;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

unsigned fewest_threads(unsigned ms, unsigned wanted)
{
	uint64_t end = clock_now_ns() + ms * 1000000ull;
	unsigned fewest = entries("/proc/self/task"), now;

	while (fewest > wanted && clock_now_ns() < end) {
		sched_yield();
		now = entries("/proc/self/task");
		fewest = now < fewest ? now : fewest;
	}
	return fewest;
}
