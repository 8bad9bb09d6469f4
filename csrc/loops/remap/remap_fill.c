/*
 * Strategies of userfaultfd: pages of the window are dropped, moved away or protected,
 * and brought back by an ioctl. A reader that comes in between waits in the kernel.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "loops/remap/remap.h"
#include "loops/remap/remap_uffd.h"

static struct page *page_at(char *base, uint32_t page_size, unsigned i)
{
	return (struct page *)(void *)(base + (size_t)i * page_size);
}

/* ---- userfaultfd: what all have ---- */

static unsigned window_pages(const struct remap *m)
{
	return m->field.blocks * m->field.vmemmap_pages;
}

/* Only pages that are replaced: nobody would bring back another one. */
static int watch_pages(struct remap *m, uint64_t modes, vms_error *err)
{
	unsigned pages = m->field.vmemmap_pages, b;
	int status = 0;

	if (m->what == WHAT_PAGE)
		status = uffd_register(m->uffd, remap_address(m, 0), remap_bytes(m, m->batch), modes);
	for (b = 0; m->what != WHAT_PAGE && b < m->batch && !status; b++)
		status = uffd_register(m->uffd, remap_address(m, b * pages + 1),
				       remap_bytes(m, pages - 1), modes);
	if (status)
		return vms_fail(err, VMS_EUNSUPPORTED, "UFFDIO_REGISTER: %s", strerror(errno));
	return VMS_OK;
}

/* Read and write every page of the window, so that it is there. */
static void touch_window(struct remap *m)
{
	unsigned i;

	for (i = 0; i < window_pages(m); i++)
		__atomic_fetch_add((uint64_t *)(void *)remap_address(m, i), 0, __ATOMIC_RELAXED);
}

static int open_window(struct remap *m, uint64_t features, uint64_t modes, vms_error *err)
{
	touch_window(m);
	m->uffd = uffd_open(features);
	if (m->uffd < 0)
		return vms_fail(err, VMS_EUNSUPPORTED, "userfaultfd: %s", strerror(errno));
	return watch_pages(m, modes, err);
}

void remap_close_uffd(struct remap *m)
{
	if (m->uffd >= 0)
		close(m->uffd);
	m->uffd = -1;
}

static void close_uffd(struct remap *m)
{
	remap_close_uffd(m);
	if (m->spares)
		munmap(m->spares, m->spares_size);
}

