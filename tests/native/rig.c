#include "rig.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "native/clock.h"

static void bail_out(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

void rig_create(struct rig *r, unsigned n_actors)
{
	struct cpu_setup setup = {
		.ops = &native_ops,
		.regime = &r->regime,
		.params = r->params,
		.state = r->state,
		.membarrier = rcu_have_membarrier(),
	};
	vms_error e = { 0 };
	unsigned i;

	memset(r, 0, sizeof(*r));
	if (machine_create(&r->machine, n_actors, &setup, &e))
		bail_out(e.text);
	r->batch.n_actors = n_actors;
	r->batch.n = r->batch.group = 1;
	r->batch.states = (char *)r->state;
	r->batch.stride = sizeof(r->state);
	for (i = 0; i < n_actors; i++) {
		r->machine.cpus[i].name = "test";
		r->batch.peers[i] = &r->machine.cpus[i];
	}
	kapi_this_cpu = r->machine.cpus;
}

void rig_map(struct rig *r, unsigned vmemmap_pages, unsigned blocks)
{
	vms_error e = { 0 };

	if (!vmemmap_pages)
		vmemmap_pages = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), false);
	if (machine_map(&r->machine, vmemmap_pages, blocks, 1, &e))
		bail_out(e.text);
}

void rig_destroy(struct rig *r)
{
	machine_destroy(&r->machine);
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

void rig_run_on(struct machine *m, rig_actor *const *actors, void *argument, bool one_cpu)
{
	struct start starts[KAPI_MAX_ACTORS];
	pthread_barrier_t gate;
	unsigned i;

	pthread_barrier_init(&gate, NULL, m->n_cpus);
	for (i = 0; i < m->n_cpus; i++) {
		starts[i] = (struct start){ &m->cpus[i], actors[i], argument, &gate, one_cpu };
		if (pthread_create(&m->threads[i], NULL, thread, &starts[i]))
			bail_out("cannot start a thread");
	}
	for (i = 0; i < m->n_cpus; i++)
		pthread_join(m->threads[i], NULL);
	pthread_barrier_destroy(&gate);
}

void rig_run(struct rig *r, rig_actor *const *actors, void *argument, bool one_cpu)
{
	rig_run_on(&r->machine, actors, argument, one_cpu);
}

/* ---- faults ---- */

unsigned rig_guarded(struct rig *r, unsigned (*once)(void *state))
{
	kapi_this_cpu = r->machine.cpus;
	return guard_run(kapi_this_cpu, once);
}

vms_fault rig_take_fault(struct rig *r)
{
	struct fault_table *table = &r->machine.faults;
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
