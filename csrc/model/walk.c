#include "model/walk.h"
#include "model/walk_code.h"

#include <string.h>

/* One lane for each CPU; the compiler makes vector instructions of it. */
typedef int16_t clocks __attribute__((vector_size(2 * MODEL_CPUS)));

struct word {
	uint64_t value;
	unsigned plain;   /* 1: it was read plainly; 2: written */
	clocks before[2]; /* what the next read comes after: writes; the next write: all */
} __attribute__((aligned(64)));

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define VERDICTS 1024u

/* Where the final check stands once it knows these results, four bits each. */
struct verdict {
	uint32_t results, node;
	unsigned pass;
};

struct walker {
	struct explore *x;
	unsigned n;                   /* CPUs that can move */
	uint64_t able;                /* which: a byte each; a shift is no random load */
	uint32_t node[MODEL_CPUS];
	uint32_t idle[MODEL_CPUS];    /* writes of others that there were when it last waited */
	uint32_t writes, own[MODEL_CPUS];
	bool died;
	bool recording;
	unsigned n_words;             /* of this run; places are found as it goes */
	unsigned n_script;
	struct script_step script[TRACE_MAX];
	clocks clock[MODEL_CPUS];
	clocks tick[MODEL_CPUS];      /* 1 in the lane of the CPU */
	struct verdict verdict[VERDICTS];
	struct word word[PLACES_MAX + 1];
	struct code spare;
	struct code code[CODES] __attribute__((aligned(64)));
};

static const clocks none_or_all[2] = { { 0 }, { -1, -1, -1, -1, -1, -1, -1, -1 } };

static inline clocks later(clocks a, clocks b)
{
	for (unsigned i = 0; i < MODEL_CPUS; i++)
		a[i] = a[i] > b[i] ? a[i] : b[i];
	return a;
}

static inline uint64_t any(clocks a)
{
	uint64_t half[2];

	memcpy(half, &a, sizeof(half));
	return half[0] | half[1];
}

/* Words of places that were found since. */
static void words_set(struct walker *w, unsigned from)
{
	const struct places *ps = &w->x->m->places;

	for (unsigned i = from; i < ps->n; i++)
		w->word[i] = (struct word){ .value = ps->at[i].init };
	w->n_words = ps->n;
}

static __attribute__((noinline)) struct code *code_new(struct walker *w, uint32_t node)
{
	struct code *c = node < CODES ? &w->code[node] : &w->spare;

	code_make(w->x, c, node);
	return c;
}

static inline struct code *code_of(struct walker *w, uint32_t node)
{
	struct code *c = &w->code[node];

	if (__builtin_expect(node >= CODES || c->pass != w->x->passes, 0))
		return code_new(w, node);
	return c;
}

static __attribute__((noinline)) uint32_t look_up(struct walker *w, uint32_t node,
						  struct code *c, uint64_t answer)
{
	uint32_t next = model_step(w->x->m, node, answer);
	uint32_t *slot = &c->next[answer % CODE_NEXT];

	words_set(w, w->n_words);
	if (next < CODES && next != LOCAL_NONE && *slot == LOCAL_NONE) {
		code_of(w, next);
		*slot = next;
	}
	return next;
}

/* After an end nothing follows: nowhere is right. */
static inline uint32_t follow(struct walker *w, uint32_t node, struct code *c, uint64_t answer)
{
	uint32_t next = c->next[answer % CODE_NEXT];

	if (__builtin_expect(w->code[next].came == answer, 1) &&
	    __builtin_expect((next | (c->flags & CODE_END)) != 0, 1))
		return next;
	return look_up(w, node, c, answer);
}

/* An access that should have come after more than its CPU's clock says: a race. Both its
 * sides are known to a graph only, so the runs are made again as graphs. */
static __attribute__((noinline)) void race(struct walker *w)
{
	w->x->races = w->x->follow.more = w->x->stopped = true;
}

static inline void record(struct walker *w, unsigned cpu, uint64_t value)
{
	if (__builtin_expect(w->recording, 0) && w->n_script < TRACE_MAX)
		w->script[w->n_script++] = (struct script_step){ .cpu = (uint8_t)cpu,
			.from = SCRIPT_NEWEST, .value = value };
}

/* a if which is 1, b if it is 0, and no branch: compilers like to make one of ?: */
static inline uint64_t either(unsigned which, uint64_t a, uint64_t b)
{
	return b ^ ((a ^ b) & -(uint64_t)which);
}

