/*
 * Places: the pieces of memory that some CPU of this search has touched.
 *
 * Memory is bytes. Where accesses of different sizes meet, the bytes are cut into
 * cells, the largest pieces that every access covers wholly or not at all, and each
 * cell is a place of its own: it has its own coherence order and is read from its own
 * write. An access is one event for each cell that it covers, tied together by the
 * search (tie() in search/read.c). A cut that comes after its cell was used makes the search
 * start again.
 *
 * Memory is lazy. A place comes into being when an access first names it, and
 * only then is it asked what stood there at the start; a huge page's 512 struct
 * pages cost nothing until somebody looks.
 */
#ifndef MODEL_PLACE_H
#define MODEL_PLACE_H

#include <stdbool.h>
#include <stddef.h>
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
	PLACE_IPI_ASKED, /* barriers that this CPU has asked all others for, and */
	PLACE_IPI_DONE,  /* what another has answered: asker * MODEL_CPUS + CPU */
	PLACE_ARGUMENT, /* result of an actor, for the final check */
	PLACE_KINDS
};

#define PLACES_MAX 4096u
#define PLACE_TABLE (2 * PLACES_MAX)
#define PLACE_GRANULE 8u /* no aligned access crosses its end */

struct place {
	uint64_t key;  /* kind << 56 | offset */
	uint64_t init; /* value before any actor ran */
	uint16_t next; /* the cell behind it in its granule, once an access covered both */
	uint8_t size;
};

/* Where the cells of eight aligned bytes begin: bit b, before byte b. */
struct granule {
	uint64_t key;
	uint8_t cuts;
	uint16_t cell[PLACE_GRANULE]; /* index + 1 of the place that begins there */
};

struct places {
	unsigned n, n_granules;
	bool full;
	struct place at[PLACES_MAX];
	uint16_t table[PLACE_TABLE]; /* index + 1; open addressing */
	struct granule granule[PLACES_MAX];
	uint16_t granules[PLACE_TABLE];
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

/* The granule of a byte of the scenario's state or of a frame; *made: on first use. NULL:
 * there is no room. */
struct granule *place_granule(struct places *ps, uint64_t key, bool *made);

/* True: a cell that is in use has this cut inside it. */
bool granule_breaks(const struct places *ps, const struct granule *g, unsigned cut);

static inline unsigned place_byte(const struct place *p)
{
	return (unsigned)(p->key % PLACE_GRANULE);
}

#endif
