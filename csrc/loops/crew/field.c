#include "loops/crew/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"
#include "native/clock.h"

/* A reference is held for nanoseconds, or for as long as its holder is preempted. */
#define PATIENCE_NS 5000000000ull

/* As hugetlb_assemble(), for any number of blocks and without the buddy allocator. */
static void assemble(unsigned block)
{
	const struct page_image head = { PG_HEAD, 0, PGTY_HUGETLB, 1 };
	const struct page_image tail = { 0, tail_info(block), PGTY_NONE, 0 };

	block_fill(block, &head, &tail);
}

static void assemble_all(struct field *f)
{
	unsigned b;

	crew_borrow(&f->crew);
	for (b = 0; b < f->blocks; b++) {
		assemble(b);
		f->slots[b] = (uintptr_t)block_head(b);
	}
	crew_return();
}

int field_create(struct field *f, const struct loop_run *run, const struct regime *regime,
		 bool gigantic, unsigned blocks, vms_error *err)
{
	uint32_t page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	int status;

	f->run = run;
	f->blocks = blocks;
	f->vmemmap_pages = mmu_vmemmap_pages(page_size, gigantic);
	f->old = calloc(blocks, sizeof(*f->old));
	if (!f->old || posix_memalign((void **)&f->slots, ARCH_CACHELINE,
				      blocks * sizeof(*f->slots))) {
		f->slots = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u huge pages", blocks);
	}
	status = crew_create(&f->crew, run, regime, f->vmemmap_pages, blocks, err);
	if (!status)
		assemble_all(f);
	return status;
}

void field_lay_out(struct field *f)
{
	mmu_set(&f->crew.machine.mmu, 0, f->blocks * f->vmemmap_pages, 1, true, false);
	assemble_all(f);
}

void field_destroy(struct field *f)
{
	crew_destroy(&f->crew);
	free(f->slots);
	free(f->old);
}

void field_aim(struct field *f, unsigned block)
{
	const struct mmu *m = &f->crew.machine.mmu;
	struct cpu *cpu = kapi_this_cpu;
	size_t vpn = (size_t)block * f->vmemmap_pages;

	cpu->ptes = m->ptes + vpn;
	cpu->vmemmap = (uintptr_t)m->window + vpn * m->page_size;
}

/* Of the calling CPU's block 0, as a block of the field. */
static unsigned aimed(const struct field *f)
{
	return (unsigned)((size_t)(kapi_this_cpu->ptes - f->crew.machine.mmu.ptes) /
			  f->vmemmap_pages);
}

/* One that is never given back must not hang the run. */
static bool is_stuck(struct field *f, unsigned block, uint64_t *since)
{
	uint64_t now = clock_now_ns();

	if (!*since)
		*since = now;
	if (now - *since < PATIENCE_NS)
		return false;
	f->stuck = block + 1;
	__atomic_store_n(&f->crew.oops, 1, __ATOMIC_RELAXED);
	return true;
}

static bool freeze(struct field *f, unsigned b)
{
	uint64_t since = 0;

	while (!page_ref_freeze(block_head(b), 1)) {
		f->freeze_retries++;
		if ((loop_stopping(f->run) && !f->half_way) || crew_is_oopsed(&f->crew) ||
		    is_stuck(f, aimed(f) + b, &since))
			return false;
		cpu_relax();
	}
	return true;
}

static void put_into_slot(struct field *f, unsigned b)
{
	/* release: the struct page before the pointer to it; pairs with the reader's
	 * dependency through the slot */
	smp_store_release(&f->slots[aimed(f) + b], (uintptr_t)block_head(b));
}

bool field_withdraw(struct field *f, unsigned n)
{
	unsigned first = aimed(f), b;

	for (b = 0; b < n; b++)
		WRITE_ONCE(f->slots[first + b], 0);
	for (b = 0; b < n && freeze(f, b); b++)
		;
	if (b == n)
		return true;
	while (b--)
		page_ref_unfreeze(block_head(b), 1);
	for (b = 0; b < n; b++)
		put_into_slot(f, b);
	return false;
}

void field_hand_out(struct field *f, unsigned n)
{
	unsigned b;

	for (b = 0; b < n; b++) {
		if (page_ref_count(block_head(b)) == 0)
			page_ref_unfreeze(block_head(b), 1);
		put_into_slot(f, b);
	}
}

void field_optimise(struct field *f, unsigned n)
{
	unsigned b;

	hvo_grace_before();
	hvo_remap_blocks(n, f->old);
	for (b = 0; b < n; b++)
		f->no_frame |= !f->old[b].remapped;
}

/* Regimes before mid-2024 unfroze first; then a late reader may hold a reference. */
void field_restore(struct field *f, unsigned n)
{
	unsigned b;

	for (b = 0; b < n && !this_regime()->freeze; b++)
		page_ref_unfreeze(block_head(b), 1);
	hvo_grace_before();
	for (b = 0; b < n; b++)
		f->no_frame |= !hvo_restore_block(b);
}

/* ---- the oracle ---- */

static bool stands_as_begun(struct field *f, unsigned b)
{
	const struct pte *p = &f->crew.machine.mmu.ptes[(size_t)b * f->vmemmap_pages];
	unsigned i;

	for (i = 0; i < f->vmemmap_pages; i++) {
		if (!p[i].valid || !p[i].writable)
			return false;
	}
	return true;
}

static const char *check_count(struct field *f, struct loop_run *run, unsigned b)
{
	const struct mmu *m = &f->crew.machine.mmu;
	const struct page *head = mmu_frame(m, m->ptes[(size_t)b * f->vmemmap_pages].frame);
	int count = __atomic_load_n(&head->_refcount.counter, __ATOMIC_RELAXED);

	if (count == 1)
		return NULL;
	snprintf(run->verdict, sizeof(run->verdict),
		 "huge page %u has %d references at the end, not 1 (I3)", b, count);
	return run->verdict;
}

const char *field_check_counts(struct field *f, struct loop_run *run)
{
	const char *wrong = NULL;
	unsigned b;

	for (b = 0; b < f->blocks && !wrong; b++)
		wrong = check_count(f, run, b);
	return wrong;
}

const char *field_check(struct field *f, struct loop_run *run)
{
	const char *wrong;
	unsigned b;

	if (f->stuck) {
		snprintf(run->verdict, sizeof(run->verdict), "somebody kept a reference of huge "
			 "page %u for five seconds (I3)", f->stuck - 1);
		return run->verdict;
	}
	wrong = crew_check(&f->crew, run);
	if (!wrong)
		wrong = field_check_counts(f, run);
	for (b = 0; b < f->blocks && !wrong; b++) {
		if (!stands_as_begun(f, b))
			wrong = "a huge page was not restored when the run ended";
	}
	if (!wrong && f->no_frame)
		wrong = "a journey found no free frame";
	return wrong;
}
