#include "model/depend.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"

#define POOL_FIRST 4096u
#define ALTERNATIVES 24u
#define BEYOND 64u /* requests that a run may make past the length of the original */

enum change { CHANGE_ADDRESS = 1, CHANGE_VALUE = 2, CHANGE_GONE = 4 };

/* A run of an actor beside the one that led to a node. */
struct twin {
	const struct model *m;
	unsigned n;                 /* requests of the original, its last is the node's */
	uint32_t node[MODEL_PATH];  /* walks left out: a translation follows its address */
	uint64_t answer[MODEL_PATH];
	unsigned altered;           /* whose answer is another one */
	uint64_t other;
	unsigned times;             /* the node's request comes at its site for the n-th time */
	/* under way */
	unsigned at, made, seen;    /* next of the original; requests; times at the site */
	bool over, apart;           /* apart: it asks what the original did not */
	unsigned changes;
};

static const struct op *op_at(const struct twin *t, unsigned i)
{
	return &t->m->locals.at[t->node[i]].op;
}

static bool alike(const struct op *a, const struct op *b)
{
	return a->kind == b->kind && a->site == b->site;
}

/* The request that the node stands for has come again. */
static unsigned compare(const struct op *own, const struct op *op)
{
	unsigned changes = 0;

	if (own->address != op->address)
		changes |= CHANGE_ADDRESS;
	if (own->value != op->value || own->old != op->old)
		changes |= CHANGE_VALUE;
	return changes;
}

/* What a request that the original did not make is told: nothing depends on it but what
 * comes after, and there the original has its say again. */
static uint64_t stranger(const struct twin *t, const struct op *op)
{
	(void)t;
	return op->kind == OP_CAS ? op->old : 0;
}

bool depend_answer(struct twin *t, const struct op *op, uint64_t *answer)
{
	const struct op *own = op_at(t, t->n - 1);
	unsigned i;

	if (t->over || op->kind == OP_END || op->kind == OP_VIOLATE ||
	    t->made++ > t->n + BEYOND) {
		t->over = true;
		return false;
	}
	if (t->made - 1 > t->altered && alike(own, op) && ++t->seen == t->times) {
		t->changes = compare(own, op);
		t->over = true;
		return false;
	}
	if (t->made - 1 <= t->altered && alike(own, op))
		t->seen++;
	for (i = t->at; i + 1 < t->n && !alike(op_at(t, i), op); i++)
		;
	if (i + 1 >= t->n) {
		*answer = stranger(t, op);
		return true;
	}
	t->at = i + 1;
	*answer = i == t->altered ? t->other : t->answer[i];
	return true;
}

/* The requests on the way to a node, oldest first. False: too long to be asked about. */
static bool trace_back(struct twin *t, uint32_t node)
{
	const struct local *at = t->m->locals.at;
	unsigned n = 0, k;
	uint32_t here;

	for (here = node; here != LOCAL_NONE; here = at[here].parent)
		n += !(at[here].op.flags & OPF_WALK);
	if (n > MODEL_PATH)
		return false;
	t->n = n;
	k = n - 1;
	t->node[k] = node;
	for (here = node; at[here].parent != LOCAL_NONE; here = at[here].parent) {
		if (at[at[here].parent].op.flags & OPF_WALK)
			continue;
		t->node[--k] = at[here].parent;
		t->answer[k] = at[here].answer;
	}
	t->times = 0;
	for (k = 0; k < n; k++)
		t->times += alike(op_at(t, k), op_at(t, n - 1));
	return true;
}

struct values {
	unsigned n;
	uint64_t at[ALTERNATIVES];
};

static void try(struct values *v, const struct op *op, uint64_t value, uint64_t seen)
{
	value = op_mask(op, value);
	if (value == op_mask(op, seen) || v->n == ALTERNATIVES)
		return;
	for (unsigned i = 0; i < v->n; i++) {
		if (v->at[i] == value)
			return;
	}
	v->at[v->n++] = value;
}

/* Other values for a read that saw this one: what was seen there in other runs, and
 * neighbours that keep alignment, tags or order. None is far away: code may count up
 * to a value that it read. */
