/*
 * References on pages and folios, by regime.
 *
 * try_get is a speculative reference: it adds one unless the count is 0. None
 * of the kernel's forms checks that the pointer is (still) a folio; what each
 * version tests before the compare-and-swap is the regime's get_guard.
 * A count of 0 means frozen or free: nobody but the freezer may change it (I4).
 */
#ifndef KAPI_PAGE_REF_H
#define KAPI_PAGE_REF_H

#include "kapi/mm_types.h"
#include "kapi/sync.h"

#define page_ref_count(page) atomic_read(&(page)->_refcount)

/* The head that a fake head shows through its alias, else the page itself. Two
 * loads: a remap may fall between them, so callers recheck after their get. */
static inline struct page *page_fixed_fake_head(struct page *page)
{
	unsigned long info;

	if (this_regime()->tail == TAIL_SHARED_READ_ONLY)
		return page; /* every tail is a real tail */
	if (this_regime()->detect == DETECT_AFTER_FIRST && !READ_ONCE(this_zone()->detect))
		return page;
	if ((uintptr_t)page & (mach_page_size() - 1))
		return page;
	if (!(READ_ONCE(page->flags) & PG_HEAD))
		return page;
	info = READ_ONCE(page[1].compound_info);
	if (!(info & 1))
		return page;
	return (struct page *)(info - 1);
}

static inline bool page_is_fake_head(struct page *page)
{
	return page_fixed_fake_head(page) != page;
}

static inline struct page *compound_head(struct page *page)
{
	unsigned long info = READ_ONCE(page->compound_info);

	if (!(info & 1))
		return page_fixed_fake_head(page);
	if (this_regime()->tail == TAIL_SHARED_READ_ONLY)
		return (struct page *)((uintptr_t)page & (info - 1));
	return (struct page *)(info - 1);
}

/* The two halves of add_unless apart, for who sleeps in between. */
static inline int page_ref_look(struct page *page)
{
	int seen = page_ref_count(page);

	mach_loaded(&page->_refcount);
	return seen;
}

static inline bool page_ref_add_if(struct page *page, int seen)
{
	return atomic_cmpxchg(&page->_refcount, seen, seen + 1) == seen;
}

/* The write of try_get: the load and the compare-and-swap, or a bare add. */
static inline bool page_ref_write_get(struct page *page)
{
	if (this_regime()->get_op == GET_ADD_UNLESS)
		return atomic_add_unless(&page->_refcount, 1, 0);
	if (atomic_fetch_add(1, &page->_refcount) != 0)
		return true;
	atomic_dec(&page->_refcount); /* it was frozen: undo */
	return false;
}

static inline bool page_ref_guarded_get(struct page *page)
{
	switch (this_regime()->get_guard) {
	case GUARD_FAKE_HEAD_THEN_COUNT:
		/* Wrong order, as it was in 2024: "not fake" may be from before
		 * the remap and the count from after the hand-out (H6). */
		if (page_is_fake_head(page) || page_ref_count(page) == 0)
			return false;
		break;
	case GUARD_COUNT_THEN_FAKE_HEAD:
		/* acquire: the fake-head test sees the map that the count's
		 * writer saw; pairs with the release in page_ref_unfreeze() */
		if (atomic_read_acquire(&page->_refcount) == 0 || page_is_fake_head(page))
			return false;
		break;
	default:
		break;
	}
	return page_ref_write_get(page);
}

static inline bool page_ref_try_get(struct page *page)
{
	bool got;

	if (!this_regime()->get_rcu)
		return page_ref_guarded_get(page);
	rcu_read_lock();
	got = page_ref_guarded_get(page);
	rcu_read_unlock();
	return got;
}

/* Fails when anybody holds one reference more than expected. */
static inline bool page_ref_freeze(struct page *page, int expected)
{
	return atomic_cmpxchg(&page->_refcount, expected, 0) == expected;
}

/* release: all that was done while frozen comes before the new count; pairs
 * with the acquire of a reader's count test or compare-and-swap */
static inline void page_ref_unfreeze(struct page *page, int count)
{
	atomic_set_release(&page->_refcount, count);
}

#endif
