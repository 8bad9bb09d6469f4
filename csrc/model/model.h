/*
 * One search: a scenario with its parameters and regime, the memory it starts
 * from, the tree of local states of its CPUs, and what was found.
 *
 * Nothing here is shared between threads: two searches may run side by side.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <setjmp.h>

#include "model/depend.h"
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

/* What there may be no more room for. A search that met one of these is not complete. */
enum full {
	FULL_NOTHING,
	FULL_EVENTS,    /* of one run */
	FULL_GRAPHS,    /* that are alive at once */
	FULL_LOCALS,    /* local states */
	FULL_PATH,      /* requests of one CPU in one run */
	FULL_PLACES,    /* pieces of memory */
	FULL_FOLLOWED,  /* words of frames, cuts of words, early values */
	FULL_GUESSES,   /* early values of one read */
	FULL_PASSES,    /* times that the search started again */
	FULL_RANGES,    /* page-table changes, bulk writes of INIT */
	FULL_MEMORY,
	FULL_KINDS
};

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
	const char *frame;       /* of the code that asked: access.h; NULL: it did not say */
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
	bool mixed;              /* some access covers several cells */
	bool out_of_memory;      /* something is full: */
	enum full full;
	unsigned results[MODEL_CPUS]; /* for the final check */
	char *reserved;          /* address range that is reserved, not mapped */
	char *state;             /* in the middle of it */
	size_t reserved_size, state_size;
	bool twin_blind;         /* negative twin: local states are never the same */
	bool twin_invent, twin_one_size;
	bool twin_no_dependencies; /* and: nothing depends on anything */
	struct twin *twin_room;
	struct twin *twin;       /* an actor runs with another answer: depend.h */
	struct dependencies dependencies;
};

extern __thread struct model *model_this;

static inline void model_full(struct model *m, enum full what)
{
	m->out_of_memory = true;
	if (m->full == FULL_NOTHING)
		m->full = what;
}

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

/* One actor once more from the start, answered by m->twin; its fiber is then nowhere. */
void model_run_twin(struct model *m, unsigned cpu);

/* Outcome of the final check: results, then the final value of each place read. */
uint32_t model_check_root(struct model *m, const unsigned *results);

/* From inside a fiber (or INIT): ask, wait, return the answer. */
uint64_t model_request(struct op *op);
/* The cells that an access of op->size bytes covers: sets op->place and op->cells. */
void model_cells(struct model *m, struct op *op, enum place_kind kind, uint64_t offset);
/* The place of a key, with its initial value. */
unsigned model_place(struct model *m, enum place_kind kind, uint64_t offset, unsigned size);

#endif
