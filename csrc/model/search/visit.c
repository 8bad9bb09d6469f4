/* The main loop of the search: which CPU goes on, and what a full run amounts to. */

/* A write that is due belongs to the read before it, so it goes first; then the
 * lowest CPU that can move. -1: none. */
static int next(const graph_t *g)
{
	int found = -1;

	for (int i = (int)g->n_cpus - 1; i >= 0; i--) {
		if (g->thread[i].phase == WRITE_DUE || g->thread[i].phase == ACCESS_DUE)
			return i;
		if (g->thread[i].phase == RUNNABLE && g->thread[i].node != LOCAL_NONE)
			found = i;
	}
	return found;
}

static uint64_t final(const struct explore *x, const graph_t *g, unsigned place)
{
	unsigned w;

	if (place < g->n_places) {
		SET_EACH(w, g->place[place].writes) {
			if (set_empty(g->co_after[w]))
				return g->event[w].value;
		}
	}
	return x->m->places.at[place].init;
}

/* The final check reads what every place ended as. */
static void check(struct explore *x, const graph_t *g, const unsigned *results)
{
	uint32_t node = model_check_root(x->m, results);
	const struct op *op;

	for (;;) {
		if (node == LOCAL_NONE)
			return;
		op = &x->m->locals.at[node].op;
		if (op->kind == OP_END)
			break;
		if (op->kind == OP_VIOLATE) {
			violation(x, g, explore_violation(x, (enum violation)op->old,
					op_hazard(op), op_invariant(op), -1, node,
					MODEL_CPUS), -1, SET_NONE);
			return;
		}
		node = model_step(x->m, node, op_reads(op) ? final(x, g, op->place) : 0);
	}
	violation(x, g, explore_outcome(x, (unsigned)op->value), -1, SET_NONE);
}

/* First event of the turn that a spinning CPU has just ended. */
static unsigned turn_start(const struct explore *x, const thread_t *t)
{
	const struct locals *ls = &x->m->locals;
	const struct site *site = ls->at[t->node].op.site;
	uint32_t node = t->node;

	while (ls->at[node].parent != LOCAL_NONE) {
		node = ls->at[node].parent;
		if (ls->at[node].op.kind == OP_RELAX && ls->at[node].op.site == site)
			return ls->at[node].ordinal;
	}
	return 0;
}

/* Whether anything that a CPU waits on has a newer value that it did not read. */
static bool waits_on_old(const struct explore *x, const graph_t *g, const thread_t *t)
{
	unsigned i = t->phase == SPINS ? turn_start(x, t) : t->count - 1u;

	for (; i < t->count; i++) {
		const event_t *ev = &g->event[t->at[i]];

		if (ev->reads && !set_empty(writes_after(g, ev->place, ev->rf)))
			return true;
	}
	return false;
}

/* Nobody can move and somebody has not finished. If what it waits for is the
 * newest there is, nothing will ever end the wait. */
static void stuck(struct explore *x, const graph_t *g)
{
	enum violation kind = VIOLATION_DEADLOCK;
	bool stale = false;
	int cpu = -1;

	for (unsigned i = 0; i < g->n_cpus; i++) {
		const thread_t *t = &g->thread[i];

		/* somebody waits for a CPU that died of a violation: no news */
		if (t->phase == STOPPED && x->m->locals.at[t->node].op.kind == OP_VIOLATE)
			stale = true;
		if ((t->phase != WAITS && t->phase != SPINS) || t->last < 0)
			continue;
		cpu = (int)i;
		if (t->phase == SPINS)
			kind = VIOLATION_SPIN;
		stale |= waits_on_old(x, g, t);
	}
	if (explore_mine(x))
		x->blocked++;
	if (!stale && cpu >= 0)
		violation(x, g, explore_violation(x, kind, 0, 8, -1, g->thread[cpu].node,
							(uint8_t)cpu), cpu, SET_NONE);
}

