/* The owner's side: frames, page-table entries, flushes, pauses. */
#include <string.h>

#include "model/machine.h"
#include "model/sync.h"
#include "model/translate.h"

char *mach_vmemmap(void)
{
	return model_this->mmu.window;
}

unsigned mach_vmemmap_pages(void)
{
	return model_this->mmu.vmemmap_pages;
}

size_t mach_page_size(void)
{
	return MMU_PAGE;
}

frame_t mach_shared_tail(void)
{
	return 0;
}

void *mach_frame_va(frame_t f)
{
	return model_this->mmu.linear + (size_t)f * MMU_PAGE;
}

/* ---- frames ---- */

/* Each CPU has frames of its own to hand out, so that allocating is no race. */
frame_t mach_frame_alloc(unsigned n, const struct site *site)
{
	struct model *m = model_this;
	struct run *r = m->running;
	unsigned cpu = r->cpu < m->n_cpus ? r->cpu : m->n_cpus; /* INIT has the last pool */
	frame_t f = m->mmu.pool + cpu * m->mmu.pool_size + r->mmu.frames;

	(void)site;
	if (r->mmu.frames + n > m->mmu.pool_size)
		return FRAME_NONE;
	r->mmu.frames += n;
	return f;
}

/* fn for each followed word of the frames [f, f + n).  */
#define EACH_WORD(m, i, f, n)                                                     \
	for (unsigned i = 0; i < (m)->follow->frozen; i++)                             \
		if ((m)->follow->at[i].key >> 56 == PLACE_FRAME &&                \
		    word_offset(m, i) / MMU_PAGE - (f) < (n))

static uint64_t word_offset(const struct model *m, unsigned i)
{
	return m->follow->at[i].key & ((1ull << 56) - 1);
}

void mach_frame_free(frame_t f, unsigned n, const struct site *site)
{
	struct model *m = model_this;

	EACH_WORD(m, i, f, n)
		direct_word(m, OP_STORE, PLACE_FRAME, word_offset(m, i), m->follow->at[i].size,
			    model_map_pattern(PATTERN_FREED, word_offset(m, i),
					      m->follow->at[i].size), site);
}

static void fill_at_start(struct model *m, frame_t f, unsigned first, unsigned n,
			  const struct page_image *image)
{
	struct mmu *u = &m->mmu;
	struct mmu_fill *last = u->n_fills ? &u->fill[u->n_fills - 1] : NULL;

	/* a huge page's tails are filled alike, frame after frame */
	if (last && last->frame + last->frames == f && last->first == first && last->n == n &&
	    !memcmp(&last->image, image, sizeof(*image)))
		last->frames++;
	else if (u->n_fills < MMU_FILLS)
		u->fill[u->n_fills++] = (struct mmu_fill){ f, 1, first, n, *image };
	else
		model_full(m, FULL_RANGES);
}

void mach_frame_fill(frame_t f, unsigned first, unsigned n, const struct page_image *image,
		     const struct site *site)
{
	struct model *m = model_this;

	if (m->direct) {
		fill_at_start(m, f, first, n, image);
		return;
	}
	EACH_WORD(m, i, f, 1) {
		uint64_t at = word_offset(m, i);

		if (at % MMU_PAGE / STRUCT_PAGE_SIZE - first < n)
			direct_word(m, OP_STORE, PLACE_FRAME, at, m->follow->at[i].size,
				    model_map_image_word(image, at % 64, m->follow->at[i].size),
				    site);
	}
}

/* Word by word; what is stored depends on what was loaded. */
void mach_frame_copy(frame_t to, frame_t from, const struct site *site)
{
	struct model *m = model_this;

	EACH_WORD(m, i, to, 1) {
		uint64_t at = word_offset(m, i), value;
		unsigned size = m->follow->at[i].size;

		value = direct_word(m, OP_LOAD, PLACE_FRAME,
				    (uint64_t)from * MMU_PAGE + at % MMU_PAGE, size, 0, site);
		direct_word(m, OP_STORE, PLACE_FRAME, at, size, value, site);
	}
}

/* ---- page-table entries ---- */

static void remember(struct mmu_cpu *c, unsigned vpn, unsigned n, frame_t f, bool alias)
{
	struct mmu_range *last = c->n_ranges ? &c->range[c->n_ranges - 1] : NULL;

	if (last && last->vpn + last->n == vpn && last->alias == alias &&
	    last->frame + (alias ? 0 : last->n) == f) {
		last->n += n;
		return;
	}
	if (c->n_ranges < MMU_RANGES)
		c->range[c->n_ranges++] = (struct mmu_range){ vpn, n, f, alias };
	else
		model_full(model_this, FULL_RANGES);
}

/* An entry that nobody walks is known to the CPU that writes it. */
static frame_t remembered(const struct mmu_cpu *c, unsigned vpn)
{
	for (unsigned i = c->n_ranges; i-- > 0;) {
		const struct mmu_range *r = &c->range[i];

		if (vpn - r->vpn < r->n)
			return r->frame + (r->alias ? 0 : vpn - r->vpn);
	}
	return 1 + vpn;
}

frame_t mach_frame_of(unsigned vpn)
{
	const struct site *site = KAPI_SITE("read the PTE");
	struct model *m = model_this;

	if (m->direct)
		return 1 + vpn;
	if (!follow_has(m->follow, place_key(PLACE_PTE, vpn)))
		return remembered(&m->running->mmu, vpn);
	return PTE_FRAME(direct_word(m, OP_LOAD, PLACE_PTE, vpn, 8, 0, site));
}

