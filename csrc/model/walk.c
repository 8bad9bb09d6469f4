#include "model/walk.h"

#include <string.h>

/* One lane for each CPU; the compiler makes vector instructions of it. */
typedef int16_t clocks __attribute__((vector_size(2 * MODEL_CPUS)));

struct word {
	uint64_t value;
	uint32_t run;      /* the run that wrote the rest; older ones do not count */
	bool plain_read, plain_write;
	clocks wrote, read; /* what a later access must come after, to be no race */
};

struct walker {
	struct explore *x;
	uint32_t run;
	unsigned n, able[MODEL_CPUS]; /* CPUs that can move */
	uint32_t node[MODEL_CPUS];
	uint32_t idle[MODEL_CPUS];    /* writes that there were at its last relax */
	uint32_t writes;
	unsigned results[MODEL_CPUS];
	bool died;
	bool recording;
	unsigned n_script;
	struct script_step script[TRACE_MAX];
	clocks clock[MODEL_CPUS];
	struct word word[PLACES_MAX];
};

static inline clocks later(clocks a, clocks b)
{
	clocks which = a > b;

	return (a & which) | (b & ~which);
}

static inline bool within(clocks a, clocks b)
{
	clocks over = a > b;
	uint64_t half[2];

	memcpy(half, &over, sizeof(half));
	return !(half[0] | half[1]);
}

static struct word *word_of(struct walker *w, unsigned place)
{
	struct word *word = &w->word[place];

	if (word->run != w->run) {
		*word = (struct word){ .run = w->run, .value = w->x->m->places.at[place].init };
	}
	return word;
}

static void race(struct walker *w, unsigned cpu)
{
	explore_violation(w->x, VIOLATION_RACE, 0, 0, -1, w->node[cpu], (uint8_t)cpu);
}

static void ordered_read(struct walker *w, unsigned cpu, struct word *word, bool plain)
{
	clocks *c = &w->clock[cpu];

	if ((plain || word->plain_write) && !within(word->wrote, *c))
		race(w, cpu);
	if (!plain)
		*c = later(*c, word->wrote);
	word->plain_read |= plain;
	word->read = later(word->read, *c);
}

static void ordered_write(struct walker *w, unsigned cpu, struct word *word, bool plain)
{
	clocks *c = &w->clock[cpu];

	if ((plain || word->plain_write || word->plain_read) &&
	    (!within(word->wrote, *c) || !within(word->read, *c)))
		race(w, cpu);
	if (!plain)
		*c = later(*c, later(word->wrote, word->read));
	word->plain_write |= plain;
	word->wrote = later(word->wrote, *c);
	w->writes++;
}

static void record(struct walker *w, unsigned cpu, uint32_t value)
{
	if (w->recording && w->n_script < TRACE_MAX)
		w->script[w->n_script++] = (struct script_step){ .cpu = (uint8_t)cpu,
			.from = SCRIPT_NEWEST, .value = value };
}

/* False: it has to wait. */
static bool access(struct walker *w, unsigned cpu, const struct op *op)
{
	struct word *word = word_of(w, op->place);
	bool plain = op->flags & OPF_PLAIN;
	uint64_t seen = word->value;

	if (op_waits(op, seen))
		return false;
	w->clock[cpu][cpu]++;
	if (op_reads(op)) {
		ordered_read(w, cpu, word, plain);
		record(w, cpu, 0);
	}
	if (op->kind == OP_STORE || (op_rmw(op) && op_writes_after(op, seen))) {
		ordered_write(w, cpu, word, plain);
		word->value = op_written(op, seen);
		record(w, cpu, 0);
	}
	w->node[cpu] = model_step(w->x->m, w->node[cpu], op_reads(op) ? seen : 0);
	return true;
}

static void leave(struct walker *w, unsigned i)
{
	w->able[i] = w->able[--w->n];
}

