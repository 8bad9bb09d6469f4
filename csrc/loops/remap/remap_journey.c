/* Strategies that replace page-table entries: single pages, and whole HVO journeys. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "error.h"
#include "loops/remap/remap.h"
#include "native/clock.h"

/* ---- how frames come to an address ---- */

static void *map_populate(struct mmu *mmu, void *address, size_t length, int prot, off_t offset)
{
	return mmap(address, length, prot, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
		    mmu->frames.fd, offset);
}

/* Mapped and populated elsewhere, then moved over the old one: the entries come along,
 * so no reader has to fault them in. */
static void *map_by_move(struct mmu *mmu, void *address, size_t length, int prot, off_t offset)
{
	void *staged = mmap(NULL, length, prot, MAP_SHARED | MAP_POPULATE, mmu->frames.fd, offset);
	void *at;

	mmu->calls++;
	if (staged == MAP_FAILED)
		return MAP_FAILED;
	at = mremap(staged, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, address);
	if (at == MAP_FAILED) {
		int e = errno;

		munmap(staged, length);
		errno = e;
	}
	return at;
}

const struct strategy strategy_none = { .idles = true };
const struct strategy strategy_mmap_fixed = { .map = NULL };
const struct strategy strategy_mmap_populate = { .map = map_populate };
const struct strategy strategy_mremap = { .map = map_by_move };
const struct strategy strategy_bbm = { .breaks = true };

/* ---- one vmemmap page each ---- */

/* Page k is the head's vmemmap page of huge page k. */
static unsigned page_vpn(const struct remap *m, unsigned k)
{
	return k * m->field.vmemmap_pages;
}

int remap_pages_prepare(struct remap *m, vms_error *err)
{
	struct crew *c = &m->field.crew;
	bool scribbled_over;
	unsigned k;

	m->spare = calloc(m->batch, sizeof(*m->spare));
	m->shown = calloc(m->batch, sizeof(*m->shown));
	if (!m->spare || !m->shown)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	for (k = 0; k < m->batch; k++) {
		struct pte *p = &c->machine.mmu.ptes[page_vpn(m, k)];

		m->spare[k] = frames_alloc(&c->machine.mmu.frames, 1, &scribbled_over);
		if (m->spare[k] == FRAME_NONE)
			return vms_fail(err, VMS_EUNSUPPORTED, "no frame for %u pages", m->batch);
		frames_copy(&c->machine.mmu.frames, m->spare[k], p->frame);
	}
	return VMS_OK;
}

static void make_pages(struct remap *m, unsigned from, unsigned to)
{
	for (; from < to; from++)
		mach_pte_set(page_vpn(m, from), 1, m->spare[from], MACH_RW,
			     KAPI_LANDMARK("set the PTE"));
}

static void break_pages(struct remap *m, unsigned from, unsigned to)
{
	unsigned k;

	for (k = from; k < to; k++)
		mach_pte_clear(page_vpn(m, k), 1, KAPI_LANDMARK("break: clear the PTE"));
	mach_tlb_flush(page_vpn(m, from), to - from, KAPI_SITE("flush the broken pages"));
}

static void replace_paused(struct remap *m, unsigned from, unsigned to)
{
	mach_pause_others(true, KAPI_SITE("pause the other CPUs"));
	local_irq_disable();
	break_pages(m, from, to);
	make_pages(m, from, to);
	local_irq_enable();
	mach_resume_others(KAPI_SITE("resume the other CPUs"));
}

/* stop_machine() is called for each page, as in the first proposals; the pause of 2024
 * is one for the batch. */
static void replace_pages(struct remap *m)
{
	unsigned k;

	if (!m->how->breaks) {
		make_pages(m, 0, m->batch);
	} else if (this_regime()->window == WINDOW_PAUSE) {
		replace_paused(m, 0, m->batch);
	} else if (this_regime()->window == WINDOW_STOP) {
		for (k = 0; k < m->batch; k++)
			replace_paused(m, k, k + 1);
	} else {
		break_pages(m, 0, m->batch);
		make_pages(m, 0, m->batch);
	}
	mach_tlb_flush(0, m->batch, KAPI_LANDMARK("flush_tlb_all()"));
}

bool remap_pages(struct remap *m, uint64_t *ns)
{
	struct crew *c = &m->field.crew;
	bool live = m->reader == WATCH_LOOKUP; /* counts change under way: freeze and copy */
	frame_t *spare = m->spare;
	unsigned k;

	if (live && !field_withdraw(&m->field, m->batch))
		return false;
	for (k = 0; k < m->batch; k++) {
		m->shown[k] = mach_frame_of(page_vpn(m, k));
		if (live)
			mach_frame_copy(m->spare[k], m->shown[k], KAPI_SITE("copy the page"));
		else
			crew_stamp(c, m->spare[k]);
	}
	*ns = clock_now_ns();
	hvo_grace_before();
	replace_pages(m);
	*ns = clock_now_ns() - *ns;
	m->spare = m->shown;
	m->shown = spare;
	if (live)
		field_hand_out(&m->field, m->batch);
	return true;
}

/* ---- huge pages ---- */

static bool one_way(struct remap *m, void (*go)(struct field *f, unsigned n), unsigned heads,
		    unsigned tails, uint64_t *ns)
{
	struct field *f = &m->field;
	uint64_t begin;

	crew_stock(&f->crew, heads, tails);
	if (!field_withdraw(f, m->batch))
		return false;
	begin = clock_now_ns();
	go(f, m->batch);
	*ns = clock_now_ns() - begin;
	field_hand_out(f, m->batch);
	return true;
}

/* There and back; what is timed is as the direction says. */
bool remap_journeys(struct remap *m, uint64_t *ns)
{
	uint64_t there = 0, back = 0;
	bool done = one_way(m, field_optimise, m->batch, 0, &there);

	m->field.half_way = done;
	done = done && one_way(m, field_restore, 0, m->batch, &back);
	m->field.half_way = false;
	*ns = (m->direction != DIRECTION_RESTORE ? there : 0) +
	      (m->direction != DIRECTION_OPTIMISE ? back : 0);
	return done;
}
