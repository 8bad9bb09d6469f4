/*
 * Optimise and restore: the sequence of HVO with every decision a knob.
 *
 * A block of vmemmap_pages() vmemmap pages backs one huge page. Optimising
 * copies the head's vmemmap page to a new frame, maps it at the first PTE, maps
 * the other PTEs to it (aliases) or to the shared tail page, and returns the old
 * frames. Restoring gives every PTE a frame of its own again.
 *
 * Who may write what while this runs: the head is frozen (refcount 0), tails
 * have refcount 0, so a correct reader writes nothing.
 */
#ifndef KAPI_HUGETLB_VMEMMAP_H
#define KAPI_HUGETLB_VMEMMAP_H

#include "kapi/page_ref.h"

/* Struct pages at the start of a restored tail page that still show the head
 * and its first tails after a copy of the head's page. */
#define RESET_STRUCT_PAGES 3

static inline unsigned block_vpn(unsigned block)
{
	return block * mach_vmemmap_pages();
}

/* Bring the PTEs [vpn, vpn + n) to new frames: all to one, or one to each. */
static inline void hvo_make(unsigned vpn, unsigned n, frame_t f, bool alias, enum mach_prot prot)
{
	if (alias)
		mach_pte_alias(vpn, n, f, prot, KAPI_LANDMARK("set PTEs to one frame"));
	else
		mach_pte_set(vpn, n, f, prot, KAPI_LANDMARK("set PTEs"));
}

/* Break, flush, make. The window is what lies between the break and the make. */
static inline void hvo_break_and_make(unsigned vpn, unsigned n, frame_t f, bool alias,
				      enum mach_prot prot)
{
	mach_pte_clear(vpn, n, KAPI_LANDMARK("break: clear PTEs"));
	mach_tlb_flush(vpn, n, KAPI_SITE("flush the broken range"));
	checkpoint("window is open");
	hvo_make(vpn, n, f, alias, prot);
}

/* With every other CPU paused and interrupts off here, nobody can meet the window. */
static inline void hvo_replace_paused(unsigned vpn, unsigned n, frame_t f, bool alias,
				      enum mach_prot prot)
{
	mach_pause_others(this_regime()->pause_ack, KAPI_SITE("pause the other CPUs"));
	local_irq_disable();
	hvo_break_and_make(vpn, n, f, alias, prot);
	local_irq_enable();
	mach_resume_others(KAPI_SITE("resume the other CPUs"));
}

static inline void hvo_replace(unsigned vpn, unsigned n, frame_t f, bool alias,
			       enum mach_prot prot)
{
	const struct regime *r = this_regime();
	unsigned i;

	if (r->replace != REPLACE_BREAK_BEFORE_MAKE) {
		hvo_make(vpn, n, f, alias, prot);
		return;
	}
	if (r->window == WINDOW_PAUSE) {
		hvo_replace_paused(vpn, n, f, alias, prot);
		return;
	}
	/* One PTE at a time, as vmemmap_update_pte() of the 2024 series did. */
	for (i = 0; i < n; i++) {
		frame_t one = alias ? f : f + i;

		if (r->window == WINDOW_STOP)
			hvo_replace_paused(vpn + i, 1, one, true, prot);
		else
			hvo_break_and_make(vpn + i, 1, one, true, prot);
	}
}

/* A spurious reference makes the cmpxchg fail: retry once, then give up (H14). */
static inline bool hvo_freeze(struct page *head)
{
	if (page_ref_freeze(head, 1))
		return true;
	cpu_relax();
	if (page_ref_freeze(head, 1))
		return true;
	mach_note(NOTE_NO_FREEZE);
	return false;
}

/* The old frames of a block that stands optimised. */
struct hvo_old {
	frame_t head, tails;
	bool remapped;
};

