#include "native/mmu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "native/proc.h"

unsigned mmu_vmemmap_pages(uint32_t page_size, bool gigantic)
{
	unsigned entries = page_size / 8; /* PTEs of a page table: base pages of a PMD */
	unsigned pmd = entries * STRUCT_PAGE_SIZE / page_size;

	if (!gigantic)
		return pmd;
	/* A PUD of 1 GiB; larger base pages have no leaf there, but 32 PMDs in a row:
	 * 1 GiB of 16 KiB pages, 16 GiB of 64 KiB (Documentation/arch/arm64/hugetlbpage.rst) */
	return page_size == 4096 ? pmd * entries : pmd * 32;
}

void mmu_explain(int error, vms_error *err)
{
	if (error == ENOMEM)
		vms_fail(err, VMS_EUNSUPPORTED,
			 "mmap: out of memory or over vm.max_map_count: every read-only alias "
			 "is a mapping of its own; raise it (sysctl vm.max_map_count) or hunt "
			 "with fewer --threads");
	else
		vms_fail(err, VMS_EUNSUPPORTED, "mmap of a vmemmap page failed: %s",
			 strerror(error));
}

static void note_call(struct mmu *m, void *address, size_t length, int prot, off_t offset)
{
	m->calls++;
	if (m->log && m->n_log < m->log_size)
		m->log[m->n_log++] = (struct mmu_call){ address, length, prot, offset };
}

static void map_frames(struct mmu *m, unsigned vpn, unsigned n, frame_t f, bool writable)
{
	void *address = m->window + (size_t)vpn * m->page_size;
	int prot = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	off_t offset = (off_t)f * m->page_size;
	size_t length = (size_t)n * m->page_size;

	void *at = m->map ? m->map(m, address, length, prot, offset)
			  : mmap(address, length, prot, MAP_SHARED | MAP_FIXED, m->frames.fd,
				 offset);

	if (at == MAP_FAILED)
		__atomic_store_n(&m->error, errno, __ATOMIC_RELAXED);
	note_call(m, address, length, prot, offset);
}

static void ptes_begin(struct pte *p, unsigned n)
{
	for (; n; n--, p++)
		__atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELAXED);
	/* odd seq before the change, of the hardware's entry and of ours: a system call
	 * is no barrier by itself; pairs with the fence in the fault handler */
	arch_smp_wmb();
}

static void pte_end(struct pte *p)
{
	/* release: frame and bits before the even seq; pairs with the acquire
	 * load in the fault handler */
	__atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELEASE);
}

void mmu_set(struct mmu *m, unsigned vpn, unsigned n, frame_t f, bool writable, bool alias)
{
	unsigned i;

	ptes_begin(&m->ptes[vpn], n);
	if (!alias)
		map_frames(m, vpn, n, f, writable);
	for (i = 0; i < n; i++) {
		struct pte *p = &m->ptes[vpn + i];

		if (alias)
			map_frames(m, vpn + i, 1, f, writable);
		p->frame = alias ? f : f + i;
		/* relaxed: the seq orders them for the fault handler */
		__atomic_store_n(&p->writable, writable, __ATOMIC_RELAXED);
		__atomic_store_n(&p->valid, 1, __ATOMIC_RELAXED);
		pte_end(p);
	}
}

void mmu_clear(struct mmu *m, unsigned vpn, unsigned n)
{
	void *address = m->window + (size_t)vpn * m->page_size;
	size_t length = (size_t)n * m->page_size;
	unsigned i;

	ptes_begin(&m->ptes[vpn], n);
	if (mprotect(address, length, PROT_NONE))
		__atomic_store_n(&m->error, errno, __ATOMIC_RELAXED);
	note_call(m, address, length, PROT_NONE, 0);
	for (i = 0; i < n; i++) {
		__atomic_store_n(&m->ptes[vpn + i].valid, 0, __ATOMIC_RELAXED);
		pte_end(&m->ptes[vpn + i]);
	}
}

static bool block_stands_alone(const struct mmu *m, unsigned vpn)
{
	unsigned i;

	if (!m->ptes[vpn].valid || !m->ptes[vpn].writable)
		return false;
	for (i = 1; i < m->vmemmap_pages; i++) {
		const struct pte *p = &m->ptes[vpn + i];

		if (!p->valid || !p->writable || p->frame != m->ptes[vpn + 1].frame + i - 1)
			return false;
	}
	return m->ptes[vpn + 1].frame != m->ptes[vpn].frame;
}

static void forget_block(struct mmu *m, unsigned vpn)
{
	unsigned i;

	for (i = 0; i < m->vmemmap_pages; i++)
		m->ptes[vpn + i].valid = 0;
}

static void map_block(struct mmu *m, unsigned vpn)
{
	unsigned tails = m->vmemmap_pages - 1;
	bool scribbled_over; /* of no interest: the journey was cut off */

	mmu_set(m, vpn, 1, frames_alloc(&m->frames, 1, &scribbled_over), true, false);
	mmu_set(m, vpn + 1, tails, frames_alloc(&m->frames, tails, &scribbled_over), true, false);
}

