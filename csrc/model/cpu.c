/* Running a CPU's code: from the root along known answers to the next request. */
#include <string.h>

#include "model/model.h"

__thread struct model *model_this;

static unsigned events_of(const struct op *op, uint64_t answer)
{
	if (!op_event(op))
		return 0;
	return op_rmw(op) && op_writes_after(op, answer) ? 2 : 1;
}

/* An answer is in: count its events, and remember it if it may be a pointer. */
static void account(struct run *r, const struct op *op, uint64_t answer)
{
	if (op_reads(op) && op->size == 8 && answer > 0xffff && !(op->flags & OPF_WALK)) {
		unsigned i = r->n_pointers < 64 ? r->n_pointers++ : 63;

		r->pointer[i].value = answer;
		r->pointer[i].ordinal = (int16_t)r->ordinal;
	}
	r->ordinal = (uint16_t)(r->ordinal + events_of(op, answer));
}

/* INIT and nothing else: reads and writes what stood there at the start. */
static uint64_t direct(struct model *m, const struct op *op)
{
	uint64_t *word = &m->places.at[op->place].init, seen = *word;

	if (op->kind == OP_STORE)
		*word = op_mask(op, op->value);
	else if (op_rmw(op) && op_writes_after(op, seen))
		*word = op_written(op, seen);
	return seen;
}

uint64_t model_request(struct op *op)
{
	struct model *m = model_this;
	struct run *r = m->running;
	uint64_t answer;

	if (m->direct)
		return op->kind <= OP_AWAIT ? direct(m, op) : 0;
	if (r->pos < r->known) {
		answer = r->path[r->pos];
	} else {
		r->pending = *op;
		fiber_switch(&r->fiber);
		answer = r->answer;
	}
	r->pos++;
	account(r, op, answer);
	return answer;
}

static void finish(struct op *op)
{
	for (;;)
		model_request(op); /* nobody answers */
}

static void run_actor(void *arg)
{
	struct run *r = arg;
	struct model *m = r->m;
	struct op end = { .kind = OP_END };

	end.value = m->scenario->actors[m->actor_of[r->cpu]].once(m->state);
	finish(&end);
}

static void run_init(void *arg)
{
	struct run *r = arg;
	struct op end = { .kind = OP_END };

	r->m->scenario->init(r->m->state);
	r->m->direct = false;
	finish(&end);
}

static void run_check(void *arg)
{
	struct run *r = arg;
	struct op end = { .kind = OP_END };

	end.value = r->m->scenario->check(r->m->state, r->m->results);
	finish(&end);
}

static void run_reset(struct run *r, void (*entry)(void *))
{
	r->pos = r->known = 0;
	r->ordinal = 0;
	r->notes = 0;
	r->n_pointers = 0;
	r->dep_hint = r->data_hint = -1;
	r->node = LOCAL_NONE;
	memset(&r->mmu, 0, sizeof(r->mmu));
	fiber_reset(&r->fiber, entry, r);
}

/* Let the fiber run to its next request. */
static void run_on(struct model *m, struct run *r)
{
	struct model *outer = model_this;

	model_this = m;
	m->running = r;
	fiber_switch(&r->fiber);
	model_this = outer;
}

/* The answers that lead to node, oldest first; node's own root has none. The
 * arguments of a final check are answers too, but not to requests. */
static void path_to(struct model *m, struct run *r, uint32_t node)
{
	const struct local *at = m->locals.at;
	uint32_t n = 0, here;

	for (here = node; at[here].parent != LOCAL_NONE; here = at[here].parent) {
		if (!(at[at[here].parent].op.flags & OPF_ARGUMENT))
			n++;
	}
	if (n > MODEL_PATH) {
		m->out_of_memory = true;
		n = MODEL_PATH;
	}
	r->known = n;
	for (here = node; at[here].parent != LOCAL_NONE; here = at[here].parent) {
		const struct local *parent = &at[at[here].parent];

		if (parent->op.flags & OPF_ARGUMENT)
			m->results[parent->ordinal] = (unsigned)at[here].answer;
		else if (n)
			r->path[--n] = at[here].answer;
	}
}

static uint32_t node_add(struct model *m, uint32_t parent, uint64_t answer, struct run *r)
{
	uint32_t node = locals_add(&m->locals, parent, answer);
	struct local *l = &m->locals.at[node];

	if (node == LOCAL_NONE) {
		m->out_of_memory = true;
		return node;
	}
	l->op = r->pending;
	l->ordinal = r->ordinal;
	l->cpu = r->cpu;
	r->node = node;
	return node;
}

static uint32_t start(struct model *m, struct run *r, uint32_t parent, uint64_t answer)
{
	run_reset(r, r->cpu == MODEL_CPUS ? run_check : run_actor);
	if (parent != LOCAL_NONE) {
		path_to(m, r, parent);
		if (!(m->locals.at[parent].op.flags & OPF_ARGUMENT))
			r->path[r->known++] = answer;
		else
			m->results[m->locals.at[parent].ordinal] = (unsigned)answer;
	}
	run_on(m, r);
	return node_add(m, parent, answer, r);
}

uint32_t model_discover(struct model *m, uint32_t node, uint64_t answer)
{
	struct run *r = &m->runs[m->locals.at[node].cpu];

	if (r->node != node || m->locals.at[node].op.flags & OPF_ARGUMENT)
		return start(m, r, node, answer);
	/* the fiber stands right there */
	r->answer = answer;
	run_on(m, r);
	return node_add(m, node, answer, r);
}

/* Arguments are nodes whose op is marked OPF_ARGUMENT: they run no code. */
static uint32_t argument(struct model *m, uint32_t parent, uint64_t answer, unsigned index)
{
	uint32_t node = locals_add(&m->locals, parent, answer);

	if (node == LOCAL_NONE) {
		m->out_of_memory = true;
		return node;
	}
	m->locals.at[node].op = (struct op){ .kind = OP_END, .flags = OPF_ARGUMENT };
	m->locals.at[node].ordinal = (uint16_t)index;
	m->locals.at[node].cpu = MODEL_CPUS;
	return node;
}

uint32_t model_check_root(struct model *m, const unsigned *results)
{
	uint32_t node = m->root[MODEL_CPUS], next;

	if (node == LOCAL_NONE)
		node = m->root[MODEL_CPUS] = argument(m, LOCAL_NONE, 0, 0);
	for (unsigned i = 0; i < m->n_cpus; i++) {
		next = locals_find(&m->locals, node, results[i]);
		if (next == LOCAL_NONE) {
			next = i + 1 < m->n_cpus ? argument(m, node, results[i], i + 1)
						 : model_discover(m, node, results[i]);
			if (next == LOCAL_NONE)
				return next;
		}
		node = next;
	}
	return node;
}

void model_start_cpus(struct model *m);
void model_run_init(struct model *m);

void model_start_cpus(struct model *m)
{
	for (unsigned i = 0; i < m->n_cpus; i++)
		m->root[i] = start(m, &m->runs[i], LOCAL_NONE, 0);
}

/* INIT speaks the vocabulary too, but to memory that nobody shares yet. */
void model_run_init(struct model *m)
{
	struct run *r = &m->runs[MODEL_CPUS];

	run_reset(r, run_init);
	m->direct = true;
	run_on(m, r);
	m->direct = false;
	if (r->pending.kind == OP_VIOLATE)
		m->bad_init = node_add(m, LOCAL_NONE, 0, r);
	r->node = LOCAL_NONE;
}