/* A read, a write, a read and then a write: which, is a matter of masks. */
static ALWAYS_INLINE uint64_t access(struct walker *w, unsigned cpu, const struct code *c)
{
	struct word *word = &w->word[c->place];
	uint64_t seen = word->value;
	unsigned reads = c->flags & CODE_READS, writes = code_writes(c, seen);
	unsigned plain = c->flags / CODE_PLAIN & 1u;
	unsigned unsafe = plain | word->plain >> 1 | (word->plain & writes);
	clocks now = w->clock[cpu] + w->tick[cpu];
	clocks after = later(word->before[0], word->before[1] & none_or_all[writes]);

	if (__builtin_expect((any(after > now) & -(uint64_t)unsafe) != 0, 0))
		race(w);
	now = later(now, after & none_or_all[!plain]);
	word->plain |= (reads | writes << 1) & -plain;
	word->before[0] = later(word->before[0], now & none_or_all[writes]);
	word->before[1] = later(word->before[1], now);
	w->clock[cpu] = now;
	w->writes += writes;
	w->own[cpu] += writes;
	word->value = either(writes, code_written(c, seen), seen);
	if (__builtin_expect(w->recording, 0)) {
		if (reads)
			record(w, cpu, 0);
		if (writes)
			record(w, cpu, 0);
	}
	return either(reads, seen, 0);
}

static bool waits(const struct walker *w, const struct code *c)
{
	uint64_t seen = w->word[c->place].value;

	return c->kind == OP_LOCK ? seen != 0 : seen < c->value;
}

_Static_assert(MODEL_CPUS <= sizeof(((struct walker *)0)->able), "a byte for each CPU");

static inline unsigned able(const struct walker *w, unsigned i)
{
	return w->able >> 8 * i & 0xff;
}

/* The i-th CPU that can move, if it is over, gives its turn to the last one. */
static inline void leave_if(struct walker *w, unsigned i, bool over)
{
	uint64_t swap = able(w, i) ^ able(w, w->n - 1);

	w->able ^= (swap & -(uint64_t)over) << 8 * i;
	w->n -= over;
}

/* A CPU that repeats itself stands where it stood, and what its turn did is left out of
 * the record. It waits until another CPU has written. */
static bool wait_here(struct walker *w, unsigned cpu, uint32_t from)
{
	const struct local *at = w->x->m->locals.at;
	unsigned turn = at[w->node[cpu]].ordinal - at[from].ordinal, n = w->n_script;
	uint32_t others = w->writes - w->own[cpu];

	if (w->idle[cpu] == others + 1)
		return false;
	w->idle[cpu] = others + 1;
	w->node[cpu] = from;
	while (w->recording && turn > 0 && n-- > 0) {
		if (w->script[n].cpu != cpu)
			continue;
		memmove(&w->script[n], &w->script[n + 1],
			(w->n_script - n - 1) * sizeof(w->script[0]));
		w->n_script--;
		turn--;
	}
	return true;
}

/* An access to several cells, or with another arithmetic than addition. */
static uint64_t access_cells(struct walker *w, unsigned cpu, const struct op *op)
{
	const struct places *ps = &w->x->m->places;
	uint64_t seen = 0, written;
	unsigned place = op->place, shift = 0, writes;

	for (unsigned i = 0; i < op->cells; i++, place = ps->at[place].next) {
		seen |= w->word[place].value << shift;
		shift += 8u * ps->at[place].size;
	}
	seen = op_mask(op, seen);
	writes = op->kind == OP_STORE || (op_rmw(op) && op_writes_after(op, seen));
	written = op->kind == OP_STORE ? op->value : op_written(op, seen);
	place = op->place;
	for (unsigned i = 0; i < op->cells; i++, place = ps->at[place].next) {
		unsigned size = ps->at[place].size;
		struct code c = { .place = (uint16_t)place, .value = written, .kind = op->kind,
				  .unused = size >= 8 ? 0 : (uint8_t)(64 - 8 * size) };

		c.flags = (uint8_t)((op_reads(op) ? CODE_READS : 0) |
				    (writes ? CODE_WRITES : 0) |
				    (op->flags & OPF_PLAIN ? CODE_PLAIN : 0));
		access(w, cpu, &c);
		written = size >= 8 ? 0 : written >> 8 * size;
	}
	return op->kind == OP_STORE ? 0 : seen;
}

/* What is no access, or no simple one. False: it has to wait. */
static __attribute__((noinline)) bool other_step(struct walker *w, unsigned i)
{
	struct model *m = w->x->m;
	unsigned cpu = able(w, i);
	uint64_t v = 0;
	const struct op *op = &m->locals.at[w->node[cpu]].op;

	if (op->kind == OP_VIOLATE) {
		w->died = true;
		explore_violation(w->x, (enum violation)op->old, op_hazard(op),
				  op_invariant(op), -1, w->node[cpu], (uint8_t)cpu);
		leave_if(w, i, true);
		return true;
	}
	if (local_of(op)->idle != LOCAL_NONE)
		return wait_here(w, cpu, local_of(op)->idle);
	if (op->kind <= OP_AWAIT)
		v = access_cells(w, cpu, op);
	else if (op->kind == OP_CHOICE) {
		v = explore_draw(w->x, (unsigned)op->value);
		record(w, cpu, v);
	}
	w->node[cpu] = follow(w, w->node[cpu], code_of(w, w->node[cpu]), v);
	return true;
}

