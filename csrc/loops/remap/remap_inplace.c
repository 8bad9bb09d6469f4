/*
 * Strategies that work in place: the page tables forget pages of the window, and the
 * page cache or userfaultfd brings them back, the same frames or others. A reader that
 * comes in between waits in the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "loops/remap/remap.h"
#include "native/clock.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

bool remap_failed(struct remap *m, const char *call)
{
	snprintf(m->failure, sizeof(m->failure), "%s: %s", call, strerror(errno));
	return false;
}

void remap_stamp_in_place(struct remap *m, unsigned vpn, unsigned n)
{
	struct crew *c = &m->field.crew;

	for (; n; n--, vpn++)
		crew_stamp(c, c->machine.mmu.ptes[vpn].frame);
}

/* ---- madvise ---- */

bool remap_forget(struct remap *m, unsigned vpn, unsigned n)
{
	m->in_place_calls++;
	return !madvise(remap_address(m, vpn), remap_bytes(m, n), MADV_DONTNEED) ||
	       remap_failed(m, "madvise(MADV_DONTNEED)");
}

static bool replace_dontneed(struct remap *m, unsigned vpn, unsigned n)
{
	remap_stamp_in_place(m, vpn, n);
	return remap_forget(m, vpn, n);
}

static bool replace_populate(struct remap *m, unsigned vpn, unsigned n)
{
	if (!replace_dontneed(m, vpn, n))
		return false;
	m->in_place_calls++;
	return !madvise(remap_address(m, vpn), remap_bytes(m, n), MADV_POPULATE_WRITE) ||
	       remap_failed(m, "madvise(MADV_POPULATE_WRITE)");
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
