#include "model/seen.h"

#include <stdlib.h>

#define FIRST_SIZE (1u << 12)
#define LAST_SIZE ((size_t)1 << 25) /* 256 MiB; full: the search goes on without */

static uint64_t *find(uint64_t *slot, size_t size, uint64_t key)
{
	size_t i = (size_t)(key >> 24) & (size - 1);

	while (slot[i] && (slot[i] ^ key) >> 8)
		i = (i + 1) & (size - 1);
	return &slot[i];
}

static bool grow(struct seen *s)
{
	size_t size = s->size ? s->size * 2 : FIRST_SIZE;
	uint64_t *slot;

	if (size > LAST_SIZE)
		return false;
	slot = calloc(size, sizeof(*slot));
	if (!slot)
		return false;
	for (size_t i = 0; i < s->size; i++) {
		if (s->slot[i])
			*find(slot, size, s->slot[i]) = s->slot[i];
	}
	free(s->slot);
	s->slot = slot;
	s->size = size;
	return true;
}

bool seen_add(struct seen *s, uint64_t key, unsigned cost)
{
	uint64_t *at;

	key &= ~(uint64_t)SEEN_COST_MAX;
	key |= (uint64_t)!key << 8;
	if (s->n * 2 >= s->size && !grow(s) && s->n + 1 >= s->size)
		return true;
	at = find(s->slot, s->size, key);
	if (*at && (*at & SEEN_COST_MAX) <= cost)
		return false;
	s->n += !*at;
	*at = key | cost;
	return true;
}

void seen_free(struct seen *s)
{
	free(s->slot);
	*s = (struct seen){ 0 };
}
