#include "model/model.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_SIZE (64u * 1024)
#define LOCALS_MAX (1u << 22)
#define STATE_GAP (1u << 20) /* on both sides: an index that strays is met there */

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
	m->reserved_size = (s->state_size + 2 * STATE_GAP + 4095) & ~(size_t)4095;
	m->reserved = mmap(MODEL_STATE_HINT, m->reserved_size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	m->state = m->reserved + STATE_GAP;
	m->state_size = s->state_size;
	if (m->reserved == MAP_FAILED || !place_actors(m) || !create_runs(m) ||
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
	depend_free(m);
	locals_destroy(&m->locals);
	model_map_destroy(m);
	if (m->reserved && m->reserved != MAP_FAILED)
		munmap(m->reserved, m->reserved_size);
	munmap(m, sizeof(*m));
}

unsigned model_place(struct model *m, enum place_kind kind, uint64_t offset, unsigned size)
{
	bool made;
	unsigned i = place_find(&m->places, place_key(kind, offset), size, &made);

	if (made)
		m->places.at[i].init = model_map_initial(m, kind, offset, size);
	if (m->places.full)
		model_full(m, FULL_PLACES);
	return i;
}

/* The cell of a granule that begins at this byte and ends at the next cut. */
static unsigned cell_at(struct model *m, struct granule *g, unsigned byte, unsigned end)
{
	unsigned stop = byte + 1, i;

	if (g->cell[byte])
		return g->cell[byte] - 1u;
	while (stop < end && !(g->cuts >> stop & 1))
		stop++;
	i = model_place(m, (enum place_kind)(g->key >> 56),
			(g->key & ((1ull << 56) - 1)) + byte, stop - byte);
	g->cell[byte] = (uint16_t)(i + 1);
	return i;
}

void model_cells(struct model *m, struct op *op, enum place_kind kind, uint64_t offset)
{
	uint64_t key = place_key(kind, offset);
	unsigned first = key % PLACE_GRANULE, end = first + op->size, byte, last = 0;
	struct granule *g;
	bool made;

	op->cells = 1;
	if ((kind != PLACE_STATE && kind != PLACE_FRAME) || m->twin_one_size) {
		op->place = (uint16_t)model_place(m, kind, offset, op->size);
		return;
	}
	g = place_granule(&m->places, key, &made);
	if (!g) {
		model_full(m, FULL_PLACES);
		return;
	}
	if (made)
		g->cuts = follow_cuts(m->follow, key);
	for (unsigned cut = first; cut <= end; cut += op->size) {
		if (cut % PLACE_GRANULE && granule_breaks(&m->places, g, cut))
			follow_cut(m->follow, key, 1u << cut);
		g->cuts |= (uint8_t)(cut % PLACE_GRANULE ? 1u << cut : 0);
	}
	op->cells = 0;
	for (byte = first; byte < end; byte += m->places.at[last].size) {
		unsigned i = cell_at(m, g, byte, end);

		if (op->cells++ == 0)
			op->place = (uint16_t)i;
		else
			m->places.at[last].next = (uint16_t)i;
		last = i;
	}
	m->mixed |= op->cells > 1;
}
