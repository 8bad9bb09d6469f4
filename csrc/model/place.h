/*
 * Places: the memory words that some CPU of this search has touched.
 *
 * Memory is lazy. A place comes into being when an access first names it, and
 * only then is it asked what stood there at the start; a huge page's 512 struct
 * pages cost nothing until somebody looks.
 */
#ifndef MODEL_PLACE_H
#define MODEL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum place_kind {
	PLACE_STATE,    /* offset into the scenario's state */
	PLACE_FRAME,    /* byte of physical memory: frame * page size + offset */
	PLACE_PTE,      /* page-table entry, by vpn */
	PLACE_OWNER,    /* generation and owner of a frame */
	PLACE_RCU_IN,   /* read sections begun on this CPU, and ended */
	PLACE_RCU_OUT,
	PLACE_IRQ_IN,   /* sections with interrupts off begun, and ended */
	PLACE_IRQ_OUT,
	PLACE_PAUSE,    /* pauses of the other CPUs begun, and ended */
	PLACE_RESUME,
	PLACE_ARGUMENT, /* result of an actor, for the final check */
	PLACE_KINDS
};

#define PLACES_MAX 4096u
#define PLACE_TABLE (2 * PLACES_MAX)

struct place {
	uint64_t key;  /* kind << 56 | offset */
	uint64_t init; /* value before any actor ran */
	uint8_t size;
};

struct places {
	unsigned n;
	bool full;
	struct place at[PLACES_MAX];
	uint16_t table[PLACE_TABLE]; /* index + 1; open addressing */
};

static inline uint64_t place_key(enum place_kind kind, uint64_t offset)
{
	return (uint64_t)kind << 56 | offset;
}

static inline enum place_kind place_kind(const struct place *p)
{
	return (enum place_kind)(p->key >> 56);
}

static inline uint64_t place_offset(const struct place *p)
{
	return p->key & ((1ull << 56) - 1);
}

/* The place of this key, made on first use: *made is then set and init is 0. */
unsigned place_find(struct places *ps, uint64_t key, unsigned size, bool *made);

#endif
