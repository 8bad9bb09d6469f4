/*
 * Small programs with page-table operations, as data.
 *
 * One program is run by the search (run_translation.c) and by a step machine that
 * shares nothing with it (step_machine.c); what the two can show must be equal.
 * docs/translations.md has the rules of the step machine, by number.
 */
#ifndef LITMUS_TRANSLATION_H
#define LITMUS_TRANSLATION_H

#include <stdbool.h>
#include <stdint.h>

#define T_CPUS 3
#define T_OPS 8
#define T_PAGES 2              /* of the window */
#define T_WORDS 2              /* of the shared state */
#define T_FRAMES (T_PAGES + T_CPUS) /* behind the window at first; one more of each CPU */
#define T_OUTCOMES 8192

enum t_kind {
	T_LOAD, T_STORE, T_XCHG,       /* page, value: through the window */
	T_WORD_LOAD, T_WORD_STORE,     /* word, value: shared state */
	T_FRAME_LOAD, T_FRAME_STORE,   /* frame, value: through the linear map */
	T_FREE, T_FILL, T_COPY,        /* frame; frame, value; to, from */
	T_SET, T_ALIAS, T_CLEAR,       /* page, frame, writable; frame, writable; page */
	T_FLUSH,                       /* page, T_PAGES: all of them */
	T_MB,
	T_IRQ_OFF, T_IRQ_ON, T_RCU_LOCK, T_RCU_UNLOCK, T_GRACE,
	T_PAUSE, T_RESUME,
	T_KINDS
};

struct t_op {
	uint8_t kind, a, b, c;
};

enum t_model { T_SC, T_TSO, T_ARM64 };

/* The fields of struct regime that a translation depends on. */
struct t_program {
	enum t_model model;
	int replace, window, flush;
	unsigned cpus;
	unsigned n[T_CPUS];
	struct t_op op[T_CPUS][T_OPS];
};

/* Values of words of frames: small numbers, and what a frame is full of. */
#define T_FREED 14u
#define T_NEVER 15u

/* Of a run in which every CPU came to its end: what it read, oldest in the lowest
 * four bits; and words, frames and entries (frame + 1, or 0) as they ended. */
struct t_outcome {
	uint32_t reads[T_CPUS];
	uint32_t unused;
	uint64_t final;
};

#define T_DEADLOCK 1u          /* bit 0 of hazards; bit n is hazard n */

struct t_outcomes {
	unsigned n;
	bool full;             /* too large to compare */
	uint32_t hazards;      /* met by some CPU in some run */
	uint64_t executions;
	struct t_outcome at[T_OUTCOMES];
};

static inline uint64_t t_final(const unsigned *word, const unsigned *frame, const unsigned *entry)
{
	uint64_t all = 0;

	for (unsigned i = T_PAGES; i-- > 0;)
		all = all << 4 | entry[i];
	for (unsigned i = T_FRAMES; i-- > 0;)
		all = all << 4 | frame[i];
	for (unsigned i = T_WORDS; i-- > 0;)
		all = all << 4 | word[i];
	return all;
}

/* Whether some CPU may translate through the entry of this page. */
static inline bool t_walked(const struct t_program *p, unsigned page)
{
	for (unsigned c = 0; c < p->cpus; c++) {
		for (unsigned i = 0; i < p->n[c]; i++) {
			if (p->op[c][i].kind <= T_XCHG && p->op[c][i].a == page)
				return true;
		}
	}
	return false;
}

void t_outcomes_add(struct t_outcomes *s, const struct t_outcome *o);
bool t_outcomes_have(const struct t_outcomes *s, const struct t_outcome *o);

/* broken: the search forgets every second revisit. */
void translation_search(const struct t_program *p, bool broken, struct t_outcomes *out);
/* twin: the rule of the machine that is broken on purpose; 0: none. */
void step_machine(const struct t_program *p, unsigned twin, struct t_outcomes *out);

#endif
