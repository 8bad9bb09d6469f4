/*
 * Every interleaving, by the machine that the models are named after: one
 * memory, and (tso) a first-in first-out store buffer for each CPU, from which a
 * CPU's own loads are served first. No reduction but "this state was seen".
 */
#include "program.h"
#include "visited.h"

#include <stdlib.h>

#define BUFFER (MAX_INSNS + 1)
#define UNLOCK_ENTRY 255 /* in a buffer: the end of an RCU section */

struct state {
	uint8_t pc[MAX_CPUS], waits[MAX_CPUS]; /* waits: CPUs that a grace period waits for */
	uint8_t waiting[MAX_CPUS];
	uint8_t in_section;
	uint8_t memory[MAX_WORDS];
	uint8_t n_buffer[MAX_CPUS];
	uint8_t buffer[MAX_CPUS][BUFFER][2];
	uint8_t n_reads[MAX_CPUS];
	uint8_t last, cost;  /* under a bound: CPU that moved last, preemptions */
	uint32_t reads[MAX_CPUS];
};

struct walk {
	const struct program *p;
	struct outcome_set *out;
	struct visited seen;
	bool buffered;
	int bound; /* preemptions; -1: any number */
};

#define NOBODY 255

static void visit(struct walk *w, const struct state *s);

static void drain(struct state *s, unsigned cpu)
{
	const uint8_t *entry = s->buffer[cpu][0];

	if (entry[0] == UNLOCK_ENTRY)
		s->in_section &= (uint8_t)~(1u << cpu);
	else
		s->memory[entry[0]] = entry[1];
	memmove(s->buffer[cpu][0], s->buffer[cpu][1], sizeof(s->buffer[cpu]) - 2);
	memset(s->buffer[cpu][BUFFER - 1], 0, 2);
	s->n_buffer[cpu]--;
}

static void put(struct walk *w, struct state *s, unsigned cpu, unsigned word, unsigned value)
{
	uint8_t *entry = s->buffer[cpu][s->n_buffer[cpu]++];

	entry[0] = (uint8_t)word;
	entry[1] = (uint8_t)value;
	if (!w->buffered)
		drain(s, cpu);
}

static unsigned look(const struct state *s, unsigned cpu, unsigned word)
{
	for (unsigned i = s->n_buffer[cpu]; i-- > 0;) {
		if (s->buffer[cpu][i][0] == word)
			return s->buffer[cpu][i][1];
	}
	return s->memory[word];
}

static void record(struct state *s, unsigned cpu, unsigned value)
{
	s->reads[cpu] |= (value & 15) << (4 * s->n_reads[cpu]++);
}

/* A grace period: a barrier, then wait for the sections open now. */
static bool synchronize(struct state *s, unsigned cpu)
{
	if (!s->waiting[cpu]) {
		s->waiting[cpu] = 1;
		s->waits[cpu] = s->in_section & (uint8_t)~(1u << cpu);
		return true;
	}
	if (s->waits[cpu] & s->in_section)
		return false;
	s->waiting[cpu] = s->waits[cpu] = 0;
	s->pc[cpu]++;
	return true;
}

/* False: this CPU cannot move now. */
static bool step(struct walk *w, struct state *s, unsigned cpu)
{
	const struct insn *i = &w->p->insn[cpu][s->pc[cpu]];
	bool drained = !s->n_buffer[cpu];
	unsigned seen;

	if ((insn_rmw(i) || i->kind == I_MB || i->kind == I_SYNC) && !drained)
		return false;
	if (i->kind == I_SYNC)
		return synchronize(s, cpu);
	s->pc[cpu]++;
	if (i->kind == I_LOAD) {
		record(s, cpu, look(s, cpu, i->word));
	} else if (i->kind == I_STORE) {
		put(w, s, cpu, i->word, i->value);
	} else if (insn_rmw(i)) {
		seen = s->memory[i->word];
		record(s, cpu, seen);
		if (insn_writes(i, seen))
			s->memory[i->word] = (uint8_t)insn_new(i, seen);
	} else if (i->kind == I_LOCK) {
		s->in_section |= (uint8_t)(1u << cpu);
	} else if (i->kind == I_UNLOCK) {
		put(w, s, cpu, UNLOCK_ENTRY, 0);
	}
	return true;
}

static void finish(struct walk *w, const struct state *s)
{
	struct outcome_key k = { { 0 }, 0 };

	for (unsigned i = 0; i < w->p->words; i++)
		k.final |= (uint32_t)s->memory[i] << (4 * i);
	for (unsigned i = 0; i < w->p->cpus; i++)
		k.reads[i] = s->reads[i];
	outcomes_add(w->out, &k);
}

static bool unlocking(const struct state *s, unsigned cpu)
{
	for (unsigned i = 0; i < s->n_buffer[cpu]; i++) {
		if (s->buffer[cpu][i][0] == UNLOCK_ENTRY)
			return true;
	}
	return false;
}

/* More to do than fences, and nobody to wait for. */
static bool could_go_on(const struct walk *w, const struct state *s, unsigned cpu)
{
	unsigned i = s->pc[cpu];

	while (i < w->p->n[cpu] && w->p->insn[cpu][i].kind >= I_MB &&
	       w->p->insn[cpu][i].kind <= I_WMB)
		i++;
	if (i == w->p->n[cpu])
		return false;
	for (unsigned c = 0; s->waiting[cpu] && c < w->p->cpus; c++) {
		if ((s->waits[cpu] & s->in_section) >> c & 1 && !unlocking(s, c))
			return false;
	}
	return true;
}

/* False: one preemption too many. */
static bool charge(const struct walk *w, const struct state *s, struct state *next, unsigned cpu)
{
	if (w->bound < 0)
		return true;
	if (s->last != NOBODY && s->last != cpu && could_go_on(w, s, s->last))
		next->cost++;
	next->last = (uint8_t)cpu;
	return next->cost <= w->bound;
}

static void visit(struct walk *w, const struct state *s)
{
	bool done = true;

	if (!visited_add(&w->seen, s, sizeof(*s)))
		return;
	for (unsigned cpu = 0; cpu < w->p->cpus; cpu++) {
		struct state next = *s;

		if (s->n_buffer[cpu]) {
			done = false;
			drain(&next, cpu);
			visit(w, &next);
			next = *s;
		}
		if (s->pc[cpu] == w->p->n[cpu])
			continue;
		done = false;
		if (step(w, &next, cpu) && charge(w, s, &next, cpu))
			visit(w, &next);
	}
	if (done)
		finish(w, s);
}

static void walk(const struct program *p, bool buffered, int bound, struct outcome_set *out)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct state s;

	memset(&s, 0, sizeof(s));
	w->p = p;
	w->out = out;
	w->buffered = buffered;
	w->bound = bound;
	s.last = NOBODY;
	out->n = 0;
	out->full = false;
	visit(w, &s);
	free(w);
}

void brute_sc(const struct program *p, struct outcome_set *out)
{
	walk(p, false, -1, out);
}

void brute_tso(const struct program *p, struct outcome_set *out)
{
	walk(p, true, -1, out);
}

void brute_bounded(const struct program *p, enum litmus_model model, int preemptions,
		   struct outcome_set *out)
{
	walk(p, model == LITMUS_TSO, preemptions, out);
}
