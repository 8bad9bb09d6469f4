/*
 * The software page table, its TLBs and the frames behind it.
 *
 * A vmemmap page is shown by a page-table entry; a frame is physical memory. An
 * access through the window is a page walk (a read of the entry, which may be
 * as old as the last flush) and then an access to the frame that the walk saw.
 * A frame has a generation word, raised when it is freed and when it is handed
 * out; an access through a translation made for an older one is I2.
 */
#ifndef MODEL_MMU_H
#define MODEL_MMU_H

#include "kapi/contract.h"

#define MMU_PAGE 4096u
#define MMU_FILLS 256u     /* bulk initialisations in INIT */
#define MMU_TOUCHED 1024u  /* words of frames that are worth following */

/* A page-table entry as a value: frame << 2 | writable << 1 | present. */
#define PTE_PRESENT 1ull
#define PTE_WRITE 2ull
#define PTE_FRAME(pte) ((frame_t)((pte) >> 2))
#define PTE_MAKE(f, w) ((uint64_t)(f) << 2 | ((w) ? PTE_WRITE : 0) | PTE_PRESENT)

/* What is local to a CPU. */
struct mmu_cpu {
	unsigned rcu_nest, rcu_count, irq_nest, irq_count;
	unsigned in_handler, interrupted;
	uintptr_t mark;     /* mach_loaded(): this address */
	uint64_t mark_pte;  /* ... was seen through this entry */
	uint64_t last_pte;  /* of the last walk, and its address */
	uintptr_t last_address;
	unsigned frames_taken;
};

/* A bulk write of INIT: what a word of a frame held at the start. */
struct mmu_fill {
	frame_t frame;
	unsigned first, n;   /* struct pages */
	struct page_image image;
};

struct mmu {
	char *window, *linear;      /* reserved, not mapped */
	size_t window_size, linear_size;
	unsigned pages_per_block;   /* vmemmap pages behind one huge page */
	unsigned blocks, frames;
	unsigned n_fills;
	struct mmu_fill fill[MMU_FILLS];
	unsigned n_touched;         /* offsets in a frame that single accesses named */
	bool touched_more;          /* one came too late: the search starts again */
	uint32_t touched[MMU_TOUCHED]; /* frame * page size + offset, and log2 size */
};

struct model;
int mmu_create(struct model *m, unsigned blocks, unsigned pages_per_block);
void mmu_destroy(struct model *m);
/* Initial value of a word of a frame, a page-table entry or an owner word. */
uint64_t mmu_initial(struct model *m, unsigned kind, uint64_t offset, unsigned size);

#endif