void mmu_reclaim(struct mmu *m)
{
	size_t n_ptes = (size_t)m->instances * m->blocks * m->vmemmap_pages, i;
	uint8_t *shown = calloc(frames_count(&m->frames), 1);

	if (!shown)
		return; /* the frames stay lost until the map goes */
	for (i = 0; i < n_ptes; i++) {
		if (m->ptes[i].valid)
			shown[m->ptes[i].frame] = 1;
	}
	frames_reclaim(&m->frames, shown);
	free(shown);
}

void mmu_reset(struct mmu *m, bool reclaim)
{
	unsigned b, vpn, n = m->blocks * m->instances;

	for (b = 0, vpn = 0; b < n; b++, vpn += m->vmemmap_pages) {
		if (block_stands_alone(m, vpn))
			continue;
		forget_block(m, vpn);
		reclaim = true;
	}
	if (!reclaim)
		return;
	mmu_reclaim(m);
	for (b = 0, vpn = 0; b < n; b++, vpn += m->vmemmap_pages) {
		if (!m->ptes[vpn].valid)
			map_block(m, vpn);
	}
}

/* ---- creation ---- */

/* Frames for what stands mapped, for every actor's journey on top, and some to
 * let a freed frame rest. */
#define SPARE_RUNS 4u

/* What an optimised window needs in mappings, with room for the process's own. */
static int check_map_count(const struct mmu *m, vms_error *err)
{
	long limit = (long)proc_number(PROC_MAX_MAP_COUNT);
	long need = (long)m->instances * m->blocks * ((long)m->vmemmap_pages + 1) + 2000;

	if (limit < 0 || need <= limit)
		return 0;
	return vms_fail(err, VMS_EUNSUPPORTED,
			"%u huge pages of %u vmemmap pages need about %ld mappings, over "
			"vm.max_map_count = %ld: every read-only alias is a mapping of its "
			"own; raise it (sysctl vm.max_map_count=%ld) or take fewer or "
			"smaller huge pages",
			m->instances * m->blocks, m->vmemmap_pages, need, limit, need);
}

/* Aligned to a huge page's struct pages: a shared tail finds its head by mask. */
static int reserve_window(struct mmu *m, vms_error *err)
{
	size_t align = (size_t)m->vmemmap_pages * m->page_size;

	m->window_size = align * m->blocks * m->instances;
	m->reserved_size = m->window_size + align;
	m->reserved = mmap(NULL, m->reserved_size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->reserved == MAP_FAILED) {
		m->reserved = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "mmap of the window: %s",
				strerror(errno));
	}
	m->window = (char *)(((uintptr_t)m->reserved + align - 1) & ~(uintptr_t)(align - 1));
	return 0;
}

static int create_frames(struct mmu *m, vms_error *err)
{
	unsigned tails = m->vmemmap_pages - 1, mapped = m->instances * m->blocks;
	unsigned runs = mapped + m->blocks + SPARE_RUNS;
	unsigned heads = 2 * mapped + m->blocks + SPARE_RUNS;

	if (1 + heads + (size_t)runs * tails > FRAME_NONE / 2)
		return vms_fail(err, VMS_EINVAL, "batch: %u huge pages are too many", mapped);
	return frames_create(&m->frames, heads, runs, tails, err);
}

static void fill_shared_tail(struct mmu *m)
{
	size_t block_bytes = (size_t)m->vmemmap_pages * m->page_size;
	const struct page_image tail = { 0, ~(block_bytes - 1) | 1, 0, 0 };

	frames_fill(&m->frames, 0, 0, m->page_size / STRUCT_PAGE_SIZE, &tail);
}

int mmu_create(struct mmu *m, unsigned vmemmap_pages, unsigned blocks, unsigned instances,
	       vms_error *err)
{
	int status;

	memset(m, 0, sizeof(*m));
	m->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	m->vmemmap_pages = vmemmap_pages;
	m->blocks = blocks;
	m->instances = instances;
	m->ptes = calloc((size_t)instances * blocks * vmemmap_pages, sizeof(*m->ptes));
	if (!m->ptes)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for the page table");
	status = check_map_count(m, err);
	if (!status)
		status = create_frames(m, err);
	if (!status)
		status = reserve_window(m, err);
	if (status)
		return status;
	fill_shared_tail(m);
	mmu_reset(m, true); /* the scribbler takes every frame, then each block gets its own */
	if (m->error) {
		mmu_explain(m->error, err);
		return VMS_EUNSUPPORTED;
	}
	return VMS_OK;
}

void mmu_destroy(struct mmu *m)
{
	if (m->reserved)
		munmap(m->reserved, m->reserved_size);
	frames_destroy(&m->frames);
	free(m->ptes);
	memset(m, 0, sizeof(*m));
}
