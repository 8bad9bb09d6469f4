/*
 * Strategies that work in place: the page tables forget pages of the window, and the
 * page cache or userfaultfd brings them back, the same frames or others. A reader that
 * comes in between waits in the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "loops/remap.h"
#include "loops/remap_uffd.h"
#include "native/clock.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

static bool failed(struct remap *m, const char *call)
{
	snprintf(m->failure, sizeof(m->failure), "%s: %s", call, strerror(errno));
	return false;
}

static struct page *page_at(char *base, uint32_t page_size, unsigned i)
{
	return (struct page *)(void *)(base + (size_t)i * page_size);
}

static size_t bytes(const struct remap *m, unsigned n)
{
	return (size_t)n * m->field.crew.team.mmu.page_size;
}

/* New stamps in frames that stay where they are. */
static void stamp_in_place(struct remap *m, unsigned vpn, unsigned n)
{
	struct crew *c = &m->field.crew;

	for (; n; n--, vpn++)
		crew_stamp(c, c->team.mmu.ptes[vpn].frame);
}

/* ---- madvise ---- */

static bool forget(struct remap *m, unsigned vpn, unsigned n)
{
	m->in_place_calls++;
	return !madvise(remap_address(m, vpn), bytes(m, n), MADV_DONTNEED) ||
	       failed(m, "madvise(MADV_DONTNEED)");
}

static bool replace_dontneed(struct remap *m, unsigned vpn, unsigned n)
{
	stamp_in_place(m, vpn, n);
	return forget(m, vpn, n);
}

static bool replace_populate(struct remap *m, unsigned vpn, unsigned n)
{
	if (!replace_dontneed(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !madvise(remap_address(m, vpn), bytes(m, n), MADV_POPULATE_WRITE) ||
	       failed(m, "madvise(MADV_POPULATE_WRITE)");
}

static const char *lacks_populate(int choice)
{
	(void)choice;
	if (madvise(NULL, 0, MADV_POPULATE_WRITE))
		return "this kernel has no MADV_POPULATE_WRITE (Linux 5.14)";
	return NULL;
}

const struct strategy strategy_dontneed = { .replace = replace_dontneed };
const struct strategy strategy_populate = {
	.lacks = lacks_populate, .replace = replace_populate,
};

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
		status = uffd_register(m->uffd, remap_address(m, 0), bytes(m, m->batch), modes);
	for (b = 0; m->what != WHAT_PAGE && b < m->batch && !status; b++)
		status = uffd_register(m->uffd, remap_address(m, b * pages + 1),
				       bytes(m, pages - 1), modes);
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
	const struct mmu *mmu = &m->field.crew.team.mmu;
	unsigned i, n = window_pages(m);

	if (mmap(remap_address(m, 0), bytes(m, n), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return vms_fail(err, VMS_EUNSUPPORTED, "mmap of the window: %s", strerror(errno));
	/* one small page each: a huge one would be split by the first remap */
	madvise(remap_address(m, 0), bytes(m, n), MADV_NOHUGEPAGE);
	/* nor shared with a child: a page that was cannot move */
	madvise(remap_address(m, 0), bytes(m, n), MADV_DONTFORK);
	for (i = 0; i < n; i++)
		memcpy(remap_address(m, i), mmu_frame(mmu, mmu->ptes[i].frame), mmu->page_size);
	return VMS_OK;
}

static int map_spares(struct remap *m, unsigned pages, vms_error *err)
{
	m->spares_size = bytes(m, pages);
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
	uint32_t page_size = m->field.crew.team.mmu.page_size;
	unsigned i;

	for (i = 0; i < n; i++) {
		struct page *from = page_at(m->spares, page_size, vpn + i);
		struct page *to = page_at(remap_address(m, vpn), page_size, i);

		/* full: no compare-and-swap of a reader's wins on the old page after this */
		from->private = arch_xchg64_full((uint64_t *)&to->private, 0);
		stamp_write(from, ++m->field.crew.stamp);
	}
	if (!forget(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !uffd_copy(m->uffd, remap_address(m, vpn), page_at(m->spares, page_size, vpn),
			  bytes(m, n)) || failed(m, "UFFDIO_COPY");
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
	if (!replace_dontneed(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !uffd_continue(m->uffd, remap_address(m, vpn), bytes(m, n)) ||
	       failed(m, "UFFDIO_CONTINUE");
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
	if (uffd_protect(m->uffd, remap_address(m, vpn), bytes(m, n), true))
		return failed(m, "UFFDIO_WRITEPROTECT");
	stamp_in_place(m, vpn, n);
	return !uffd_protect(m->uffd, remap_address(m, vpn), bytes(m, n), false) ||
	       failed(m, "UFFDIO_WRITEPROTECT");
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
	memcpy(m->spares, remap_address(m, 0), bytes(m, n));
	m->hole = 1;
	status = open_window(m, VMS_UFFD_FEATURE_MOVE, VMS_UFFD_MISSING, err);
	if (!status && uffd_register(m->uffd, m->spares, m->spares_size, VMS_UFFD_MISSING))
		status = vms_fail(err, VMS_EUNSUPPORTED, "UFFDIO_REGISTER: %s", strerror(errno));
	return status;
}

static char *spare_half(const struct remap *m, unsigned half, unsigned vpn)
{
	return m->spares + bytes(m, half * window_pages(m) + vpn);
}

/* The spares hold a page for each of the window, but only the pages that this loop
 * replaces ever move, all of them in each batch: so one `hole` serves all. */
static bool replace_move(struct remap *m, unsigned vpn, unsigned n)
{
	uint32_t page_size = m->field.crew.team.mmu.page_size;
	char *full = spare_half(m, !m->hole, vpn), *hole = spare_half(m, m->hole, vpn);
	unsigned i;

	for (i = 0; i < n; i++)
		stamp_write(page_at(full, page_size, i), ++m->field.crew.stamp);
	m->in_place_calls += 2;
	return (!uffd_move(m->uffd, hole, remap_address(m, vpn), bytes(m, n)) &&
		!uffd_move(m->uffd, remap_address(m, vpn), full, bytes(m, n))) ||
	       failed(m, "UFFDIO_MOVE");
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

/* ---- one batch ---- */

bool remap_in_place(struct remap *m, uint64_t *ns)
{
	unsigned pages = m->field.vmemmap_pages, b;
	bool done = true;

	*ns = clock_now_ns();
	if (m->what == WHAT_PAGE)
		done = m->how->replace(m, 0, m->batch);
	for (b = 0; m->what != WHAT_PAGE && b < m->batch && done; b++)
		done = m->how->replace(m, b * pages + 1, pages - 1);
	*ns = clock_now_ns() - *ns;
	m->hole = !m->hole;
	if (!done)
		remap_close_uffd(m);
	return done;
}
