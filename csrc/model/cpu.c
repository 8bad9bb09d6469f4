/* Running a CPU's code: from the root along known answers to the next request. */
#include <string.h>

#include "model/model.h"
#include "model/sync.h"

__thread struct model *model_this;

static unsigned events_of(const struct op *op, uint64_t answer)
{
	if (!op_event(op))
		return 0;
	if (op->kind > OP_AWAIT)
		return 1;
	return op->cells * (op_rmw(op) && op_writes_after(op, answer) ? 2u : 1u);
}

/* The value in the cells of an access, and the part of a value that belongs in one. */
static uint64_t direct_read(const struct model *m, const struct op *op)
{
	uint64_t value = 0;
	unsigned shift = 0, place = op->place;

	for (unsigned i = 0; i < op->cells; i++) {
		const struct place *p = &m->places.at[place];

		value |= p->init << shift;
		shift += 8u * p->size;
		place = p->next;
	}
	return op_mask(op, value);
}

static void direct_write(struct model *m, const struct op *op, uint64_t value)
{
	unsigned place = op->place;

	for (unsigned i = 0; i < op->cells; i++) {
		struct place *p = &m->places.at[place];

		p->init = p->size >= 8 ? value : value & ((1ull << 8 * p->size) - 1);
		value = p->size >= 8 ? 0 : value >> 8 * p->size;
		place = p->next;
	}
}

/* INIT and nothing else: reads and writes what stood there at the start. */
static uint64_t direct(struct model *m, const struct op *op)
{
	uint64_t seen = direct_read(m, op);

	if (op->kind == OP_STORE)
		direct_write(m, op, op->value);
	else if (op_rmw(op) && op_writes_after(op, seen))
		direct_write(m, op, op_written(op, seen));
	return seen;
}

uint64_t model_request(struct op *op)
{
	struct model *m = model_this;
	struct run *r = m->running;
	uint64_t answer;

	if (m->direct)
		return op->kind <= OP_AWAIT ? direct(m, op) : 0;
	if (m->twin) {
		while (!depend_answer(m->twin, op, &answer))
			fiber_switch(&r->fiber); /* it is over: nobody comes back */
		return answer;
	}
	if (r->pos < r->known) {
		answer = r->path[r->pos];
	} else {
		r->pending = *op;
		fiber_switch(&r->fiber);
		answer = r->answer;
	}
	r->pos++;
	r->ordinal = (uint16_t)(r->ordinal + events_of(op, answer));
	r->frame = NULL;
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
	ipi_end(KAPI_SITE("the CPU has ended"));
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
	r->frame = NULL;
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
	if (n >= MODEL_PATH) {
		model_full(m, FULL_PATH);
		n = MODEL_PATH - 1; /* start() adds one */
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

/* What the CPU stands in: the code that asked, its registers and its stack, and what
 * the machine keeps for it. What only counts (sections, answers) is left out. */
static uint64_t fingerprint(const struct run *r)
{
	const struct mmu_cpu *c = &r->mmu;
	const char *top = r->fiber.stack + r->fiber.size;
	uint64_t h = (uint64_t)c->rcu_nest << 32 | c->irq_nest << 24 | c->broken << 8 |
		     c->pausing << 2 | c->in_handler << 1 | c->interrupted;

	h = h * 0x9e3779b97f4a7c15ull + ((uint64_t)r->notes << 32 | c->frames << 8 | c->n_ranges);
	for (unsigned i = 0; i < MODEL_CPUS; i++)
		h = (h ^ c->ipi_seen[i]) * 0x100000001b3ull;
	for (const char *p = r->frame; p + sizeof(h) <= top; p += sizeof(h)) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	return h | 1;
}

/* Whether a turn with this request and answer leaves memory as it was: it wrote nothing,
 * or what stood there, or it gave back a lock that it took in the same turn. Walked
 * backwards; *lock: place + 1 of a lock whose taking is still to come. */
static bool leaves_no_trace(const struct op *op, uint64_t answer, unsigned *lock)
{
	switch (op->kind) {
	case OP_LOAD:
	case OP_AWAIT:
	case OP_FENCE:
	case OP_RELAX:
		return true;
	case OP_CHOICE:
		return answer == 0;
	case OP_STORE:
		if (op->flags & OPF_UNLOCK && !*lock)
			*lock = op->place + 1u;
		return op->flags & (OPF_ENTER | OPF_LEAVE) ||
		       (op->flags & OPF_UNLOCK && *lock == op->place + 1u);
	case OP_LOCK:
		if (*lock != op->place + 1u)
			return false;
		*lock = 0;
		return true;
	default:
		return op_rmw(op) && (!op_writes_after(op, answer) ||
				      op_written(op, answer) == op_mask(op, answer));
	}
}

static bool same_request(const struct op *a, const struct op *b)
{
	return a->kind == b->kind && a->site == b->site && a->address == b->address &&
	       a->value == b->value && a->old == b->old;
}

/* The local state that this one repeats: the same request in the same state, and what
 * lies between left no trace. What the CPU could do from here it could have done there,
 * so a run with the turn says no more than the run without: here it waits. */
static uint32_t repeated(const struct model *m, uint32_t node)
{
	const struct local *at = m->locals.at, *own = &at[node];
	unsigned lock = 0;

	if (!own->state || m->twin_blind)
		return LOCAL_NONE;
	for (uint32_t here = node; at[here].parent != LOCAL_NONE; here = at[here].parent) {
		const struct local *before = &at[at[here].parent];

		if (!leaves_no_trace(&before->op, at[here].answer, &lock))
			break;
		if (before->state == own->state && !lock && same_request(&before->op, &own->op))
			return at[here].parent;
	}
	return LOCAL_NONE;
}

static uint32_t node_add(struct model *m, uint32_t parent, uint64_t answer, struct run *r)
{
	uint32_t node = locals_add(&m->locals, parent, answer);
	struct local *l = &m->locals.at[node];

	if (node == LOCAL_NONE) {
		model_full(m, FULL_LOCALS);
		return node;
	}
	l->op = r->pending;
	l->ordinal = r->ordinal;
	l->cpu = r->cpu;
	l->state = r->frame ? fingerprint(r) : 0;
	l->idle = repeated(m, node);
	r->node = node;
	return node;
}

/* The actor from its beginning, with other answers: see depend.h. */
void model_run_twin(struct model *m, unsigned cpu)
{
	struct run *r = &m->runs[cpu];

	run_reset(r, run_actor);
	run_on(m, r);
	r->node = LOCAL_NONE;
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
		model_full(m, FULL_LOCALS);
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