static void alternatives(const struct twin *t, unsigned i, struct values *v)
{
	const struct local *at = t->m->locals.at;
	const struct op *op = op_at(t, i);
	uint64_t seen = t->answer[i];

	v->n = 0;
	for (uint32_t c = at[t->node[i]].child; c != LOCAL_NONE && v->n < 8; c = at[c].sibling)
		try(v, op, at[c].answer, seen);
	if (op->cells == 1)
		try(v, op, t->m->places.at[op->place].init, seen);
	try(v, op, 0, seen);
	try(v, op, 1, seen);
	try(v, op, seen ^ 1, seen);
	try(v, op, seen + 1, seen);
	try(v, op, seen + 2, seen);
	try(v, op, seen + 4, seen);
	try(v, op, seen + 8, seen);
	try(v, op, seen + 16, seen);
	try(v, op, seen + 64, seen);
	try(v, op, seen ^ 0x80, seen);
	try(v, op, seen + 4096, seen);
	if (seen > 64)
		try(v, op, seen - 64, seen);
	if (seen)
		try(v, op, seen - 1, seen);
	if (op->size == 8 && seen > UINT32_MAX)
		try(v, op, seen ^ 1ull << 32, seen);
}

static unsigned run_with(struct model *m, struct twin *t, uint64_t other, unsigned cpu)
{
	t->other = other;
	t->at = t->made = t->seen = 0;
	t->over = false;
	t->changes = CHANGE_GONE;
	m->twin = t;
	model_run_twin(m, cpu);
	m->twin = NULL;
	return t->changes;
}

/* How the node's request answers to another value of the i-th read. */
static unsigned changes_by(struct model *m, struct twin *t, unsigned i, unsigned wanted,
			   unsigned cpu)
{
	struct values v;
	unsigned changes = 0;

	t->altered = i;
	alternatives(t, i, &v);
	for (unsigned k = 0; k < v.n && (changes & wanted) != wanted; k++)
		changes |= run_with(m, t, v.at[k], cpu);
	return changes & wanted;
}

static bool may_matter(const struct op *op)
{
	return op_reads(op) && op->kind != OP_LOCK && op->kind != OP_AWAIT && op->address;
}

static uint32_t reserve(struct model *m, unsigned n)
{
	struct dependencies *d = &m->dependencies;
	uint32_t from = d->n ? d->n : 3;

	if (from + n > d->max) {
		uint32_t max = d->max ? 2 * d->max : POOL_FIRST;
		uint16_t *at;

		while (max < from + n)
			max *= 2;
		at = realloc(d->at, max * sizeof(*at));
		if (!at) {
			model_full(m, FULL_MEMORY);
			return 0;
		}
		d->at = at;
		d->max = max;
	}
	if (!d->n)
		memset(d->at, 0, 3 * sizeof(*d->at)); /* 0: depends on nothing */
	d->n = from + n;
	return from;
}

void depend_find(struct model *m, uint32_t node)
{
	struct twin *t = m->twin_room;
	uint16_t list[3][MODEL_PATH];
	unsigned n[3] = { 0 }, wanted = CHANGE_ADDRESS;
	struct local *l = &m->locals.at[node];
	uint32_t from;
	uint16_t *p;

	if (!t && !(t = m->twin_room = calloc(1, sizeof(*t)))) {
		model_full(m, FULL_MEMORY);
		return;
	}
	t->m = m;
	if (l->op.kind == OP_STORE || (op_rmw(&l->op) && l->op.kind != OP_LOCK))
		wanted |= CHANGE_VALUE | CHANGE_GONE;
	if (!l->op.address || l->op.flags & OPF_WALK || m->twin_no_dependencies) {
		; /* none of the scenario's, or a translation, which follows its address */
	} else if (!trace_back(t, node)) {
		model_full(m, FULL_PATH);
	} else {
		for (unsigned i = 0; i + 1 < t->n; i++) {
			unsigned changes;

			if (!may_matter(op_at(t, i)))
				continue;
			changes = m->twin_invent ? wanted : changes_by(m, t, i, wanted, l->cpu);
			for (unsigned k = 0; k < 3; k++) {
				if (changes >> k & 1)
					list[k][n[k]++] = m->locals.at[t->node[i]].ordinal;
			}
		}
	}
	from = reserve(m, 3 + n[0] + n[1] + n[2]);
	p = m->dependencies.at + from;
	if (!from)
		return;
	for (unsigned k = 0; k < 3; k++)
		p[k] = (uint16_t)n[k];
	p += 3;
	for (unsigned k = 0; k < 3; k++) {
		memcpy(p, list[k], n[k] * sizeof(*p));
		p += n[k];
	}
	l->depends = from;
}

void depend_free(struct model *m)
{
	free(m->dependencies.at);
	free(m->twin_room);
	m->twin_room = NULL;
	m->dependencies = (struct dependencies){ 0 };
}
