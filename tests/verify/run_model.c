/* A litmus program as a scenario of the search. */
#include "program.h"
#include "visited.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "model/explore.h"

struct words {
	int word[MAX_WORDS];
};

static const struct program *now;
static struct outcome_set *into;
static const struct explore *running;
static unsigned pass;

static const struct site nowhere = { .file = "litmus", .function = "litmus",
				     .operation = "instruction", .line = 1 };

/* What was read never has these bits, but the search cannot know that: where they go
 * into an address or a value there is a dependency, and nothing else changes. */
static int never(unsigned seen)
{
	return (int)(seen >> 4);
}

static unsigned execute(const struct insn *i, int *p, int extra)
{
	enum mach_order order = (enum mach_order)i->order;
	int value = i->value + extra;

	switch (i->kind) {
	case I_LOAD:
		return (unsigned)mach_load(p, order, &nowhere);
	case I_STORE:
		mach_store(p, value, order, &nowhere);
		return 0;
	case I_ADD:
		return (unsigned)mach_fetch_add(p, value, order, &nowhere);
	case I_XCHG:
		return (unsigned)mach_xchg(p, value, order, &nowhere);
	case I_CAS:
		return (unsigned)mach_cmpxchg(p, i->old, value, order, &nowhere);
	case I_MB:
	case I_RMB:
	case I_WMB:
		mach_fence((enum mach_fence)(i->kind - I_MB), &nowhere);
		return 0;
	case I_LOCK:
		mach_rcu_read_lock(&nowhere);
		return 0;
	case I_UNLOCK:
		mach_rcu_read_unlock(&nowhere);
		return 0;
	default:
		mach_synchronize_rcu(&nowhere);
		return 0;
	}
}

static unsigned cpu(void *state)
{
	const struct program *p = now;
	struct words *w = state;
	unsigned me = mach_actor(), reads = 0, n = 0, seen[MAX_INSNS] = { 0 };

	for (unsigned i = 0; i < p->n[me]; i++) {
		const struct insn *in = &p->insn[me][i];
		int address = in->addr >= 0 ? never(seen[in->addr]) : 0;

		seen[i] = execute(in, &w->word[in->word + address],
				  in->data >= 0 ? never(seen[in->data]) : 0);
		if (insn_reads(in))
			reads |= (seen[i] & 15) << (4 * n++);
	}
	return reads;
}

static unsigned check(void *state, const unsigned *results)
{
	struct words *w = state;
	struct outcome_key k = { { 0 }, 0 };

	if (running->passes != pass) { /* what an earlier pass found does not count */
		pass = running->passes;
		into->n = 0;
	}
	for (unsigned i = 0; i < now->words; i++)
		k.final |= ((uint32_t)mach_load(&w->word[i], MACH_RELAXED, &nowhere) & 15)
			   << (4 * i);
	for (unsigned i = 0; i < now->cpus; i++)
		k.reads[i] = results[i];
	outcomes_add(into, &k);
	return 0;
}

static const struct outcome only = { "any", "any", GRADE_OK, 0, 0 };
static const struct param cpus_param = { "cpus", "", 1, MAX_CPUS, 2 };
static const struct actor actors[] = { { "cpu", "", cpu, NULL, 1 } };
static const struct scenario litmus = {
	.abi = KAPI_ABI, .size = sizeof(struct scenario), .name = "litmus",
	.params = &cpus_param, .n_params = 1, .actors = actors, .n_actors = 1,
	.outcomes = &only, .n_outcomes = 1, .state_size = sizeof(struct words),
	.check = check,
};

static struct visited graphs;

/* An optimal search meets no execution twice. */
static void count_twice(struct explore *x, uint64_t fingerprint)
{
	if (x->passes != pass)
		visited_clear(&graphs);
	if (!visited_add(&graphs, &fingerprint, sizeof(fingerprint)))
		into->twice++;
}

static void search(const struct program *p, enum litmus_model kind, int preemptions, int twin,
		   struct outcome_set *out)
{
	int params[8] = { (int)p->cpus };
	struct explore *x = calloc(1, sizeof(*x));

	now = p;
	into = out;
	visited_clear(&graphs);
	out->n = 0;
	out->full = false;
	out->twice = 0;
	x->scenario = &litmus;
	x->params = params;
	x->kind = (enum memory_model)kind;
	x->preemptions = preemptions;
	x->twin_free_switch = twin == 3;
	x->twin_drop_revisit = twin == 1;
	x->twin_no_fr = twin == 2;
	x->leaf = count_twice;
	running = x;
	pass = 0;
	explore_run(x);
	out->executions = x->executions;
	if (x->bounded && !x->cut)
		out->full = true;
	explore_end(x);
	free(x);
}

void litmus_search(const struct program *p, enum litmus_model kind, int twin,
		   struct outcome_set *out)
{
	search(p, kind, -1, twin, out);
}

void litmus_bounded(const struct program *p, enum litmus_model kind, int preemptions, int twin,
		    struct outcome_set *out)
{
	search(p, kind, preemptions, twin, out);
}