/* The same for two graphs that have the same reads-from and coherence. */
static uint64_t fingerprint(const struct explore *x, const graph_t *g)
{
	uint64_t all = 0;
	unsigned e;

	SET_EACH(e, g->used) {
		const event_t *ev = &g->event[e];
		uint64_t h = (uint64_t)ev->node * 4 + ev->writes;

		if (ev->reads && ev->rf != RF_INIT)
			h += (uint64_t)g->event[ev->rf].node << 24;
		if (ev->writes)
			h += (uint64_t)set_count(g->co_after[e]) << 48;
		h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
		all += (h ^ (h >> 27)) * 0x94d049bb133111ebull;
	}
	(void)x;
	return all;
}

/* Every CPU has ended, none waits. */
static bool complete(const graph_t *g)
{
	for (unsigned i = 0; i < g->n_cpus; i++) {
		if (g->thread[i].phase != RUNNABLE && g->thread[i].phase != STOPPED)
			return false;
	}
	return true;
}

static void leaf(struct explore *x, const graph_t *g)
{
	unsigned results[MODEL_CPUS];
	bool stopped = false;

	if (!complete(g)) {
		stuck(x, g);
		return;
	}
	for (unsigned i = 0; i < g->n_cpus; i++) {
		const struct op *op = &x->m->locals.at[g->thread[i].node].op;

		stopped |= op->kind != OP_END;
		results[i] = (unsigned)op->value;
	}
	if (explore_mine(x))
		x->executions++;
	if (x->leaf)
		x->leaf(x, fingerprint(x, g));
	if (!stopped)
		check(x, g, results);
	if (x->strategy == STRATEGY_DFS && explore_limit(x))
		x->stopped = true;
}

/* A turn of a retry loop is over. If it read from the very events that the turn
 * before read from, and wrote nothing, another turn would do the same again:
 * this CPU waits until something it read is revisited. */
static bool idle_turn(const struct explore *x, const graph_t *g, const thread_t *t)
{
	const struct locals *ls = &x->m->locals;
	uint32_t here = t->node, node = here;
	unsigned ends[2] = { 0, 0 }, marks = 0, i, n;

	while (ls->at[node].parent != LOCAL_NONE) {
		node = ls->at[node].parent;
		if (ls->at[node].op.kind != OP_RELAX ||
		    ls->at[node].op.site != ls->at[here].op.site)
			continue;
		ends[marks++] = ls->at[node].ordinal;
		if (marks == 2)
			break;
	}
	if (marks == 0)
		return false;
	n = t->count - ends[0];
	if (marks == 1)
		ends[1] = ends[0] >= n ? ends[0] - n : 0;
	if (n == 0 || ends[0] - ends[1] != n)
		return n == 0;
	for (i = 0; i < n; i++) {
		const event_t *a = &g->event[t->at[ends[0] + i]];
		const event_t *b = &g->event[t->at[ends[1] + i]];

		if (a->writes || a->place != b->place || a->rf != b->rf || !a->reads)
			return false;
	}
	return true;
}

/* The environment picks v. */
static bool add_choice(struct explore *x, graph_t *g, thread_t *t, uint64_t v)
{
	event_t ev = { .node = t->node, .value = v, .rf = RF_INIT,
		       .cpu = (uint8_t)(t - g->thread) };
	unsigned e;

	ev.next = model_step(x->m, t->node, v);
	e = add(x, g, t, &ev);
	if (e == SET_BITS)
		return false;
	g->pred[e] = t->order.row[0];
	t->node = ev.next;
	t->phase = RUNNABLE;
	return true;
}

static bool visit_choice(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	unsigned cpu = (unsigned)(t - g->thread);

	for (uint64_t v = op->value; v-- > 0 && !x->stopped;) {
		graph_t *h = v ? copy(x, g) : g;

		if (!h || !add_choice(x, h, &h->thread[cpu], v))
			return false;
		if (v)
			visit_copy(x, h);
	}
	return !x->stopped;
}

