/*
 * Litmus programs as data: straight-line code of a few CPUs over a few words.
 *
 * One program is run by the search (run_model.c) and by explorers that share
 * nothing with it (brute_*.c); the sets of outcomes must be equal.
 */
#ifndef LITMUS_PROGRAM_H
#define LITMUS_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS 4
#define MAX_INSNS 8
#define MAX_WORDS 4
#define MAX_OUTCOMES 8192

enum insn_kind {
	I_LOAD, I_STORE, I_ADD, I_XCHG, I_CAS,
	I_MB, I_RMB, I_WMB,
	I_LOCK, I_UNLOCK, I_SYNC, /* RCU */
	I_KINDS
};
enum insn_order { O_RELAXED, O_ACQUIRE, O_RELEASE, O_FULL };

struct insn {
	uint8_t kind, order, word;
	uint8_t value, old;
	int8_t addr;   /* the instruction whose load gives this one's address; -1 */
	int8_t data;   /* the instruction whose load gives the value stored; -1 */
};

struct program {
	unsigned cpus, words;
	unsigned n[MAX_CPUS];
	struct insn insn[MAX_CPUS][MAX_INSNS];
};

/* What a run showed: every value read, and what each word ended as; 4 bits each. */
struct outcome_key {
	uint32_t reads[MAX_CPUS];
	uint32_t final;
};

struct outcome_set {
	unsigned n;
	bool full;
	uint64_t executions; /* of the search that made it */
	uint64_t twice;      /* ... that it met more than once */
	struct outcome_key at[MAX_OUTCOMES];
};

static inline bool insn_reads(const struct insn *i)
{
	return i->kind == I_LOAD || (i->kind >= I_ADD && i->kind <= I_CAS);
}

static inline bool insn_rmw(const struct insn *i)
{
	return i->kind >= I_ADD && i->kind <= I_CAS;
}

static inline bool insn_writes(const struct insn *i, unsigned seen)
{
	return i->kind == I_STORE || i->kind == I_ADD || i->kind == I_XCHG ||
	       (i->kind == I_CAS && seen == i->old);
}

static inline unsigned insn_new(const struct insn *i, unsigned seen)
{
	return (i->kind == I_ADD ? seen + i->value : i->value) & 15;
}

void outcomes_add(struct outcome_set *s, const struct outcome_key *k);
/* Sorted afterwards. True: equal. */
bool outcomes_equal(struct outcome_set *a, struct outcome_set *b);
bool outcomes_have(const struct outcome_set *s, const struct outcome_key *k);

enum litmus_model { LITMUS_SC, LITMUS_TSO, LITMUS_ARM64 };

/* Twins break the search on purpose: 1 drops revisits, 2 from-reads order. */
void litmus_search(const struct program *p, enum litmus_model model, int twin,
		   struct outcome_set *out);
/* With at most so many preemptions; twin 3 counts none of them. */
void litmus_bounded(const struct program *p, enum litmus_model model, int preemptions, int twin,
		    struct outcome_set *out);
/* The same without reduction, sc and tso. */
void brute_bounded(const struct program *p, enum litmus_model model, int preemptions,
		   struct outcome_set *out);
void brute_sc(const struct program *p, struct outcome_set *out);
void brute_tso(const struct program *p, struct outcome_set *out);
void brute_arm64(const struct program *p, struct outcome_set *out);

void program_print(const struct program *p);
/* A program of 2 or 3 CPUs from this seed. */
void program_random(struct program *p, uint64_t seed, bool arm64);

#endif
