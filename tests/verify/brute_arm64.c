/*
 * arm64 as a machine that performs instructions out of order: each half of an
 * instruction (its read, its write) happens at one moment, in any order but for
 * what the architecture preserves within a CPU; there is one memory, so stores
 * reach all CPUs at once (Pulte et al., POPL 2018, the flat view); a load may be
 * served by an earlier store of its CPU that has not been performed yet.
 *
 * Nothing keeps a store behind an earlier load but what the architecture says, so load
 * buffering comes by itself.
 *
 * Written against the search on purpose: that one never runs anything out of
 * order, it looks for cycles; this one knows no relation, it runs.
 */
#include "program.h"
#include "visited.h"

#include <stdlib.h>

#define HALVES (MAX_CPUS * MAX_INSNS * 2)
#define NOBODY 255

struct state {
	uint8_t done[MAX_CPUS][MAX_INSNS];   /* bit 0 first half, bit 1 second half */
	uint8_t seen[MAX_CPUS][MAX_INSNS];   /* value read */
	uint8_t from[MAX_CPUS][MAX_INSNS];   /* writer read from: cpu * 16 + insn */
	uint8_t memory[MAX_WORDS], writer[MAX_WORDS];
	uint8_t n_order[MAX_WORDS];          /* writes of each word, as performed */
	uint8_t order[MAX_WORDS][MAX_CPUS * MAX_INSNS];
	uint8_t waits[MAX_CPUS];             /* sections that a grace period waits for */
};

struct walk {
	const struct program *p;
	struct outcome_set *out;
	struct visited seen;
};

#define READ_DONE 1u
#define WRITE_DONE 2u

static const struct insn *at(const struct walk *w, unsigned c, unsigned i)
{
	return &w->p->insn[c][i];
}

static bool has_read(const struct insn *i)
{
	return insn_reads(i) || i->kind == I_SYNC;
}

/* Whether there is a second half: a write, or the end of a grace period. An
 * unresolved compare has none yet; if it succeeds, its write is refused should
 * anything have overtaken it that must not (in_order()). */
static bool has_write(const struct walk *w, const struct state *s, unsigned c, unsigned i)
{
	const struct insn *in = at(w, c, i);

	if (in->kind == I_CAS)
		return s->done[c][i] & READ_DONE && s->seen[c][i] == in->old;
	return in->kind == I_STORE || insn_rmw(in) || in->kind == I_LOCK ||
	       in->kind == I_UNLOCK || in->kind == I_SYNC;
}

static bool resolved(const struct walk *w, const struct state *s, unsigned c, unsigned i)
{
	return at(w, c, i)->kind != I_CAS || s->done[c][i] & READ_DONE;
}

static bool complete(const struct walk *w, const struct state *s, unsigned c, unsigned i)
{
	const struct insn *in = at(w, c, i);

	if (in->kind >= I_MB && in->kind <= I_WMB)
		return true;
	if (has_read(in) && !(s->done[c][i] & READ_DONE))
		return false;
	return !has_write(w, s, c, i) || s->done[c][i] & WRITE_DONE;
}

static bool fence_between(const struct walk *w, unsigned c, unsigned i, unsigned j,
			  enum insn_kind kind)
{
	for (unsigned k = i + 1; k < j; k++) {
		if (at(w, c, k)->kind == kind)
			return true;
	}
	return false;
}

