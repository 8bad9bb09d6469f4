/*
 * add_unless: two phases. A value equal to u is never written, so it may be
 * probed on a read-only page; any other value is, and faults there.
 */
#include <kapi.h>
#include <string.h>

#include "rig.h"
#include "tap.h"

static atomic_t *target;
static int unless;

static unsigned add_one(void *state)
{
	(void)state;
	return atomic_add_unless(target, 1, unless);
}

static unsigned get(void *state)
{
	(void)state;
	return atomic_inc_not_zero(target);
}

static unsigned fetch(void *state)
{
	(void)state;
	return (unsigned)atomic_fetch_add_unless(target, 2, unless);
}

static void values(struct rig *r)
{
	static atomic_t a;

	target = &a;
	unless = 7;
	atomic_set(&a, 7);
	ok(!rig_guarded(r, add_one) && atomic_read(&a) == 7, "a value equal to u stays");
	atomic_set(&a, 6);
	ok(rig_guarded(r, add_one) == 1 && atomic_read(&a) == 7, "any other value is added to");
	ok(rig_guarded(r, fetch) == 7 && atomic_read(&a) == 7, "the fetching form returns u");
	atomic_set(&a, -3);
	ok((int)rig_guarded(r, fetch) == -3 && atomic_read(&a) == -1,
	   "the fetching form returns the old value");
	atomic_set(&a, 0);
	ok(!rig_guarded(r, get) && atomic_read(&a) == 0, "inc_not_zero refuses zero");
	ok(!atomic_add_unless_acquire(&a, 1, 0), "and so does the form with acquire");
}

/* The last fake head of block 0 shows the head, read-only. */
static void probe_read_only(struct rig *r)
{
	struct page *head = block_head(0), *fake = block_page(0, block_pages() - pages_per_frame());
	unsigned result;
	vms_fault f;

	mmu_set(&r->machine.mmu, r->machine.mmu.vmemmap_pages - 1, 1, r->machine.mmu.ptes[0].frame, false,
		true);
	target = &fake->_refcount;
	unless = 0;
	atomic_set(&head->_refcount, 0);
	result = rig_guarded(r, add_one);
	ok(!result && !rig_take_fault(r).kind, "probing a count of 0 on a read-only page is no fault");
	unless = 9;
	atomic_set(&head->_refcount, 9);
	result = rig_guarded(r, add_one);
	ok(!result && !rig_take_fault(r).kind, "nor is any other value equal to u");

	unless = 0;
	atomic_set(&head->_refcount, 1);
	result = rig_guarded(r, add_one);
	f = rig_take_fault(r);
	ok(result_hazard(result) == 1, "a value other than u is a write fault there (H1)");
	ok(f.kind && !strcmp(f.kind, "write to read-only") && f.write, "told as a write to read-only");
	ok(f.page == (int64_t)(block_pages() - pages_per_frame()), "at the struct page it was");
	ok(f.address == (uintptr_t)&fake->_refcount, "at the address of the count");
	ok(page_ref_count(head) == 1, "the head's count is as it was");
}

/* A value that was loaded while the page could be written: the remap came between. */
static unsigned compare_late(void *state)
{
	(void)state;
	mach_loaded(&target->counter);
	mmu_set(&kapi_this_cpu->machine->mmu, kapi_this_cpu->vmemmap_pages - 1, 1,
		kapi_this_cpu->ptes[0].frame, false, true);
	return atomic_cmpxchg(target, 1, 2) == 1;
}

static void told_apart(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;
	unsigned result;

	mmu_reset(m, true);
	atomic_set(&block_head(0)->_refcount, 1); /* one that loses does not fault everywhere */
	result = rig_guarded(r, compare_late);
	ok(result_hazard(result) == 2, "a value loaded before the remap makes it H2");
	rig_take_fault(r);
}

int main(void)
{
	static struct rig r;
	vms_error e;

	rig_create(&r, 1);
	rig_map(&r, 0, 1);
	fault_install(&e);
	values(&r);
	if (UNDER_TSAN) {
		skip("on a read-only page", NO_REMAPS);
	} else {
		probe_read_only(&r);
		told_apart(&r);
	}
	fault_uninstall();
	rig_destroy(&r);
	return done();
}
