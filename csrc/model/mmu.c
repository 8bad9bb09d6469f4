#include "model/model.h"

#include <stddef.h>
#include <sys/mman.h>

#define STRUCT_PAGE 64u

bool model_map_create(struct model *m, unsigned blocks, unsigned vmemmap_pages)
{
	struct mmu *u = &m->mmu;
	size_t align = (size_t)vmemmap_pages * MMU_PAGE;

	u->blocks = blocks;
	u->vmemmap_pages = vmemmap_pages;
	u->pool = 1 + blocks * vmemmap_pages; /* frame 0 is the shared tail */
	u->pool_size = 2 * blocks * vmemmap_pages;
	u->window_size = align * blocks;
	u->linear_size = (size_t)(u->pool + (m->n_cpus + 1) * u->pool_size) * MMU_PAGE;
	u->reserved_size = u->window_size + u->linear_size + 2 * align;
	u->reserved = mmap(MODEL_WINDOW_HINT, u->reserved_size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (u->reserved == MAP_FAILED) {
		u->reserved = NULL;
		return false;
	}
	/* aligned: a shared tail finds its head by mask */
	u->window = (char *)(((uintptr_t)u->reserved + align - 1) & ~(uintptr_t)(align - 1));
	u->linear = u->window + u->window_size + align;
	return true;
}

void model_map_destroy(struct model *m)
{
	if (m->mmu.reserved)
		munmap(m->mmu.reserved, m->mmu.reserved_size);
	m->mmu.reserved = NULL;
}

static uint64_t cell_of(uint64_t word, unsigned byte, unsigned size)
{
	word >>= 8 * byte;
	return size >= 8 ? word : word & ((1ull << (size * 8)) - 1);
}

uint64_t model_map_image_word(const struct page_image *image, unsigned offset, unsigned size)
{
	switch (offset & ~7u) {
	case 0:
		return cell_of(image->flags, offset & 7, size);
	case 8:
		return cell_of(image->compound_info, offset & 7, size);
	case 48:
		return cell_of(image->page_type | (uint64_t)(uint32_t)image->refcount << 32,
			       offset & 7, size);
	default:
		return 0;
	}
}

uint64_t model_map_pattern(uint64_t pattern, uint64_t offset, unsigned size)
{
	return cell_of(pattern, offset & 7, size);
}

static uint64_t initial_cell(const struct model *m, frame_t f, unsigned offset, unsigned size)
{
	const struct mmu *u = &m->mmu;
	unsigned page = offset / STRUCT_PAGE;

	if (f == 0) {
		size_t bytes = (size_t)u->vmemmap_pages * MMU_PAGE;
		const struct page_image tail = { 0, ~(bytes - 1) | 1, 0, 0 };

		return model_map_image_word(&tail, offset % STRUCT_PAGE, size);
	}
	for (unsigned i = u->n_fills; i-- > 0;) {
		const struct mmu_fill *fill = &u->fill[i];

		if (f - fill->frame < fill->frames && page - fill->first < fill->n)
			return model_map_image_word(&fill->image, offset % STRUCT_PAGE, size);
	}
	return f < u->pool ? 0 : model_map_pattern(PATTERN_NEVER, offset, size);
}

uint64_t model_map_initial(const struct model *m, unsigned kind, uint64_t offset, unsigned size)
{
	if (kind == PLACE_PTE)
		return PTE_MAKE(1 + offset, true);
	if (kind == PLACE_FRAME)
		return initial_cell(m, (frame_t)(offset / MMU_PAGE),
				    (unsigned)(offset % MMU_PAGE), size);
	return 0;
}

static bool known(const struct follow *f, unsigned n, uint64_t key)
{
	for (unsigned i = 0; i < n; i++) {
		if (f->at[i].key == key)
			return true;
	}
	return false;
}

bool follow_has(const struct follow *f, uint64_t key)
{
	return known(f, f->frozen, key);
}

static void no_room(struct follow *f)
{
	f->full = true;
}

void follow_add(struct follow *f, uint64_t key, unsigned size)
{
	if (known(f, f->n, key))
		return;
	if (f->n == FOLLOW_MAX) {
		no_room(f);
		return;
	}
	f->at[f->n].key = key;
	f->at[f->n++].size = (uint8_t)size;
	f->more = true;
}

uint8_t follow_cuts(const struct follow *f, uint64_t key)
{
	key -= key % PLACE_GRANULE;
	for (unsigned i = 0; i < f->n_cuts; i++) {
		if (f->cut[i].key == key)
			return f->cut[i].cuts;
	}
	return 0;
}

void follow_cut(struct follow *f, uint64_t key, unsigned cuts)
{
	unsigned i = 0;

	key -= key % PLACE_GRANULE;
	while (i < f->n_cuts && f->cut[i].key != key)
		i++;
	if (i == FOLLOW_MAX) {
		no_room(f);
		return;
	}
	if (i == f->n_cuts) {
		f->cut[i].key = key;
		f->cut[f->n_cuts++].cuts = 0;
	}
	f->more |= (f->cut[i].cuts | cuts) != f->cut[i].cuts;
	f->cut[i].cuts |= (uint8_t)cuts;
}

bool follow_has_guess(const struct follow *f, const struct guess *guess)
{
	for (unsigned i = 0; i < f->n_guesses; i++) {
		const struct guess *own = &f->guess[i];

		if (own->cpu == guess->cpu && own->key == guess->key &&
		    own->value == guess->value && own->writer == guess->writer &&
		    own->pos == guess->pos)
			return true;
	}
	return false;
}

void follow_guess(struct follow *f, const struct guess *guess)
{
	if (follow_has_guess(f, guess))
		return;
	if (f->n_guesses == FOLLOW_MAX) {
		no_room(f);
		return;
	}
	f->guess[f->n_guesses++] = *guess;
	f->more = true;
}

/* One word that was followed whole before it was cut is followed in its cells. */
static void split(struct follow *f, unsigned i)
{
	uint64_t key = f->at[i].key;
	unsigned first = key % PLACE_GRANULE, end = first + f->at[i].size, b;
	uint8_t cuts = key >> 56 == PLACE_FRAME ? follow_cuts(f, key) : 0;

	for (b = first + 1; b < end; b++) {
		if (!(cuts >> b & 1))
			continue;
		f->at[i].size = (uint8_t)(b - first);
		follow_add(f, key + (b - first), end - b);
		return;
	}
}

void follow_freeze(struct follow *f)
{
	for (unsigned i = 0; i < f->n; i++)
		split(f, i);
	f->more = false;
	f->frozen = f->n;
	f->guesses_frozen = f->n_guesses;
	f->irq_frozen = f->uses_irq;
	f->ipi_frozen = f->uses_ipi;
	f->rcu_frozen = f->uses_rcu;
}

bool follow_join(struct follow *f, const struct follow *other)
{
	bool more = f->more;

	f->more = false;
	for (unsigned i = 0; i < other->n; i++)
		follow_add(f, other->at[i].key, other->at[i].size);
	for (unsigned i = 0; i < other->n_cuts; i++)
		follow_cut(f, other->cut[i].key, other->cut[i].cuts);
	for (unsigned i = 0; i < other->n_guesses; i++)
		follow_guess(f, &other->guess[i]);
	f->more |= (other->uses_irq && !f->uses_irq) || (other->uses_ipi | f->uses_ipi) != f->uses_ipi ||
		   (other->uses_rcu | f->uses_rcu) != f->uses_rcu;
	f->uses_irq |= other->uses_irq;
	f->uses_ipi |= other->uses_ipi;
	f->uses_rcu |= other->uses_rcu;
	f->full |= other->full;
	if (f->more)
		return true;
	f->more = more;
	return false;
}
