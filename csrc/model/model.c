#include "model/model.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_SIZE (64u * 1024)
#define LOCALS_MAX (1u << 22)
#define STATE_GAP 65536u /* keeps a stray index inside the reserved range */

void model_start_cpus(struct model *m);
void model_run_init(struct model *m);

/* Actors in the order of the table, each as often as its parameter says. */
static bool place_actors(struct model *m)
{
	const struct scenario *s = m->scenario;

	for (unsigned i = 0; i < s->n_actors; i++) {
		int by = s->actors[i].times_param;
		int times = by ? m->params[by - 1] : 1;

		while (times-- > 0) {
			if (m->n_cpus == MODEL_CPUS)
				return false;
			m->actor_of[m->n_cpus++] = (uint8_t)i;
		}
	}
	return true;
}

static bool create_runs(struct model *m)
{
	for (unsigned i = 0; i < MODEL_RUNS; i++) {
		struct run *r = &m->runs[i];

		r->m = m;
		r->cpu = (uint8_t)i;
		if (!fiber_create(&r->fiber, STACK_SIZE))
			return false;
	}
	return true;
}

/* A scenario with a vmemmap has the parameter "gigantic": 1 GiB, not 2 MiB. */
static unsigned vmemmap_pages(const struct model *m)
{
	const struct scenario *s = m->scenario;

	for (unsigned i = 0; i < s->n_params; i++) {
		if (!strcmp(s->params[i].name, "gigantic") && m->params[i])
			return 4096;
	}
	return 8;
}

struct model *model_create(const struct scenario *s, const struct regime *r, const int *params,
			   enum memory_model kind, struct follow *follow)
{
	struct model *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (m == MAP_FAILED)
		return NULL;
	m->scenario = s;
	m->kind = kind;
	m->follow = follow;
	follow_freeze(follow);
	if (r)
		m->regime = *r;
	for (unsigned i = 0; i < s->n_params; i++)
		m->params[i] = params ? params[i] : s->params[i].preset;
	m->state_size = (s->state_size + 2 * STATE_GAP) & ~(size_t)4095;
	m->state = mmap(MODEL_STATE_HINT, m->state_size, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->state == MAP_FAILED || !place_actors(m) || !create_runs(m) ||
	    !locals_create(&m->locals, LOCALS_MAX) ||
	    !model_map_create(m, s->blocks ? s->blocks : 1, vmemmap_pages(m))) {
		model_destroy(m);
		return NULL;
	}
	if (s->init)
		model_run_init(m);
	if (m->bad_init == LOCAL_NONE)
		model_start_cpus(m);
	return m;
}

void model_destroy(struct model *m)
{
	for (unsigned i = 0; i < MODEL_RUNS; i++)
		fiber_destroy(&m->runs[i].fiber);
	locals_destroy(&m->locals);
	model_map_destroy(m);
	if (m->state && m->state != MAP_FAILED)
		munmap(m->state, m->state_size);
	munmap(m, sizeof(*m));
}

unsigned model_place(struct model *m, enum place_kind kind, uint64_t offset, unsigned size)
{
	bool made;
	unsigned i = place_find(&m->places, place_key(kind, offset), size, &made);

	if (made)
		m->places.at[i].init = model_map_initial(m, kind, offset, size);
	if (m->places.full)
		m->out_of_memory = true;
	return i;
}
