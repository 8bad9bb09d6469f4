/*
 * The life of a huge page: assembled from free pages, optimised, handed out,
 * freed, restored, dissolved. And of the order-0 page that stood there before:
 * cached, truncated, freed.
 */
#ifndef KAPI_HUGETLB_H
#define KAPI_HUGETLB_H

#include "kapi/hugetlb_vmemmap.h"

/* ---- the buddy allocator's side ---- */

static inline void free_unref_page(struct page *page)
{
	/* release: the last user's accesses come before the pages' new life;
	 * pairs with the acquire in hugetlb_assemble() */
	smp_store_release(&this_zone()->phase[page_block(page)], BLOCK_BUDDY);
}

/* All struct pages of a block to one image, the head to another. */
static inline void block_fill(unsigned block, const struct page_image *head,
			      const struct page_image *tail)
{
	unsigned vpn = block_vpn(block), per = pages_per_frame(), i;

	for (i = 1; i < mach_vmemmap_pages(); i++)
		mach_frame_fill(mach_frame_of(vpn + i), 0, per, tail,
				KAPI_SITE("initialise tail struct pages"));
	mach_frame_fill(mach_frame_of(vpn), 1, per - 1, tail,
			KAPI_SITE("initialise tail struct pages"));
	mach_frame_fill(mach_frame_of(vpn), 0, 1, head,
			KAPI_SITE("initialise the head struct page"));
}

/* Back to order-0 pages in the buddy allocator. */
static inline void hugetlb_dissolve(unsigned block)
{
	static const struct page_image free_page = { 0, 0, PGTY_NONE, 0 };

	block_fill(block, &free_page, &free_page);
	free_unref_page(block_head(block));
}

/* ---- the last put ---- */

static inline void free_huge_folio(struct page *page)
{
	unsigned block = page_block(page);

	if (page != block_head(block)) {
		/* Freed under an alias: the free list now holds a struct page
		 * that is 256 KiB * k off the huge page it stands for. */
		mach_violate(4, 5, KAPI_SITE("free_huge_folio(alias)"));
		return;
	}
	if (READ_ONCE(page->flags) & PG_VMEMMAP_OPTIMIZED) {
		if (!this_regime()->freeze)
			page_ref_unfreeze(page, 1); /* as until mid-2024 */
		if (!hvo_restore(block))
			return; /* stays in the pool as surplus */
		if (!this_regime()->freeze && !atomic_dec_and_test(&page->_refcount))
			return; /* somebody took a reference meanwhile: theirs is the last put */
	}
	hugetlb_dissolve(block);
}

static inline void __folio_put(struct page *page)
{
	if (READ_ONCE(page->page_type) == PGTY_HUGETLB)
		free_huge_folio(page);
	else
		free_unref_page(page);
}

static inline void folio_put(struct page *page)
{
	if (this_regime()->put_check == PUT_IS_FOLIO && compound_head(page) != page)
		return; /* "not a folio": the reference is never dropped (H5) */
	checkpoint("before the put");
	if (atomic_dec_and_test(&page->_refcount)) {
		checkpoint("last put, before the free");
		__folio_put(page);
	}
}

/* ---- B: truncation ---- */

static inline void truncate_slot(struct zone *z)
{
	uintptr_t page = READ_ONCE(z->slot);

	WRITE_ONCE(z->slot, 0);
	folio_put((struct page *)page); /* the page cache's reference */
}

/* ---- C: the huge page ---- */

/* Take the block from the buddy allocator; its head has refcount 1. False: some
 * page of it is still in use. */
static inline bool hugetlb_assemble(unsigned block)
{
	const struct page_image head = { PG_HEAD, 0, PGTY_HUGETLB, 1 };
	const struct page_image tail = { 0, tail_info(block), PGTY_NONE, 0 };

	/* acquire: pairs with the release in free_unref_page() */
	if (smp_load_acquire(&this_zone()->phase[block]) != BLOCK_BUDDY)
		return false;
	WRITE_ONCE(this_zone()->phase[block], BLOCK_HUGE);
	block_fill(block, &head, &tail);
	return true;
}

/* Assemble and freeze the blocks [from, to). False: one of them is in use, or a
 * spurious reference keeps its head from freezing; that one is given back. */
static inline bool hugetlb_prepare(unsigned from, unsigned to)
{
	for (; from < to; from++) {
		if (!hugetlb_assemble(from))
			return false;
		if (!hvo_freeze(block_head(from))) {
			folio_put(block_head(from)); /* whoever is last dissolves it */
			return false;
		}
	}
	return true;
}

/* Allocate the first n blocks as optimised huge pages, frozen: one grace period
 * and one flush for the batch. */
static inline bool hugetlb_alloc(unsigned n)
{
	if (!hugetlb_prepare(0, n))
		return false;
	checkpoint("frozen");
	hvo_grace_before();
	hvo_remap(n);
	return true;
}

static inline void hugetlb_hand_out(unsigned block)
{
	if (this_regime()->unfreeze == UNFREEZE_AFTER_FLUSH)
		page_ref_unfreeze(block_head(block), 1);
	checkpoint("handed out");
	/* the mutant learns late that there are optimised pages at all (H26) */
	if (this_regime()->detect == DETECT_AFTER_FIRST)
		WRITE_ONCE(this_zone()->detect, 1);
}

/* The owner's last put; restores and dissolves if nobody holds a reference. */
static inline void hugetlb_release(unsigned block)
{
	checkpoint("before the owner's put");
	folio_put(block_head(block));
	checkpoint("after the owner's put");
}

/* ---- where an instance starts ---- */

/* The first n blocks are free but for the victim, which is in the page cache
 * with the one reference of the slot. */
static inline void zone_init(struct zone *z, unsigned n, struct page *victim)
{
	static const struct page_image free_page = { 0, 0, PGTY_NONE, 0 };
	unsigned i;

	for (i = 0; i < n; i++) {
		block_fill(i, &free_page, &free_page);
		WRITE_ONCE(z->phase[i], BLOCK_BUDDY);
	}
	WRITE_ONCE(z->phase[page_block(victim)], BLOCK_CACHED);
	WRITE_ONCE(z->detect, this_regime()->detect == DETECT_BEFORE_FIRST);
	atomic_set(&victim->_refcount, 1);
	WRITE_ONCE(z->slot, (uintptr_t)victim);
}

#endif