/* Must half `first` (of i) come before half `second` (of the later j)? */
static bool ordered(const struct walk *w, const struct state *s, unsigned c, unsigned i,
		    unsigned first, unsigned j, unsigned second)
{
	const struct insn *a = at(w, c, i), *b = at(w, c, j);
	bool a_writes = insn_rmw(a) && has_write(w, s, c, i) && resolved(w, s, c, i);
	bool b_writes = insn_rmw(b) && has_write(w, s, c, j) && resolved(w, s, c, j);

	if (a->kind == I_LOCK || a->kind == I_SYNC || b->kind == I_SYNC || b->kind == I_UNLOCK)
		return true;
	if (a->kind == I_UNLOCK || b->kind == I_LOCK)
		return false;
	if (fence_between(w, c, i, j, I_MB) || fence_between(w, c, i, j, I_SYNC))
		return true;
	if (first == READ_DONE && fence_between(w, c, i, j, I_RMB))
		return true;
	if (first == WRITE_DONE && second == WRITE_DONE && fence_between(w, c, i, j, I_WMB))
		return true;
	if (a->word == b->word && second == WRITE_DONE)
		return true; /* coherence: nothing passes a later write of its word */
	if ((a_writes && a->order == O_FULL) || (b_writes && b->order == O_FULL))
		return true;
	if (first == READ_DONE && a->order == O_ACQUIRE && (a->kind == I_LOAD || a_writes))
		return true;
	/* one that fails: exclusives leave by a branch, LSE has read with acquire */
	if (first == READ_DONE && second == WRITE_DONE && a->order == O_FULL && a->kind == I_CAS)
		return true;
	if (second == WRITE_DONE && b->order == O_RELEASE)
		return true;
	if (first == WRITE_DONE && a->order == O_RELEASE && second == READ_DONE &&
	    b->order == O_ACQUIRE && (b->kind == I_LOAD || b_writes))
		return true;
	if (first == READ_DONE &&
	    (b->addr == (int)i || (b->data == (int)i && second == WRITE_DONE)))
		return true;
	if (first == READ_DONE && second == WRITE_DONE) {
		for (unsigned k = i + 1; k < j; k++) { /* addr;po;[W] */
			if (at(w, c, k)->addr == (int)i)
				return true;
		}
	}
	return false;
}

/* Everything that must come before this half has come, and nothing that must
 * come after it has. The second can only have happened if an order came to
 * light late: a compare that turned out to succeed. */
static bool in_order(const struct walk *w, const struct state *s, unsigned c, unsigned j,
		     unsigned half)
{
	for (unsigned i = 0; i < w->p->n[c]; i++) {
		const struct insn *in = at(w, c, i);

		if (i == j || (in->kind >= I_MB && in->kind <= I_WMB))
			continue;
		for (unsigned h = READ_DONE; h <= WRITE_DONE; h++) {
			if (h == READ_DONE ? !has_read(in) : !has_write(w, s, c, i))
				continue;
			if (i < j && !(s->done[c][i] & h) && ordered(w, s, c, i, h, j, half))
				return false;
			if (i > j && s->done[c][i] & h && ordered(w, s, c, j, half, i, h))
				return false;
		}
	}
	return true;
}

/* The youngest earlier store of this CPU to this word that is sure to exist. */
static int own_store(const struct walk *w, const struct state *s, unsigned c, unsigned j)
{
	for (unsigned i = j; i-- > 0;) {
		const struct insn *in = at(w, c, i);

		if (in->word == at(w, c, j)->word && (in->kind == I_STORE || insn_rmw(in)) &&
		    resolved(w, s, c, i) && has_write(w, s, c, i))
			return (int)i;
	}
	return -1;
}

/* What must be known before store i can be forwarded to load j. */
static bool forwardable(const struct walk *w, const struct state *s, unsigned c, unsigned i,
			unsigned j)
{
	const struct insn *store = at(w, c, i), *load = at(w, c, j);

	if (insn_rmw(store) && !(s->done[c][i] & READ_DONE))
		return false;
	if (insn_rmw(store) && load->order == O_ACQUIRE)
		return false;
	if (store->addr >= 0 && !(s->done[c][store->addr] & READ_DONE))
		return false;
	return store->data < 0 || s->done[c][store->data] & READ_DONE;
}

static bool perform_read(const struct walk *w, struct state *s, unsigned c, unsigned j)
{
	const struct insn *in = at(w, c, j);
	int own = own_store(w, s, c, j);

	if (own >= 0 && !(s->done[c][own] & WRITE_DONE)) {
		if (!forwardable(w, s, c, (unsigned)own, j))
			return false;
		s->seen[c][j] = (uint8_t)insn_new(at(w, c, (unsigned)own), s->seen[c][own]);
		s->from[c][j] = (uint8_t)(c * 16 + (unsigned)own);
	} else {
		s->seen[c][j] = s->memory[in->word];
		s->from[c][j] = s->writer[in->word];
	}
	s->done[c][j] |= READ_DONE;
	return in_order(w, s, c, j, READ_DONE);
}

static bool perform_write(const struct walk *w, struct state *s, unsigned c, unsigned j)
{
	const struct insn *in = at(w, c, j);

	/* atomicity: what it read is still the newest */
	if (insn_rmw(in) && s->writer[in->word] != s->from[c][j])
		return false;
	s->done[c][j] |= WRITE_DONE;
	s->memory[in->word] = (uint8_t)insn_new(in, s->seen[c][j]);
	s->writer[in->word] = (uint8_t)(c * 16 + j);
	s->order[in->word][s->n_order[in->word]++] = s->writer[in->word];
	return true;
}

