/*
 * Programs of tests/litmus/oracle from stdin, one a line, as flat lists of numbers
 * (oracle/program.py, flat()); the final states that the search finds to stdout:
 *
 *   JOBS MODEL CPUS UNIT MEMORY then for each CPU N and N times FLAT numbers
 *   -> ok EXECUTIONS STATE .. | bounded | violation KIND | unsupported
 *
 * A state is the registers of each CPU and then the words of memory, decimal, with commas.
 *
 * The actor is an interpreter: values flow through its registers, so a dependency is what
 * the search can see of a computation, and nothing tells it which there are.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "model/explore.h"

#define CPUS 4
#define JOBS 8
#define OPS 24
#define REGISTERS 16
#define MEMORY 128
#define STATES 65536u
#define TUPLES 4096u

/* Until the contract has them, a program with one of these orders is unsupported. */
#if __has_include("kapi/order.h")
#define LAST_ORDER MACH_SEQ_CST
#else
#define LAST_ORDER MACH_FULL
#endif

enum kind { K_LOAD, K_STORE, K_ADD, K_XCHG, K_CAS, K_FENCE, K_IF };

/* The numbers of one operation, in the order of the flat list. */
struct op_row {
	int64_t kind, order, size, offset, stride;
	int64_t address[2], address_false;
	int64_t value, data[2], data_false;
	int64_t old, length, reads;
};

#define FLAT (sizeof(struct op_row) / sizeof(int64_t))

struct flat {
	int64_t model, cpus, unit, memory;
	int64_t n[CPUS];
	struct op_row op[CPUS][OPS];
};

struct memory {
	_Alignas(64) unsigned char byte[MEMORY];
};

struct tuple {
	uint64_t used;
	uint64_t r[REGISTERS];
};

struct state {
	uint64_t used;
	unsigned tuple[CPUS];
	uint64_t word[MEMORY / 2];
};

static struct flat now;
static struct tuple tuples[TUPLES];
static struct state states[STATES];
static unsigned n_states;
static bool full;
static const struct explore *running;
static unsigned pass, before_pass;

static const struct site nowhere = { .file = "oracle", .function = "oracle",
				     .operation = "operation", .line = 1 };

/*
 * A number for these registers, the same whenever they are the same: what an actor
 * returns has 32 bits, its registers have more.
 */
static unsigned tuple_of(const uint64_t *r)
{
	uint64_t h = 0xcbf29ce484222325ull;
	unsigned i;

	for (unsigned k = 0; k < REGISTERS; k++)
		h = (h ^ r[k]) * 0x9e3779b97f4a7c15ull ^ (h >> 29);
	for (i = (unsigned)(h >> 40) % TUPLES; tuples[i].used; i = (i + 1) % TUPLES) {
		if (!memcmp(tuples[i].r, r, sizeof(tuples[i].r)))
			return i;
	}
	tuples[i].used = 1;
	memcpy(tuples[i].r, r, sizeof(tuples[i].r));
	return i;
}

static void state_add(const struct state *s)
{
	for (unsigned i = 0; i < n_states; i++) {
		if (!memcmp(&states[i], s, sizeof(*s)))
			return;
	}
	if (n_states == STATES)
		full = true;
	else
		states[n_states++] = *s;
}

static uint64_t reg_at(const uint64_t *r, int64_t at)
{
	return at < 0 ? 0 : r[at];
}

static uint64_t sum(const uint64_t *r, const int64_t *at, int64_t none)
{
	/* what a false dependency computes must not vanish before it runs */
	volatile uint64_t once = reg_at(r, none), again = once;

	return reg_at(r, at[0]) + reg_at(r, at[1]) + (once ^ again);
}

#define BY_SIZE(size, OP)                          \
	((size) == 1 ? (uint64_t)OP(uint8_t) :     \
	 (size) == 2 ? (uint64_t)OP(uint16_t) :    \
	 (size) == 4 ? (uint64_t)OP(uint32_t) :    \
		       (uint64_t)OP(uint64_t))

