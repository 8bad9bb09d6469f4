/* States seen, by a 64-bit hash: keeps a brute-force walk finite in time. */
#ifndef LITMUS_VISITED_H
#define LITMUS_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VISITED_SLOTS (1u << 18)

struct visited {
	uint32_t n;
	uint64_t slot[VISITED_SLOTS];
};

static inline void visited_clear(struct visited *v)
{
	memset(v, 0, sizeof(*v));
}

/* True the first time. The state must have no padding that is not zeroed. */
static inline bool visited_add(struct visited *v, const void *state, size_t size)
{
	const uint8_t *p = state;
	uint64_t h = 0xcbf29ce484222325ull;
	uint32_t i;

	for (size_t k = 0; k < size; k++)
		h = (h ^ p[k]) * 0x100000001b3ull;
	h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9ull;
	h |= !h;
	for (i = (uint32_t)(h >> 44) % VISITED_SLOTS; v->slot[i]; i = (i + 1) % VISITED_SLOTS) {
		if (v->slot[i] == h)
			return false;
	}
	if (v->n >= VISITED_SLOTS / 2)
		return true; /* full: walk on without memory */
	v->n++;
	v->slot[i] = h;
	return true;
}

#endif
