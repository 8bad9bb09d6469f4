#include "model/place.h"

static unsigned slot_of(uint64_t key)
{
	return (unsigned)((key * 0x9e3779b97f4a7c15ull) >> 51) % PLACE_TABLE;
}

unsigned place_find(struct places *ps, uint64_t key, unsigned size, bool *made)
{
	unsigned slot = slot_of(key);

	*made = false;
	for (; ps->table[slot]; slot = (slot + 1) % PLACE_TABLE) {
		if (ps->at[ps->table[slot] - 1].key == key)
			return ps->table[slot] - 1u;
	}
	if (ps->n == PLACES_MAX) {
		ps->full = true; /* the run is no longer to be believed */
		return 0;
	}
	*made = true;
	ps->at[ps->n] = (struct place){ .key = key, .size = (uint8_t)size };
	ps->table[slot] = (uint16_t)(ps->n + 1);
	return ps->n++;
}

struct granule *place_granule(struct places *ps, uint64_t key, bool *made)
{
	unsigned slot;

	key -= key % PLACE_GRANULE;
	*made = false;
	for (slot = slot_of(key); ps->granules[slot]; slot = (slot + 1) % PLACE_TABLE) {
		if (ps->granule[ps->granules[slot] - 1].key == key)
			return &ps->granule[ps->granules[slot] - 1];
	}
	if (ps->n_granules == PLACES_MAX) {
		ps->full = true;
		return NULL;
	}
	*made = true;
	ps->granule[ps->n_granules] = (struct granule){ .key = key };
	ps->granules[slot] = (uint16_t)(ps->n_granules + 1);
	return &ps->granule[ps->n_granules++];
}

bool granule_breaks(const struct places *ps, const struct granule *g, unsigned cut)
{
	for (unsigned b = 0; b < cut; b++) {
		if (g->cell[b] && b + ps->at[g->cell[b] - 1].size > cut)
			return true;
	}
	return false;
}