static uint64_t op_access(const struct op_row *op, void *p, uint64_t value)
{
	enum mach_order order = (enum mach_order)op->order;

#define LOAD(type) mach_load((type *)p, order, &nowhere)
#define STORE(type) (mach_store((type *)p, (type)value, order, &nowhere), 0)
#define ADD(type) mach_fetch_add((type *)p, (type)value, order, &nowhere)
#define XCHG(type) mach_xchg((type *)p, (type)value, order, &nowhere)
#define CAS(type) mach_cmpxchg((type *)p, (type)op->old, (type)value, order, &nowhere)
	switch (op->kind) {
	case K_LOAD:
		return BY_SIZE(op->size, LOAD);
	case K_STORE:
		return BY_SIZE(op->size, STORE);
	case K_ADD:
		return BY_SIZE(op->size, ADD);
	case K_XCHG:
		return BY_SIZE(op->size, XCHG);
	default:
		return BY_SIZE(op->size, CAS);
	}
}

static unsigned cpu(void *state)
{
	unsigned me = mach_actor();
	uint64_t r[REGISTERS] = { 0 };
	unsigned next = 0;

	for (int64_t i = 0; i < now.n[me]; i++) {
		const struct op_row *op = &now.op[me][i];
		uint64_t value, seen;
		char *p;

		if (op->kind == K_FENCE) {
			mach_fence((enum mach_fence)op->order, &nowhere);
			continue;
		}
		value = sum(r, op->data, op->data_false);
		if (op->kind == K_IF) {
			if ((value == (uint64_t)op->value) == (op->order != 0)) {
				for (int64_t k = 1; k <= op->length; k++)
					next += (unsigned)op[k].reads;
				i += op->length;
			}
			continue;
		}
		p = (char *)state + op->offset +
		    (uint64_t)op->stride * sum(r, op->address, op->address_false);
		seen = op_access(op, p, value + (uint64_t)op->value);
		if (op->reads)
			r[next++] = seen;
	}
	return tuple_of(r);
}

static unsigned check(void *memory, const unsigned *results)
{
	struct state s;
	struct memory *m = memory;

	if (running->passes != pass) { /* what an earlier pass found does not count */
		pass = running->passes;
		n_states = before_pass;
	}
	memset(&s, 0, sizeof(s)); /* compared as bytes, its padding too */
	s.used = 1;
	for (int64_t i = 0; i < now.memory / now.unit; i++) {
		void *p = &m->byte[i * now.unit];

		s.word[i] = now.unit == 2 ? mach_load((uint16_t *)p, MACH_RELAXED, &nowhere) :
			    now.unit == 4 ? mach_load((uint32_t *)p, MACH_RELAXED, &nowhere) :
					    mach_load((uint64_t *)p, MACH_RELAXED, &nowhere);
	}
	for (int64_t i = 0; i < now.cpus; i++)
		s.tuple[i] = results[i];
	state_add(&s);
	return 0;
}

static const struct outcome only = { "any", "any", GRADE_OK, 0, 0 };
static const struct param cpus_param = { "cpus", "", 1, CPUS, 2 };
static const struct actor actors[] = { { "cpu", "", cpu, NULL, 1 } };
static const struct scenario oracle = {
	.abi = KAPI_ABI, .size = sizeof(struct scenario), .name = "oracle",
	.params = &cpus_param, .n_params = 1, .actors = actors, .n_actors = 1,
	.outcomes = &only, .n_outcomes = 1, .state_size = sizeof(struct memory),
	.check = check,
};

static bool read_numbers(int64_t *into, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		if (scanf("%" SCNd64, &into[k]) != 1)
			return false;
	}
	return true;
}

static bool read_rows(struct flat *f)
{
	for (int64_t c = 0; c < f->cpus; c++) {
		if (!read_numbers(&f->n[c], 1) || f->n[c] < 0 || f->n[c] > OPS)
			return false;
		for (int64_t i = 0; i < f->n[c]; i++) {
			if (!read_numbers((int64_t *)&f->op[c][i], FLAT))
				return false;
		}
	}
	return true;
}