/* One step of the i-th CPU that can move. False: it has to wait. */
static bool step(struct walker *w, unsigned i)
{
	struct model *m = w->x->m;
	unsigned cpu = w->able[i];
	const struct op *op = &m->locals.at[w->node[cpu]].op;

	if (op->kind <= OP_AWAIT)
		return access(w, cpu, op);
	if (op->kind == OP_RELAX && w->idle[cpu] == w->writes + 1)
		return false; /* nobody has written since its last turn */
	if (op->kind == OP_RELAX)
		w->idle[cpu] = w->writes + 1;
	if (op->kind == OP_END || op->kind == OP_VIOLATE) {
		w->results[cpu] = (unsigned)op->value;
		if (op->kind == OP_VIOLATE) {
			w->died = true;
			explore_violation(w->x, (enum violation)op->old, op_hazard(op),
					  op_invariant(op), -1, w->node[cpu], (uint8_t)cpu);
		}
		leave(w, i);
		return true;
	}
	if (op->kind == OP_CHOICE) {
		unsigned v = explore_draw(w->x, (unsigned)op->value);

		record(w, cpu, v);
		w->node[cpu] = model_step(m, w->node[cpu], v);
	} else {
		w->node[cpu] = model_step(m, w->node[cpu], 0);
	}
	return true;
}

static void check(struct walker *w)
{
	struct model *m = w->x->m;
	uint32_t node = model_check_root(m, w->results);
	const struct op *op;

	while (node != LOCAL_NONE) {
		op = &m->locals.at[node].op;
		if (op->kind == OP_END) {
			explore_outcome(w->x, (unsigned)op->value);
			return;
		}
		if (op->kind == OP_VIOLATE)
			return;
		node = model_step(m, node, op_reads(op) ? word_of(w, op->place)->value : 0);
	}
}

static unsigned leader(struct walker *w)
{
	struct explore *x = w->x;
	unsigned best = 0;

	if (x->strategy == STRATEGY_RANDOM)
		return w->n > 1 ? explore_draw(x, w->n) : 0;
	for (unsigned i = 1; i < w->n; i++) {
		if (x->priority[w->able[i]] > x->priority[w->able[best]])
			best = i;
	}
	explore_falls(x, &x->priority[w->able[best]]);
	return best;
}

/* Every CPU that can move is tried before the run counts as stuck. */
static bool move(struct walker *w)
{
	unsigned first = leader(w);

	for (unsigned k = 0; k < w->n; k++) {
		if (step(w, (first + k) % w->n))
			return true;
	}
	return false;
}

static enum violation stuck_kind(const struct walker *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		if (w->x->m->locals.at[w->node[w->able[i]]].op.kind == OP_RELAX)
			return VIOLATION_SPIN;
	}
	return VIOLATION_DEADLOCK;
}

static void run(struct walker *w)
{
	struct model *m = w->x->m;

	w->run++;
	w->n = m->n_cpus;
	w->writes = 0;
	w->died = false;
	for (unsigned i = 0; i < w->n; i++) {
		w->able[i] = i;
		w->node[i] = m->root[i];
		w->idle[i] = 0;
		w->clock[i] = (clocks){ 0 };
	}
	while (w->n && !m->out_of_memory) {
		if (move(w))
			continue;
		w->x->blocked += !w->x->telling;
		if (!w->died)
			explore_violation(w->x, stuck_kind(w), 0, 8, -1,
					  w->node[w->able[0]], (uint8_t)w->able[0]);
		return;
	}
	w->x->executions += !w->x->telling;
	if (!w->died)
		check(w);
}

bool walk_possible(const struct explore *x)
{
	return x->kind == MODEL_SC && x->strategy != STRATEGY_DFS &&
	       !(x->scenario->flags & SCENARIO_VMEMMAP);
}

/* The run again, from the same numbers, written down this time. */
static void tell(struct walker *w, uint64_t random, unsigned step)
{
	struct explore *x = w->x;
	uint64_t after = x->random;

	x->telling = w->recording = true;
	w->n_script = 0;
	x->random = random;
	x->step = step;
	explore_new_run(x);
	run(w);
	w->recording = false;
	explore_tell(x, w->script, w->n_script);
	x->random = after;
}

static bool untold(const struct explore *x)
{
	for (unsigned i = 0; x->trace && i < x->n_found; i++) {
		if (!x->found[i].n && x->found[i].count == 1)
			return true;
	}
	return false;
}

void walk_runs(struct explore *x)
{
	struct walker *w = (struct walker *)x->arena;

	x->arena_base = (sizeof(*w) + 63) & ~(size_t)63;
	w->x = x;
	w->run = 0;
	while (!x->stopped && !x->m->out_of_memory && !explore_limit(x)) {
		uint64_t random = x->random;
		unsigned found = x->n_found, longest = x->longest, step = x->step;

		explore_new_run(x);
		run(w);
		if (x->n_found != found && untold(x)) {
			x->longest = longest;
			tell(w, random, step);
		}
	}
	x->arena_base = 0;
}
