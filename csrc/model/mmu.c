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

uint64_t model_map_image_word(const struct page_image *image, unsigned offset)
{
	switch (offset) {
	case 0:
		return image->flags;
	case 8:
		return image->compound_info;
	case 48:
		return image->page_type;
	case 52:
		return (uint32_t)image->refcount;
	default:
		return 0;
	}
}

static uint64_t initial_word(const struct model *m, frame_t f, unsigned offset)
{
	const struct mmu *u = &m->mmu;
	unsigned page = offset / STRUCT_PAGE;

	if (f == 0) {
		size_t bytes = (size_t)u->vmemmap_pages * MMU_PAGE;
		const struct page_image tail = { 0, ~(bytes - 1) | 1, 0, 0 };

		return model_map_image_word(&tail, offset % STRUCT_PAGE);
	}
	for (unsigned i = u->n_fills; i-- > 0;) {
		const struct mmu_fill *fill = &u->fill[i];

		if (f - fill->frame < fill->frames && page - fill->first < fill->n)
			return model_map_image_word(&fill->image, offset % STRUCT_PAGE);
	}
	return f < u->pool ? 0 : PATTERN_NEVER;
}

uint64_t model_map_initial(const struct model *m, unsigned kind, uint64_t offset, unsigned size)
{
	uint64_t value = 0;

	if (kind == PLACE_PTE)
		return PTE_MAKE(1 + offset, true);
	if (kind == PLACE_FRAME)
		value = initial_word(m, (frame_t)(offset / MMU_PAGE),
				     (unsigned)(offset % MMU_PAGE));
	return size >= 8 ? value : value & ((1ull << (size * 8)) - 1);
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

void follow_add(struct follow *f, uint64_t key, unsigned size)
{
	if (known(f, f->n, key) || f->n == FOLLOW_MAX)
		return;
	f->at[f->n].key = key;
	f->at[f->n++].size = (uint8_t)size;
	f->more = true;
}

void follow_freeze(struct follow *f)
{
	f->more = false;
	f->frozen = f->n;
	f->irq_frozen = f->uses_irq;
	f->rcu_frozen = f->uses_rcu;
}