/* One step of the i-th CPU that can move. False: it has to wait. An end is no case of
 * its own either: it touches the word that is nowhere, and stays where it is. */
static ALWAYS_INLINE bool step(struct walker *w, unsigned i)
{
	unsigned cpu = able(w, i), node = w->node[cpu], next;
	struct code *c = code_of(w, node);
	bool end = c->flags & CODE_END;

	if (__builtin_expect(c->flags & (CODE_OTHER | CODE_WAITS), 0)) {
		if (c->flags & CODE_OTHER)
			return other_step(w, i);
		if (waits(w, c))
			return false;
	}
	next = follow(w, node, c, access(w, cpu, c));
	w->node[cpu] = (uint32_t)either(end, node, next);
	leave_if(w, i, end);
	return true;
}

/* Where the final check stands that knows the results. */
static uint32_t check_node(struct walker *w)
{
	unsigned n = w->x->m->n_cpus, large = 0, results[MODEL_CPUS];
	struct verdict *v;
	uint32_t key = 0;

	for (unsigned i = 0; i < n; i++) {
		results[i] = (unsigned)code_of(w, w->node[i])->value;
		key = key << 4 | results[i];
		large |= results[i];
	}
	if (large > 15)
		return model_check_root(w->x->m, results);
	v = &w->verdict[key * 0x9e3779b1u >> 22]; /* Fibonacci hashing, 10 bits */
	if (v->results != key || v->pass != w->x->passes)
		*v = (struct verdict){ key, model_check_root(w->x->m, results), w->x->passes };
	return v->node;
}

static void check(struct walker *w)
{
	struct model *m = w->x->m;
	uint32_t node = check_node(w);
	const struct op *op;

	while (node != LOCAL_NONE) {
		op = &m->locals.at[node].op;
		if (op->kind == OP_END) {
			explore_outcome(w->x, (unsigned)op->value);
			return;
		}
		if (op->kind == OP_VIOLATE) {
			explore_violation(w->x, (enum violation)op->old, op_hazard(op),
					  op_invariant(op), -1, node, MODEL_CPUS);
			return;
		}
		words_set(w, w->n_words);
		node = model_step(m, node, op_reads(op) ? w->word[op->place].value : 0);
	}
}

static inline unsigned leader(struct walker *w)
{
	struct explore *x = w->x;
	unsigned best = 0;

	if (x->strategy == STRATEGY_RANDOM)
		return explore_draw(x, w->n);
	for (unsigned i = 1; i < w->n; i++) {
		if (x->priority[able(w, i)] > x->priority[able(w, best)])
			best = i;
	}
	explore_falls(x, &x->priority[able(w, best)]);
	return best;
}

static __attribute__((noinline)) bool move_another(struct walker *w, unsigned first)
{
	for (unsigned k = 1; k < w->n; k++) {
		if (step(w, (first + k) % w->n))
			return true;
	}
	return false;
}

/* Every CPU that can move is tried before the run counts as stuck. */
static inline bool move(struct walker *w)
{
	unsigned first = leader(w);

	return __builtin_expect(step(w, first), 1) || move_another(w, first);
}

static enum violation stuck_kind(const struct walker *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		if (w->x->m->locals.at[w->node[able(w, i)]].idle != LOCAL_NONE)
			return VIOLATION_SPIN;
	}
	return VIOLATION_DEADLOCK;
}

static void run(struct walker *w)
{
	struct model *m = w->x->m;

	words_set(w, 0);
	w->n = m->n_cpus;
	w->able = 0;
	w->writes = 0;
	w->died = false;
	for (unsigned i = 0; i < w->n; i++) {
		w->able |= (uint64_t)i << 8 * i;
		w->node[i] = m->root[i];
		w->idle[i] = w->own[i] = 0;
		w->clock[i] = (clocks){ 0 };
	}
	while (w->n && !m->out_of_memory) {
		if (move(w))
			continue;
		if (!w->died)
			explore_violation(w->x, stuck_kind(w), 0, 8, -1,
					  w->node[able(w, 0)], (uint8_t)able(w, 0));
		explore_blocked(w->x);
		return;
	}
	if (!w->died)
		check(w);
	explore_executed(w->x);
}

bool walk_possible(const struct explore *x)
{
	return x->kind == MODEL_SC && x->strategy != STRATEGY_DFS && !x->races &&
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
	w->word[CODE_NOWHERE] = (struct word){ 0 };
	for (unsigned i = 0; i < MODEL_CPUS; i++)
		w->tick[i][i] = 1;
	while (!x->stopped && !x->m->out_of_memory) {
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
