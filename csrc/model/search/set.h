/*
 * Sets of events as bit vectors of WORDS 64-bit words: the build compiles the search once
 * for each width.
 */
#ifndef SEARCH_SET_H
#define SEARCH_SET_H

#include <stdbool.h>
#include <stdint.h>

#define SET_BITS (64 * WORDS)

typedef struct {
	uint64_t w[WORDS];
} set_t;

static inline set_t set_bit(unsigned i)
{
	set_t s = { { 0 } };

	s.w[WORDS == 1 ? 0 : i / 64] = 1ull << (i % 64);
	return s;
}

#define SET_BINARY(name, expression)                                \
	static inline set_t name(set_t a, set_t b)            \
	{                                                           \
		for (unsigned i = 0; i < WORDS; i++)                \
			a.w[i] = (expression);                      \
		return a;                                           \
	}
SET_BINARY(set_or, a.w[i] | b.w[i])
SET_BINARY(set_and, a.w[i] & b.w[i])
SET_BINARY(set_minus, a.w[i] & ~b.w[i])
#undef SET_BINARY

static inline bool set_empty(set_t a)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < WORDS; i++)
		any |= a.w[i];
	return !any;
}

static inline bool set_meets(set_t a, set_t b)
{
	return !set_empty(set_and(a, b));
}

static inline bool set_has(set_t a, unsigned i)
{
	return a.w[WORDS == 1 ? 0 : i / 64] >> (i % 64) & 1;
}

static inline unsigned set_count(set_t a)
{
	unsigned n = 0;

	for (unsigned i = 0; i < WORDS; i++)
		n += (unsigned)__builtin_popcountll(a.w[i]);
	return n;
}

/* Removes and returns the lowest member; the set must not be empty. */
static inline unsigned set_take(set_t *a)
{
	unsigned i = 0, bit;

	while (WORDS > 1 && !a->w[i])
		i++;
	bit = (unsigned)__builtin_ctzll(a->w[i]);
	a->w[i] &= a->w[i] - 1;
	return i * 64 + bit;
}

/* The lowest number that is not a member; SET_BITS when full. */
static inline unsigned set_free(set_t a)
{
	for (unsigned i = 0; i < WORDS; i++) {
		if (~a.w[i])
			return i * 64 + (unsigned)__builtin_ctzll(~a.w[i]);
	}
	return SET_BITS;
}

#define SET_NONE ((set_t){ { 0 } })
#define SET_EACH(i, s) \
	for (set_t left_##i = (s); !set_empty(left_##i) && ((i = set_take(&left_##i)), 1);)

#endif