static uint8_t open_sections(const struct walk *w, const struct state *s, bool ended)
{
	uint8_t open = 0;

	for (unsigned c = 0; c < w->p->cpus; c++) {
		for (unsigned i = 0; i < w->p->n[c]; i++) {
			if (at(w, c, i)->kind == (ended ? I_UNLOCK : I_LOCK) &&
			    s->done[c][i] & WRITE_DONE)
				open |= (uint8_t)(1u << c);
		}
	}
	return open;
}

static bool perform_special(const struct walk *w, struct state *s, unsigned c, unsigned j,
			    unsigned half)
{
	s->done[c][j] |= (uint8_t)half;
	if (at(w, c, j)->kind != I_SYNC)
		return true;
	if (half == READ_DONE) {
		s->waits[c] = (uint8_t)(open_sections(w, s, false) & ~(1u << c));
		return true;
	}
	return !(s->waits[c] & ~open_sections(w, s, true));
}

static bool perform(const struct walk *w, struct state *s, unsigned c, unsigned j, unsigned half)
{
	const struct insn *in = at(w, c, j);

	if (in->kind >= I_MB && in->kind <= I_WMB)
		return false;
	if (half == READ_DONE ? !has_read(in) : !has_write(w, s, c, j))
		return false;
	if (s->done[c][j] & half || (half == WRITE_DONE && has_read(in) &&
				     !(s->done[c][j] & READ_DONE)))
		return false;
	if (!in_order(w, s, c, j, half))
		return false;
	if (in->kind >= I_LOCK)
		return perform_special(w, s, c, j, half);
	return half == READ_DONE ? perform_read(w, s, c, j) : perform_write(w, s, c, j);
}

/* Where a write stands in its word's order; the start is before all. */
static int position(const struct state *s, unsigned word, unsigned writer)
{
	for (unsigned i = 0; i < s->n_order[word]; i++) {
		if (s->order[word][i] == writer)
			return (int)i;
	}
	return -1;
}

/* Same-word accesses of one CPU see the word move forwards only. */
static bool coherent(const struct walk *w, const struct state *s)
{
	for (unsigned c = 0; c < w->p->cpus; c++) {
		int seen[MAX_WORDS] = { -1, -1, -1, -1 };

		for (unsigned i = 0; i < w->p->n[c]; i++) {
			const struct insn *in = at(w, c, i);
			int *last = &seen[in->word], here;

			if (insn_reads(in)) {
				here = position(s, in->word, s->from[c][i]);
				if (here < *last)
					return false;
				*last = here;
			}
			if ((in->kind == I_STORE || insn_rmw(in)) && has_write(w, s, c, i)) {
				here = position(s, in->word, c * 16 + i);
				if (here < *last)
					return false;
				*last = here;
			}
		}
	}
	return true;
}

static void finish(struct walk *w, const struct state *s)
{
	struct outcome_key k = { { 0 }, 0 };

	if (!coherent(w, s))
		return;
	for (unsigned i = 0; i < w->p->words; i++)
		k.final |= (uint32_t)s->memory[i] << (4 * i);
	for (unsigned c = 0; c < w->p->cpus; c++) {
		unsigned n = 0;

		for (unsigned i = 0; i < w->p->n[c]; i++) {
			if (insn_reads(at(w, c, i)))
				k.reads[c] |= (uint32_t)(s->seen[c][i] & 15) << (4 * n++);
		}
	}
	outcomes_add(w->out, &k);
}

static void visit(struct walk *w, const struct state *s)
{
	bool done = true;

	if (!visited_add(&w->seen, s, sizeof(*s)))
		return;
	for (unsigned c = 0; c < w->p->cpus; c++) {
		for (unsigned i = 0; i < w->p->n[c]; i++) {
			if (complete(w, s, c, i))
				continue;
			done = false;
			for (unsigned half = READ_DONE; half <= WRITE_DONE; half++) {
				struct state next = *s;

				if (perform(w, &next, c, i, half))
					visit(w, &next);
			}
		}
	}
	if (done)
		finish(w, s);
}

void brute_arm64(const struct program *p, struct outcome_set *out)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct state s;

	memset(&s, 0, sizeof(s));
	memset(s.from, NOBODY, sizeof(s.from));
	memset(s.writer, NOBODY, sizeof(s.writer));
	w->p = p;
	w->out = out;
	out->n = 0;
	out->full = false;
	visit(w, &s);
	free(w);
}
