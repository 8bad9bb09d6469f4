/*
 * One search: a scenario with its parameters and regime, the memory it starts
 * from, the tree of local states of its CPUs, and what was found.
 *
 * Nothing here is shared between threads: two searches may run side by side.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <setjmp.h>

#include "model/fiber.h"
#include "model/local.h"
#include "model/mmu.h"
#include "model/place.h"

#define MODEL_CPUS KAPI_MAX_ACTORS
#define MODEL_RUNS (MODEL_CPUS + 1) /* the last one runs the final check */
#define MODEL_PATH 4096u            /* requests of one CPU in one run */
#define MODEL_OUTCOMES 64u
#define MODEL_HAZARDS 32u

/* Where ranges are reserved if nobody stands there: the same addresses in every
 * run, so that a witness is the same to the last digit. */
#define MODEL_STATE_HINT ((void *)0x600000000000)
#define MODEL_WINDOW_HINT ((void *)0x610000000000)

enum memory_model { MODEL_SC, MODEL_TSO, MODEL_ARM64 };

/* A CPU's code on its fiber, with the machine's state that is local to it. All
 * of it is a function of the answers, so starting again rebuilds it. */
struct run {
	struct fiber fiber;
	struct model *m;
	struct op pending;       /* what it asked last */
	uint64_t answer;
	uint32_t node;           /* local state in which it stands; LOCAL_NONE: none */
	uint32_t pos, known;     /* answers given, answers on the path */
	uint16_t ordinal;        /* events so far */
	uint8_t cpu;
	unsigned notes;
	struct mmu_cpu mmu;
	int16_t dep_hint, data_hint; /* litmus programs say it; -1 otherwise */
	unsigned n_pointers;     /* answers that an address may have come from */
	struct { uint64_t value; int16_t ordinal; } pointer[64];
	uint64_t path[MODEL_PATH];
};

struct model {
	const struct scenario *scenario;
	struct regime regime;
	int params[8];
	enum memory_model kind;
	unsigned n_cpus;
	uint8_t actor_of[MODEL_CPUS];
	uint32_t root[MODEL_RUNS];
	struct locals locals;
	struct places places;
	struct mmu mmu;
	struct follow *follow;   /* outlives this search: see mmu.h */
	struct run runs[MODEL_RUNS];
	struct run *running;
	bool direct;             /* INIT: operations happen at once */
	uint32_t bad_init;       /* where INIT went wrong; LOCAL_NONE: it did not */
	bool out_of_memory;      /* the tree or the places are full */
	unsigned results[MODEL_CPUS]; /* for the final check */
	char *state;             /* address range that is reserved, not mapped */
	size_t state_size;
	const struct site *escaped; /* last operation before a plain access */
	bool brk_race, brk_order;   /* negative twins: see search.h */
};

extern __thread struct model *model_this;

/* NULL: no memory. The actors stand as the scenario says; INIT has run. */
struct model *model_create(const struct scenario *s, const struct regime *r, const int *params,
			   enum memory_model kind, struct follow *follow);
void model_destroy(struct model *m);

/* The local state after this one got this answer. Runs code if it is new. */
uint32_t model_discover(struct model *m, uint32_t node, uint64_t answer);

static inline uint32_t model_step(struct model *m, uint32_t node, uint64_t answer)
{
	uint32_t next = locals_find(&m->locals, node, answer);

	return __builtin_expect(next != LOCAL_NONE, 1) ? next
						       : model_discover(m, node, answer);
}

/* Outcome of the final check: results, then the final value of each place read. */
uint32_t model_check_root(struct model *m, const unsigned *results);

/* From inside a fiber (or INIT): ask, wait, return the answer. */
uint64_t model_request(struct op *op);
/* The place of a key, with its initial value. */
unsigned model_place(struct model *m, enum place_kind kind, uint64_t offset, unsigned size);

#endif
