/* The frame allocator and the scribbler that owns what is free. */
#include "native/mmu.h"

#include <string.h>

static struct frame_stack *stack_of(struct mmu *m, unsigned n)
{
	return n == 1 ? &m->heads : &m->tails;
}

/*
 * Whole pages move by memcpy and memcmp: nobody but a lost reader looks meanwhile,
 * and it looks at aligned words, which no vector instruction of our hosts tears.
 */
static void scribble(struct mmu *m, frame_t f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		memcpy(mmu_frame(m, f + i), m->scribble, m->page_size);
}

static bool scribble_intact(struct mmu *m, frame_t f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (memcmp(mmu_frame(m, f + i), m->scribble, m->page_size))
			return false;
	}
	return true;
}

frame_t frames_alloc(struct mmu *m, unsigned n, bool *scribbled_over)
{
	struct frame_stack *s = stack_of(m, n);
	frame_t f = FRAME_NONE;

	pthread_mutex_lock(&m->frames);
	if (s->n)
		f = s->free[--s->n]; /* last in, first out: the freshest is the hottest */
	pthread_mutex_unlock(&m->frames);
	*scribbled_over = f != FRAME_NONE && !scribble_intact(m, f, n);
	return f;
}

void frames_free(struct mmu *m, frame_t f, unsigned n)
{
	struct frame_stack *s = stack_of(m, n);

	scribble(m, f, n);
	pthread_mutex_lock(&m->frames);
	s->free[s->n++] = f;
	pthread_mutex_unlock(&m->frames);
}

static bool frame_is_shown(const uint8_t *shown, frame_t f, unsigned run)
{
	unsigned i;

	for (i = 0; i < run; i++) {
		if (shown[f + i])
			return true;
	}
	return false;
}

static void stack_reclaim(struct mmu *m, struct frame_stack *s, const uint8_t *shown)
{
	frame_t f = s->first;
	unsigned i;

	s->n = 0;
	for (i = 0; i < s->size; i++, f += s->run) {
		if (frame_is_shown(shown, f, s->run))
			continue;
		scribble(m, f, s->run);
		s->free[s->n++] = f;
	}
}

void frames_reclaim(struct mmu *m)
{
	size_t n_ptes = (size_t)m->instances * m->blocks * m->vmemmap_pages, i;
	uint8_t *shown = __builtin_calloc(m->linear_size / m->page_size, 1);

	if (!shown)
		return; /* the frames stay lost until the map goes */
	for (i = 0; i < n_ptes; i++) {
		if (m->ptes[i].valid)
			shown[m->ptes[i].frame] = 1;
	}
	stack_reclaim(m, &m->heads, shown);
	stack_reclaim(m, &m->tails, shown);
	__builtin_free(shown);
}

/*
 * Struct pages [first, first + n) of a frame to one image. Relaxed stores: a
 * reader with an old pointer may look at any time, as in the kernel.
 */
void mmu_fill(struct mmu *m, frame_t f, unsigned first, unsigned n,
	      const struct page_image *image)
{
	char *row = (char *)mmu_frame(m, f) + (size_t)first * STRUCT_PAGE_SIZE;
	/* page_type at byte 48 and _refcount at byte 52 are one aligned word */
	union {
		struct {
			unsigned int page_type;
			int refcount;
		} half;
		uint64_t word;
	} type_and_count = { { image->page_type, image->refcount } };

	for (; n; n--, row += STRUCT_PAGE_SIZE) {
		uint64_t *word = (uint64_t *)(void *)row;

		__atomic_store_n(&word[0], image->flags, __ATOMIC_RELAXED);
		__atomic_store_n(&word[1], image->compound_info, __ATOMIC_RELAXED);
		__atomic_store_n(&word[6], type_and_count.word, __ATOMIC_RELAXED);
	}
}

void mmu_copy(struct mmu *m, frame_t to, frame_t from)
{
	memcpy(mmu_frame(m, to), mmu_frame(m, from), m->page_size);
}
