/*
 * struct page, folios and the zone that one instance of a scenario owns.
 *
 * struct page is 64 bytes with _refcount at byte 52, as on x86-64 and arm64. A
 * folio pointer is the struct page pointer of its head, which is a *virtual*
 * address inside the vmemmap: remapping the vmemmap changes what it shows.
 */
#ifndef KAPI_MM_TYPES_H
#define KAPI_MM_TYPES_H

#include "kapi/atomic.h"

#define PG_HEAD 0x1ul
#define PG_HWPOISON 0x2ul
#define PG_VMEMMAP_OPTIMIZED 0x4ul

enum page_type { PGTY_NONE, PGTY_HUGETLB };

struct page {
	unsigned long flags;
	/* A tail: bit 0 set, and either the head's address or, with shared
	 * tails, the mask that turns this page's own address into it. */
	unsigned long compound_info;
	unsigned long mapping;
	unsigned long index;
	unsigned long private;
	unsigned long reserved;
	unsigned int page_type;
	atomic_t _refcount;
	unsigned long memcg_data;
};

_Static_assert(sizeof(struct page) == STRUCT_PAGE_SIZE, "HVO needs a power of two");
_Static_assert(offsetof(struct page, _refcount) == 52, "as in the kernel");

enum block_phase {
	BLOCK_CACHED, /* order-0 pages; one of them, the victim, is in the page cache */
	BLOCK_BUDDY,  /* every page is back in the buddy allocator */
	BLOCK_HUGE,   /* assembled into a huge page */
};

#define ZONE_BLOCKS 4

/* First member of the state of every scenario with a vmemmap. */
struct zone {
	uintptr_t slot;         /* page-cache slot or PTE: a struct page, or 0 */
	int phase[ZONE_BLOCKS]; /* enum block_phase of each huge-page-sized block */
	int detect;             /* fake-head detection is switched on */
};

#define this_zone() ((struct zone *)mach_state())
#define this_regime() mach_regime()

/* What happened on the way, in the notes of the actor that ran into it. */
#define NOTE_REFUSED 0x10u   /* try_get refused */
#define NOTE_SPURIOUS 0x20u  /* got a reference, the recheck failed, put it back */
#define NOTE_ALIAS 0x40u     /* ... and the pointer was a fake head by then */
#define NOTE_NO_FREEZE 0x80u /* freeze met a spurious reference and gave up */
#define NOTE_MASK 0xf0u

static inline unsigned pages_per_frame(void)
{
	return (unsigned)(mach_page_size() / sizeof(struct page));
}

static inline unsigned block_pages(void)
{
	return mach_vmemmap_pages() * pages_per_frame();
}

static inline struct page *block_head(unsigned block)
{
	return (struct page *)mach_vmemmap() + (size_t)block * block_pages();
}

/* Index of a struct page in its block; the head is 0, fake heads are the
 * multiples of pages_per_frame(). */
static inline struct page *block_page(unsigned block, unsigned index)
{
	return block_head(block) + index;
}

static inline unsigned page_block(const struct page *page)
{
	return (unsigned)((size_t)(page - (struct page *)mach_vmemmap()) / block_pages());
}

/* Flags change by compare-and-swap: others set theirs in the same word. */
static inline void page_set_flag(struct page *page, unsigned long flag)
{
	unsigned long seen = READ_ONCE(page->flags), old;

	do {
		old = seen;
		seen = mach_cmpxchg(&page->flags, old, old | flag, MACH_FULL,
				    KAPI_SITE("set_bit(flag, &page->flags)"));
	} while (seen != old);
}

static inline void page_clear_flag(struct page *page, unsigned long flag)
{
	unsigned long seen = READ_ONCE(page->flags), old;

	do {
		old = seen;
		seen = mach_cmpxchg(&page->flags, old, old & ~flag, MACH_FULL,
				    KAPI_SITE("clear_bit(flag, &page->flags)"));
	} while (seen != old);
}

/* compound_info of a tail of this block under the regime's encoding. */
static inline unsigned long tail_info(unsigned block)
{
	unsigned long bytes = block_pages() * sizeof(struct page);

	if (this_regime()->tail == TAIL_SHARED_READ_ONLY)
		return ~(bytes - 1) | 1;
	return (unsigned long)block_head(block) | 1;
}

#endif