/* arm64 may not change a live entry to another page (H18). An atomic replacement
 * is what x86 does; a regime that claims it for arm64 is taken at its word. */
static void check_live(struct model *m, unsigned vpn, const struct site *site)
{
	if (m->kind != MODEL_ARM64 || m->regime.replace != REPLACE_IN_PLACE)
		return;
	if (direct_word(m, OP_LOAD, PLACE_PTE, vpn, 8, 0, site) & PTE_PRESENT)
		mach_violate(18, 6, site);
}

/* Entries that this CPU broke while the others were paused, and has not made yet. */
static void keep_hidden(struct mmu_cpu *c, unsigned vpn, unsigned n, bool broken)
{
	if (!c->pausing)
		return;
	for (unsigned i = 0; i < n; i++) {
		unsigned k = 0;

		while (k < c->n_hidden && c->hidden[k] != vpn + i)
			k++;
		if (!broken && k < c->n_hidden)
			c->hidden[k] = c->hidden[--c->n_hidden];
		else if (broken && k == c->n_hidden && k < MMU_RANGES &&
			 follow_has(model_this->follow, place_key(PLACE_PTE, vpn + i)))
			c->hidden[c->n_hidden++] = (uint16_t)(vpn + i);
		else if (broken && k == MMU_RANGES)
			model_full(model_this, FULL_RANGES);
	}
}

static void set_entries(unsigned vpn, unsigned n, frame_t f, bool alias, uint64_t bits,
			const struct site *site)
{
	struct model *m = model_this;
	struct mmu_cpu *c = &m->running->mmu;

	for (unsigned i = 0; i < n; i++) {
		if (!follow_has(m->follow, place_key(PLACE_PTE, vpn + i)))
			continue;
		if (bits)
			check_live(m, vpn + i, site);
		direct_word(m, OP_STORE, PLACE_PTE, vpn + i, 8,
			    bits ? (uint64_t)(alias ? f : f + i) << 2 | bits : 0, site);
		interrupt_point(site);
	}
	keep_hidden(c, vpn, n, !bits);
	if (bits) {
		remember(c, vpn, n, f, alias);
		c->broken -= c->broken < n ? c->broken : n;
	} else {
		c->broken += n;
		interrupt_point(site);
	}
}

static uint64_t pte_bits(enum mach_prot prot)
{
	return PTE_PRESENT | (prot == MACH_RW ? PTE_WRITE : 0);
}

void mach_pte_set(unsigned vpn, unsigned n, frame_t f, enum mach_prot prot,
		  const struct site *site)
{
	set_entries(vpn, n, f, false, pte_bits(prot), site);
}

void mach_pte_alias(unsigned vpn, unsigned n, frame_t f, enum mach_prot prot,
		    const struct site *site)
{
	set_entries(vpn, n, f, true, pte_bits(prot), site);
}

void mach_pte_clear(unsigned vpn, unsigned n, const struct site *site)
{
	set_entries(vpn, n, 0, false, 0, site);
}

static void flush_entry(struct model *m, unsigned vpn, const struct site *site)
{
	struct op op = { .kind = OP_FLUSH, .size = 8, .cells = 1, .walk = -1, .site = site };

	op.place = (uint16_t)model_place(m, PLACE_PTE, vpn, 8);
	model_request(&op);
}

/* x86 sends an interrupt to every CPU and waits, so a CPU with interrupts off
 * holds it up; arm64 broadcasts and needs nobody's consent. A regime that breaks
 * before it makes is arm64's, under any memory model. */
void mach_tlb_flush(unsigned vpn, unsigned n, const struct site *site)
{
	struct model *m = model_this;
	bool any = false;

	mach_fence(MACH_MB, site);
	if (m->kind != MODEL_ARM64 && m->regime.replace == REPLACE_ATOMIC &&
	    m->follow->irq_frozen)
		sync_wait_sections(PLACE_IRQ_IN, PLACE_IRQ_OUT, site);
	for (unsigned i = 0; i < m->follow->frozen; i++) {
		uint64_t key = m->follow->at[i].key;
		unsigned at = (unsigned)(key & UINT32_MAX);

		if (key >> 56 != PLACE_PTE || at - vpn >= n)
			continue;
		flush_entry(m, at, site);
		any = true;
	}
	if (any)
		mach_fence(MACH_MB, site);
	interrupt_point(site);
}

/* ---- pausing ---- */

void mach_pause_others(bool wait, const struct site *site)
{
	struct model *m = model_this;

	mach_fence(MACH_MB, site);
	if (!wait)
		return; /* nobody is sure to stand still: the window is as open as ever */
	if (m->follow->irq_frozen)
		sync_wait_sections(PLACE_IRQ_IN, PLACE_IRQ_OUT, site);
	m->running->mmu.pausing++;
}

void mach_resume_others(const struct site *site)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	if (c->pausing)
		c->pausing--;
	/* what is still broken is for everybody to see from now on */
	for (unsigned i = 0; !c->pausing && i < c->n_hidden; i++)
		direct_word(model_this, OP_STORE, PLACE_PTE, c->hidden[i], 8, 0, site);
	if (!c->pausing)
		c->n_hidden = 0;
	mach_fence(MACH_MB, site);
}
