/*
 * The software page table, its TLBs and the frames behind it.
 *
 * A vmemmap page is shown by a page-table entry; a frame is physical memory. An
 * access through the window is a page walk (a read of the entry, which may be
 * as old as the last flush) and then an access to the frame that the walk saw.
 *
 * A freed frame belongs to whoever writes: it is written full of a pattern at
 * once, so an access that comes after the free, through whatever translation,
 * meets the pattern (I2). A frame that was never written holds another one, and
 * an access that meets it came before the contents were published (H13).
 */
#ifndef MODEL_MMU_H
#define MODEL_MMU_H

#include "kapi/contract.h"

#define MMU_PAGE 4096u
#define MMU_FILLS 64u      /* bulk initialisations in INIT */
#define MMU_RANGES 64u     /* page-table changes that one CPU made */
#define FOLLOW_MAX 1024u

#define PATTERN_FREED 0x5c71bb1e5c71bb1eull
#define PATTERN_NEVER 0x6d82cc2f6d82cc2full

/* A page-table entry as a value: frame << 2 | writable << 1 | present. */
#define PTE_PRESENT 1ull
#define PTE_WRITE 2ull
#define PTE_FRAME(pte) ((frame_t)((pte) >> 2))
#define PTE_MAKE(f, w) ((uint64_t)(f) << 2 | ((w) ? PTE_WRITE : 0) | PTE_PRESENT)

/* What a CPU itself has put into entries that no CPU walks. */
struct mmu_range {
	unsigned vpn, n;
	frame_t frame;
	bool alias;
};

/* What is local to a CPU. */
struct mmu_cpu {
	unsigned rcu_nest, rcu_count, irq_nest, irq_count;
	unsigned broken;    /* entries that this CPU has broken and not yet made */
	unsigned pausing;   /* the other CPUs are paused by this one */
	bool in_handler, interrupted;
	uintptr_t last;     /* last address that was walked for, and what was seen */
	uint64_t last_pte;
	uintptr_t mark;     /* mach_loaded(): the address, and the entry it was seen through */
	uint64_t mark_pte;
	frame_t frames;     /* handed out */
	unsigned ipi_asked;
	uint8_t ipi_seen[KAPI_MAX_ACTORS];
	unsigned n_hidden;  /* broken while the others are paused, not yet made */
	uint16_t hidden[MMU_RANGES];
	unsigned n_ranges;
	struct mmu_range range[MMU_RANGES];
};

/* A bulk write of INIT: what a word of a frame held at the start. */
struct mmu_fill {
	frame_t frame;
	unsigned frames;     /* from frame on, all alike */
	unsigned first, n;   /* struct pages of each */
	struct page_image image;
};

struct mmu {
	char *window, *linear;      /* reserved, not mapped */
	size_t window_size, linear_size;
	char *reserved;
	size_t reserved_size;
	unsigned vmemmap_pages;     /* behind one huge page */
	unsigned blocks;
	frame_t pool, pool_size;    /* first frame to hand out; frames of each CPU */
	unsigned n_fills;
	struct mmu_fill fill[MMU_FILLS];
};

/*
 * Words of frames and page-table entries that some CPU names one by one. Bulk
 * operations (fill, copy, free, a range of entries) act on these only: nobody
 * sees the rest. A word that turns up in the middle of a search makes the search
 * start again, with that word followed from the beginning; so does a cut of a cell
 * (place.h), a value that a read may see early, a CPU that begins to use sections. The
 * lists only grow, so that ends. Searches that share a tree between them join their
 * lists and start again until all have the same: what one meets, all follow.
 */
struct follow {
	unsigned n, frozen;         /* words; of which this search follows the first */
	bool more;                  /* something turned up */
	bool full;                  /* and there was no room for it: nothing is complete */
	bool uses_irq, irq_frozen;
	uint8_t uses_ipi, ipi_frozen; /* CPUs that ask all others for a barrier: sync.c */
	uint8_t uses_rcu, rcu_frozen; /* CPUs, as bits, that ever hold an RCU section */
	unsigned n_cuts;            /* of granules that accesses of several sizes share */
	unsigned n_guesses, guesses_frozen;
	struct { uint64_t key; uint8_t size; } at[FOLLOW_MAX];
	struct { uint64_t key; uint8_t cuts; } cut[FOLLOW_MAX];
	/* what a read of this CPU may see before it is written: search/guess.c */
	struct guess {
		uint64_t key, value;
		uint8_t cpu;    /* that reads */
		uint8_t writer; /* whose write it is, and */
		uint16_t pos;   /* how many events that CPU makes before it */
	} guess[FOLLOW_MAX];
};

struct model;
bool model_map_create(struct model *m, unsigned blocks, unsigned vmemmap_pages);
void model_map_destroy(struct model *m);
/* Value at the start of a cell of a frame or of a page-table entry. */
uint64_t model_map_initial(const struct model *m, unsigned kind, uint64_t offset, unsigned size);
/* A word of a struct page under this image, or a part of one. */
uint64_t model_map_image_word(const struct page_image *image, unsigned offset, unsigned size);
/* The bytes of a frame that was freed, or never written. */
uint64_t model_map_pattern(uint64_t pattern, uint64_t offset, unsigned size);

void follow_add(struct follow *f, uint64_t key, unsigned size);
/* Whether this search follows it. */
bool follow_has(const struct follow *f, uint64_t key);
void follow_freeze(struct follow *f);
/* Where the granule of this key is cut, as known so far. */
uint8_t follow_cuts(const struct follow *f, uint64_t key);
void follow_cut(struct follow *f, uint64_t key, unsigned cuts);
/* Everything that the other has met becomes this one's. True: that was news. */
bool follow_join(struct follow *f, const struct follow *other);
bool follow_has_guess(const struct follow *f, const struct guess *guess);
void follow_guess(struct follow *f, const struct guess *guess);

#endif