static inline struct hvo_old hvo_optimize_block(unsigned block)
{
	const struct regime *r = this_regime();
	struct page *head = block_head(block);
	unsigned vpn = block_vpn(block), tails = mach_vmemmap_pages() - 1;
	struct hvo_old old = { mach_frame_of(vpn), mach_frame_of(vpn + 1), false };
	frame_t new_head = mach_frame_alloc(1, KAPI_SITE("allocate the new head page"));

	if (new_head == FRAME_NONE)
		return old; /* stays as it is: nothing was changed yet */
	/* Set before the copy, or the copy would lack it. */
	page_set_flag(head, PG_VMEMMAP_OPTIMIZED);
	mach_frame_copy(new_head, old.head, KAPI_SITE("copy the head page"));
	checkpoint("head copied, PTEs not yet set");
	if (r->publish_barrier)
		smp_wmb(); /* contents before PTE; pairs with the page walk's dependency */
	hvo_replace(vpn, 1, new_head, false, MACH_RW);
	if (r->tail == TAIL_SHARED_READ_ONLY)
		hvo_replace(vpn + 1, tails, mach_shared_tail(), true, MACH_RO);
	else
		hvo_replace(vpn + 1, tails, new_head, true,
			    r->tail == TAIL_WRITABLE_ALIAS ? MACH_RW : MACH_RO);
	old.remapped = true;
	return old;
}

static inline void hvo_flush_blocks(unsigned n)
{
	mach_tlb_flush(0, n * mach_vmemmap_pages(), KAPI_LANDMARK("flush_tlb_all()"));
}

static inline void hvo_free_old(const struct hvo_old *old, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!old[i].remapped)
			continue;
		mach_frame_free(old[i].head, 1, KAPI_SITE("free the old head page"));
		mach_frame_free(old[i].tails, mach_vmemmap_pages() - 1,
				KAPI_LANDMARK("free the old tail pages"));
	}
}

/*
 * Map the first n blocks, all frozen, to their optimised form: one flush for all.
 * The grace period that may have to stand before is hvo_grace_before(). old has
 * room for n.
 */
static inline void hvo_remap_blocks(unsigned n, struct hvo_old *old)
{
	const struct regime *r = this_regime();
	unsigned i;

	for (i = 0; i < n; i++)
		old[i] = hvo_optimize_block(i);
	if (r->unfreeze == UNFREEZE_BEFORE_FLUSH) {
		for (i = 0; i < n; i++)
			page_ref_unfreeze(block_head(i), 1);
	}
	if (r->flush == FLUSH_BEFORE_FREE)
		hvo_flush_blocks(n);
	if (r->grace_period == GRACE_AFTER_REMAP)
		synchronize_rcu();
	hvo_free_old(old, n);
	if (r->flush == FLUSH_AFTER_FREE)
		hvo_flush_blocks(n);
}

static inline void hvo_remap(unsigned n)
{
	struct hvo_old old[ZONE_BLOCKS];

	hvo_remap_blocks(n, old);
}

static inline void hvo_grace_before(void)
{
	if (this_regime()->grace_period == GRACE_BEFORE_REMAP)
		synchronize_rcu();
}

/* Fill the frames that a restored block's tails will show. */
static inline void hvo_fill_restored(unsigned block, frame_t frames)
{
	const struct page_image tail = { 0, tail_info(block), PGTY_NONE, 0 };
	unsigned n = mach_vmemmap_pages() - 1, per = pages_per_frame(), i;
	frame_t head = mach_frame_of(block_vpn(block));

	for (i = 0; i < n; i++) {
		if (this_regime()->restore == RESTORE_TEMPLATE) {
			mach_frame_fill(frames + i, 0, per, &tail,
					KAPI_SITE("fill with tails"));
			continue;
		}
		mach_frame_copy(frames + i, head, KAPI_SITE("copy the head page back"));
		if (this_regime()->restore == RESTORE_HEAD_RESET)
			mach_frame_fill(frames + i, 0, RESET_STRUCT_PAGES, &tail,
					KAPI_SITE("reset the first struct pages"));
	}
}

/* Give every tail PTE its own frame again; the grace period is the caller's. False:
 * no memory, nothing changed. */
static inline bool hvo_restore_block(unsigned block)
{
	struct page *head = block_head(block);
	unsigned vpn = block_vpn(block), tails = mach_vmemmap_pages() - 1;
	frame_t frames = mach_frame_alloc(tails, KAPI_SITE("allocate tail pages"));

	if (frames == FRAME_NONE)
		return false;
	hvo_fill_restored(block, frames);
	if (this_regime()->publish_barrier)
		smp_wmb(); /* contents before PTEs; pairs with the page walk's dependency */
	hvo_replace(vpn + 1, tails, frames, false, MACH_RW);
	mach_tlb_flush(vpn + 1, tails, KAPI_SITE("flush the restored range"));
	page_clear_flag(head, PG_VMEMMAP_OPTIMIZED);
	return true;
}

static inline bool hvo_restore(unsigned block)
{
	hvo_grace_before();
	return hvo_restore_block(block);
}

#endif
