#include "model/place.h"

unsigned place_find(struct places *ps, uint64_t key, unsigned size, bool *made)
{
	unsigned slot = (unsigned)((key * 0x9e3779b97f4a7c15ull) >> 51) % PLACE_TABLE;

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
	ps->at[ps->n] = (struct place){ key, 0, (uint8_t)size };
	ps->table[slot] = (uint16_t)(ps->n + 1);
	return ps->n++;
}