/* The window as private memory, with what it showed before. */
static int make_private(struct remap *m, vms_error *err)
{
	const struct mmu *mmu = &m->field.crew.machine.mmu;
	unsigned i, n = window_pages(m);

	if (mmap(remap_address(m, 0), remap_bytes(m, n), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return vms_fail(err, VMS_EUNSUPPORTED, "mmap of the window: %s", strerror(errno));
	/* one small page each: a huge one would be split by the first remap */
	madvise(remap_address(m, 0), remap_bytes(m, n), MADV_NOHUGEPAGE);
	/* nor shared with a child: a page that was cannot move */
	madvise(remap_address(m, 0), remap_bytes(m, n), MADV_DONTFORK);
	for (i = 0; i < n; i++)
		memcpy(remap_address(m, i), mmu_frame(mmu, mmu->ptes[i].frame), mmu->page_size);
	return VMS_OK;
}

static int map_spares(struct remap *m, unsigned pages, vms_error *err)
{
	m->spares_size = remap_bytes(m, pages);
	m->spares = mmap(NULL, m->spares_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->spares == MAP_FAILED) {
		m->spares = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "mmap of %zu KiB: %s",
				m->spares_size >> 10, strerror(errno));
	}
	madvise(m->spares, m->spares_size, MADV_NOHUGEPAGE);
	madvise(m->spares, m->spares_size, MADV_DONTFORK);
	return VMS_OK;
}

/* ---- userfaultfd: copy ---- */

static int prepare_copy(struct remap *m, vms_error *err)
{
	int status = make_private(m, err);

	if (!status)
		status = map_spares(m, window_pages(m), err);
	if (status)
		return status;
	memcpy(m->spares, remap_address(m, 0), m->spares_size);
	return open_window(m, 0, VMS_UFFD_MISSING, err);
}

/* The copy replaces the count too, so it is frozen meanwhile: 0 is never written. */
static bool replace_copy(struct remap *m, unsigned vpn, unsigned n)
{
	uint32_t page_size = m->field.crew.machine.mmu.page_size;
	unsigned i;

	for (i = 0; i < n; i++) {
		struct page *from = page_at(m->spares, page_size, vpn + i);
		struct page *to = page_at(remap_address(m, vpn), page_size, i);

		/* full: no compare-and-swap of a reader's wins on the old page after this */
		from->private = arch_xchg64_full((uint64_t *)&to->private, 0);
		stamp_write(from, ++m->field.crew.stamp);
	}
	if (!remap_forget(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !uffd_copy(m->uffd, remap_address(m, vpn), page_at(m->spares, page_size, vpn),
			  remap_bytes(m, n)) || remap_failed(m, "UFFDIO_COPY");
}

static const char *lacks_copy(int choice)
{
	(void)choice;
	return uffd_lacks(0);
}

const struct strategy strategy_uffd_copy = {
	.lacks = lacks_copy, .prepare = prepare_copy, .finish = close_uffd,
	.replace = replace_copy,
};

/* ---- userfaultfd: continue ---- */

static int prepare_continue(struct remap *m, vms_error *err)
{
	return open_window(m, VMS_UFFD_FEATURE_MINOR_SHMEM, VMS_UFFD_MINOR, err);
}

static bool replace_continue(struct remap *m, unsigned vpn, unsigned n)
{
	remap_stamp_in_place(m, vpn, n);
	if (!remap_forget(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !uffd_continue(m->uffd, remap_address(m, vpn), remap_bytes(m, n)) ||
	       remap_failed(m, "UFFDIO_CONTINUE");
}

static const char *lacks_continue(int choice)
{
	(void)choice;
	return uffd_lacks(VMS_UFFD_FEATURE_MINOR_SHMEM);
}

const struct strategy strategy_uffd_continue = {
	.lacks = lacks_continue, .prepare = prepare_continue, .finish = close_uffd,
	.replace = replace_continue,
};

/* ---- userfaultfd: write protection there and back ---- */

static int prepare_wp(struct remap *m, vms_error *err)
{
	return open_window(m, VMS_UFFD_FEATURE_WP_SHMEM, VMS_UFFD_WP, err);
}

static bool replace_wp(struct remap *m, unsigned vpn, unsigned n)
{
	m->in_place_calls += 2;
	if (uffd_protect(m->uffd, remap_address(m, vpn), remap_bytes(m, n), true))
		return remap_failed(m, "UFFDIO_WRITEPROTECT");
	remap_stamp_in_place(m, vpn, n);
	return !uffd_protect(m->uffd, remap_address(m, vpn), remap_bytes(m, n), false) ||
	       remap_failed(m, "UFFDIO_WRITEPROTECT");
}

static const char *lacks_wp(int choice)
{
	(void)choice;
	return uffd_lacks(VMS_UFFD_FEATURE_WP_SHMEM);
}

const struct strategy strategy_uffd_wp = {
	.lacks = lacks_wp, .prepare = prepare_wp, .finish = close_uffd, .replace = replace_wp,
};

/* ---- userfaultfd: move ---- */

/* Two halves of spares: one full, one a hole into which the shown pages move. */
static int prepare_move(struct remap *m, vms_error *err)
{
	unsigned n = window_pages(m);
	int status = make_private(m, err);

	if (!status)
		status = map_spares(m, 2 * n, err);
	if (status)
		return status;
	memcpy(m->spares, remap_address(m, 0), remap_bytes(m, n));
	m->hole = 1;
	status = open_window(m, VMS_UFFD_FEATURE_MOVE, VMS_UFFD_MISSING, err);
	if (!status && uffd_register(m->uffd, m->spares, m->spares_size, VMS_UFFD_MISSING))
		status = vms_fail(err, VMS_EUNSUPPORTED, "UFFDIO_REGISTER: %s", strerror(errno));
	return status;
}

static char *spare_half(const struct remap *m, unsigned half, unsigned vpn)
{
	return m->spares + remap_bytes(m, half * window_pages(m) + vpn);
}

/* The spares hold a page for each of the window, but only the pages that this loop
 * replaces ever move, all of them in each batch: so one `hole` serves all. */
static bool replace_move(struct remap *m, unsigned vpn, unsigned n)
{
	uint32_t page_size = m->field.crew.machine.mmu.page_size;
	char *full = spare_half(m, !m->hole, vpn), *hole = spare_half(m, m->hole, vpn);
	unsigned i;

	for (i = 0; i < n; i++)
		stamp_write(page_at(full, page_size, i), ++m->field.crew.stamp);
	m->in_place_calls += 2;
	return (!uffd_move(m->uffd, hole, remap_address(m, vpn), remap_bytes(m, n)) &&
		!uffd_move(m->uffd, remap_address(m, vpn), full, remap_bytes(m, n))) ||
	       remap_failed(m, "UFFDIO_MOVE");
}

static bool is_replaced(const struct remap *m, unsigned vpn)
{
	return m->what == WHAT_PAGE ? vpn < m->batch : vpn % m->field.vmemmap_pages != 0;
}

static uint64_t hidden_by_move(const struct remap *m)
{
	uint64_t sum = 0;
	unsigned vpn;

	for (vpn = 0; vpn < window_pages(m); vpn++) {
		if (is_replaced(m, vpn))
			sum += remap_count_at(spare_half(m, !m->hole, vpn));
	}
	return sum;
}

static const char *lacks_move(int choice)
{
	(void)choice;
	return uffd_lacks(VMS_UFFD_FEATURE_MOVE);
}

const struct strategy strategy_uffd_move = {
	.lacks = lacks_move, .prepare = prepare_move, .finish = close_uffd,
	.replace = replace_move, .hidden = hidden_by_move,
};
