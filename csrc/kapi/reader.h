/*
 * The three readers, each with what it holds while it looks:
 *   page cache: an RCU read section;
 *   GUP-fast: interrupts off, which no grace period passes either;
 *   PFN walker: nothing.
 *
 * Each returns the page with a reference, or NULL. A reference that the recheck
 * does not confirm is put back and noted (NOTE_SPURIOUS, and NOTE_ALIAS when
 * the pointer had become a fake head).
 */
#ifndef KAPI_READER_H
#define KAPI_READER_H

#include "kapi/hugetlb.h"

static inline struct page *xas_load(uintptr_t *slot)
{
	return (struct page *)READ_ONCE(*slot);
}

static inline bool folio_try_get(struct page *page)
{
	struct page *head;

	if (!page_ref_try_get(page)) {
		mach_note(NOTE_REFUSED);
		return false;
	}
	if (!this_regime()->canonicalise)
		return true;
	head = compound_head(page);
	if (head == page)
		return true;
	/* The count is the head's own, seen through an alias: drop it there. */
	mach_note(NOTE_SPURIOUS | NOTE_ALIAS);
	folio_put(head);
	return false;
}

/* A reference on something that is no longer what the lookup was after. */
static inline void reader_put_back(struct page *page)
{
	mach_note(NOTE_SPURIOUS);
	if (compound_head(page) != page)
		mach_note(NOTE_ALIAS);
	folio_put(page);
}

static inline struct page *filemap_get_entry(uintptr_t *slot)
{
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = xas_load(slot);
		if (!page)
			break;
		checkpoint("slot loaded, before try_get");
		if (folio_try_get(page)) {
			checkpoint("got a reference, before the recheck");
			if (page == xas_load(slot))
				break;
			reader_put_back(page);
		}
		cpu_relax();
	}
	rcu_read_unlock();
	return page;
}

/* try_get_folio(): the reference goes to the head, then the head is rechecked. */
static inline struct page *gup_try_get_folio(struct page *page)
{
	struct page *folio = compound_head(page);

	if (!folio_try_get(folio))
		return NULL;
	if (compound_head(page) == folio)
		return folio;
	reader_put_back(folio);
	return NULL;
}

static inline struct page *gup_fast(uintptr_t *pte)
{
	struct page *page, *folio = NULL;

	local_irq_disable();
	page = xas_load(pte);
	if (page) {
		checkpoint("PTE loaded, before try_get");
		folio = gup_try_get_folio(page);
		if (folio && page != xas_load(pte)) {
			checkpoint("got a reference, the PTE changed");
			reader_put_back(folio);
			folio = NULL;
		}
	}
	local_irq_enable();
	return folio;
}

/* Starts from a page frame number, so any struct page at any time. */
static inline struct page *pfn_walk(struct page *page)
{
	checkpoint("pfn_to_page, before try_get");
	if (!folio_try_get(page))
		return NULL;
	checkpoint("got a reference, before the recheck");
	if (compound_head(page) == page && READ_ONCE(page->page_type) != PGTY_HUGETLB)
		return page;
	reader_put_back(page);
	return NULL;
}

#endif