static bool visit_flush(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	event_t ev = { .node = t->node, .place = op->place, .rf = RF_INIT,
		       .cpu = (uint8_t)(t - g->thread) };
	set_t base = flush_base(g, t, op->place, &x->m->locals);
	unsigned e;

	ev.next = model_step(x->m, t->node, 0);
	e = add(x, g, t, &ev);
	if (e == SET_BITS)
		return false;
	g->pred[e] = base;
	g->place[op->place].flushes = set_or(g->place[op->place].flushes, set_bit(e));
	flushed(t, closure(g, e));
	t->node = ev.next;
	t->phase = RUNNABLE;
	return true;
}

/* Requests that are no events. False: the CPU stopped. */
static void pass(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	if (op->kind == OP_RELAX && idle_turn(x, g, t)) {
		t->phase = SPINS;
		return;
	}
	if (op->kind == OP_FENCE)
		fence(t, op);
	t->node = model_step(x->m, t->node, 0);
}

/* A CPU's end, or a request that is no event. */
static void visit_other(struct explore *x, graph_t *g, thread_t *t, const struct op *op)
{
	int cpu = (int)(t - g->thread);

	if (op->kind != OP_END && op->kind != OP_VIOLATE) {
		pass(x, g, t, op);
		return;
	}
	t->phase = STOPPED;
	if (op->kind == OP_VIOLATE)
		violation(x, g, explore_violation(x, (enum violation)op->old,
				op_hazard(op), op_invariant(op), -1, t->node, (uint8_t)cpu), cpu,
				t->last < 0 ? SET_NONE : set_bit((unsigned)t->last));
}

static bool place_known(struct explore *x, graph_t *g, const struct op *op)
{
	if (op->kind > OP_AWAIT && op->kind != OP_FLUSH)
		return true;
	if (op->place >= GRAPH_PLACES) {
		x->too_wide = x->stopped = true;
		return false;
	}
	place_seen(g, op->place);
	return true;
}

/* The next event of t, or what is none. False: this branch is over. */
static bool advance(struct explore *x, graph_t *g, thread_t *t)
{
	const struct op *op = &x->m->locals.at[t->node].op;

	if (t->phase == WRITE_DUE || op->kind == OP_STORE)
		return visit_write(x, g, t, op);
	if (op_reads(op))
		return visit_read(x, g, t, op);
	if (op->kind == OP_FLUSH)
		return visit_flush(x, g, t, op);
	if (op->kind == OP_CHOICE)
		return visit_choice(x, g, t, op);
	visit_other(x, g, t, op);
	return true;
}

static void estimate(struct explore *x);

static void visit(struct explore *x, graph_t *g)
{
	bool going = true;

	while (going && !x->stopped && !x->m->out_of_memory) {
		int cpu = next(g);
		thread_t *t = &g->thread[cpu < 0 ? 0 : cpu];
		const struct op *op = &x->m->locals.at[t->node].op;

		if (cpu < 0) {
			leaf(x, g);
			if (x->steps >= x->estimate_next)
				estimate(x);
			return;
		}
		if (!place_known(x, g, op))
			return;
		going = advance(x, g, t);
	}
}

#include "model/search_random.h"
#include "model/search_estimate.h"
#include "model/search_bound.h"
#include "model/search_script.h"

int explore(struct explore *x)
{
	graph_t *g = (graph_t *)(x->arena + x->arena_base);

	x->arena_used = x->arena_base + sizeof(*g);
	x->depth = x->dealt = 0;
	start_over(x, g);
	if (x->script)
		script(x, g);
	else if (x->strategy == STRATEGY_DFS && x->preemptions >= 0)
		bounded(x, g, -1, 0);
	else if (x->strategy == STRATEGY_DFS)
		visit(x, g);
	else
		random_runs(x, g);
	return x->too_wide;
}