static bool supported(const struct flat *f)
{
	for (int64_t c = 0; c < f->cpus; c++) {
		for (int64_t i = 0; i < f->n[c]; i++) {
			if (f->op[c][i].kind < K_FENCE && f->op[c][i].order > (int)LAST_ORDER)
				return false;
		}
	}
	return true;
}

static void tell(uint64_t executions)
{
	printf("ok %llu", (unsigned long long)executions);
	for (unsigned i = 0; i < n_states; i++) {
		char before = ' ';

		for (int64_t c = 0; c < now.cpus; c++) {
			unsigned reads = 0;

			for (int64_t k = 0; k < now.n[c]; k++)
				reads += (unsigned)now.op[c][k].reads;
			for (unsigned k = 0; k < reads; k++, before = ',')
				printf("%c%llu", before,
				       (unsigned long long)tuples[states[i].tuple[c]].r[k]);
		}
		for (int64_t k = 0; k < now.memory / now.unit; k++, before = ',')
			printf("%c%llu", before, (unsigned long long)states[i].word[k]);
	}
	printf("\n");
}

static struct explore *search_create(unsigned jobs, unsigned job, int twin, const int *params)
{
	struct explore *x = calloc(1, sizeof(*x));

	x->scenario = &oracle;
	x->params = params;
	x->kind = (enum memory_model)now.model;
	x->preemptions = -1;
	x->jobs = jobs;
	x->job = job;
	x->twin_drop_revisit = twin == 1;
	x->twin_no_fr = twin == 2;
	x->twin_invent = twin == 3;
	x->twin_one_size = twin == 4;
	x->twin_independent = twin == 5;
	return x;
}

/* False: it told why it has no answer. */
static bool search_run(struct explore *x, uint64_t *executions)
{
	running = x;
	pass = 0;
	before_pass = n_states;
	explore_run(x);
	*executions += x->executions;
	if (x->n_found)
		printf("violation %d\n", (int)x->found[0].kind);
	else if (x->bounded || full)
		printf("bounded\n");
	return !x->n_found && !x->bounded && !full;
}

/* What one job has met, the others have to know of: all run again until none has news. */
static bool search(unsigned jobs, int twin, uint64_t *executions)
{
	int params[8] = { (int)now.cpus };
	struct explore *x[JOBS];
	bool good = true, news = true;
	unsigned n = jobs ? jobs : 1, i, k;

	for (i = 0; i < n; i++)
		x[i] = search_create(jobs, i, twin, params);
	while (good && news) {
		news = false;
		n_states = 0;
		*executions = 0;
		for (i = 0; i < n && good; i++)
			good = search_run(x[i], executions);
		for (i = 0; i < n; i++) {
			for (k = 0; k < n; k++)
				news |= follow_join(&x[i]->follow, &x[k]->follow);
		}
	}
	for (i = 0; i < n; i++) {
		explore_end(x[i]);
		free(x[i]);
	}
	return good;
}

int main(int argc, char **argv)
{
	int twin = argc > 1 ? atoi(argv[1]) : 0;
	unsigned jobs;

	while (memset(&now, 0, sizeof(now)),
	       scanf("%u", &jobs) == 1 && read_numbers(&now.model, 4)) {
		uint64_t executions = 0;
		bool good = true;

		if (jobs > JOBS || now.cpus > CPUS || now.memory > MEMORY || !read_rows(&now)) {
			fprintf(stderr, "oracle_serve: not a program\n");
			return 2;
		}
		memset(tuples, 0, sizeof(tuples));
		n_states = 0;
		full = false;
		if (!supported(&now)) {
			printf("unsupported\n");
			good = false;
		}
		good = good && search(jobs, twin, &executions);
		if (good)
			tell(executions);
		fflush(stdout);
	}
	return 0;
}
