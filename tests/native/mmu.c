/*
 * The window: what an alias shows, what it refuses, how a hole and a permission
 * are told apart by real faults, and that a reset mends everything.
 */
#include <kapi.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

static struct page *target;

static unsigned load(void *state)
{
	(void)state;
	return (unsigned)READ_ONCE(target->index);
}

static unsigned store(void *state)
{
	(void)state;
	WRITE_ONCE(target->index, 77ul);
	return 1;
}

static bool is_fault(struct rig *r, unsigned result, const char *kind, int hazard, int write)
{
	vms_fault f = rig_take_fault(r);

	return result_hazard(result) == hazard && f.kind && !strcmp(f.kind, kind) &&
	       f.write == write && f.address == (uintptr_t)&target->index && f.hazard == hazard;
}

static void alias_tails(struct mmu *m, bool writable)
{
	mmu_set(m, 1, m->vmemmap_pages - 1, m->ptes[0].frame, writable, true);
}

/* Every struct page of every alias is the head page's. */
static unsigned differing(void)
{
	unsigned i, k, n = 0;

	for (k = 1; k < mach_vmemmap_pages(); k++) {
		for (i = 0; i < pages_per_frame(); i++)
			n += READ_ONCE(block_page(0, k * pages_per_frame() + i)->index) !=
			     READ_ONCE(block_page(0, i)->index);
	}
	return n;
}

static void aliases_show_the_head(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;
	unsigned i;

	for (i = 0; i < pages_per_frame(); i++)
		block_page(0, i)->index = 1000 + i;
	alias_tails(m, false);
	ok(!differing(), "each alias shows the head's page");
	block_head(0)->index = 5;
	ok(!differing() && block_page(0, pages_per_frame())->index == 5,
	   "and what is written to it later");
	((struct page *)mmu_frame(m, m->ptes[0].frame))->index = 6;
	ok(!differing() && block_head(0)->index == 6, "by way of the linear map too");
}

static void read_only_refuses(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;
	unsigned before = (unsigned)block_head(0)->index, k, wrong = 0;

	for (k = 1; k < m->vmemmap_pages; k++) {
		mmu_set(m, k, 1, m->ptes[0].frame, false, true); /* never read before */
		target = block_page(0, k * pages_per_frame());
		wrong += !is_fault(r, rig_guarded(r, store), "write to read-only", 23, 1);
		wrong += rig_guarded(r, load) != before;
		wrong += !is_fault(r, rig_guarded(r, store), "write to read-only", 23, 1);
	}
	ok(!wrong, "a store through a read-only alias is a permission fault, touched before or not");
	ok(block_head(0)->index == before, "and stores nothing");
}

static void holes_refuse(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;

	target = block_page(0, 3 * pages_per_frame() + 2);
	mmu_clear(m, 3, 1);
	ok(is_fault(r, rig_guarded(r, load), "hole in the window", 16, 0),
	   "a load from a cleared entry is a hole (H16)");
	ok(is_fault(r, rig_guarded(r, store), "hole in the window", 16, 1), "and so is a store");
	r->machine.cpus[0].broken = 1;
	ok(result_hazard(rig_guarded(r, load)) == 17, "of the CPU that broke it itself: H17");
	rig_take_fault(r);
	ok(r->machine.window_abandoned && !r->machine.cpus[0].broken, "whose window is then abandoned");
	r->machine.window_abandoned = 0;
	target = block_page(0, 2 * pages_per_frame());
	rig_guarded(r, load);
	ok(!rig_take_fault(r).kind, "the entry beside it is untouched");
}

static void writable_ones_write(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;

	alias_tails(m, true);
	target = block_page(0, 5 * pages_per_frame());
	ok(rig_guarded(r, store) == 1 && block_head(0)->index == 77 && !rig_take_fault(r).kind,
	   "a store through a writable alias is the head's");
}

static void shared_tails(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;
	unsigned i, wrong = 0;

	r->regime.tail = TAIL_SHARED_READ_ONLY;
	mmu_set(m, 1, m->vmemmap_pages - 1, mach_shared_tail(), false, true);
	for (i = pages_per_frame(); i < block_pages(); i++)
		wrong += compound_head(block_page(0, i)) != block_head(0);
	ok(!wrong, "a shared tail finds its head from its own address");
	target = block_page(0, pages_per_frame() + 1);
	ok(is_fault(r, rig_guarded(r, store), "write to read-only", 23, 1),
	   "and cannot be written");
	r->regime.tail = TAIL_READ_ONLY_ALIAS;
}

/* ---- a waiting handler ---- */

struct window {
	uint32_t broken;
	unsigned seen;
};

static void maker(struct cpu *cpu, void *argument)
{
	struct mmu *m = &cpu->machine->mmu;
	struct window *w = argument;
	frame_t old = m->ptes[1].frame;

	mmu_clear(m, 1, 1);
	__atomic_store_n(&w->broken, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&cpu->machine->waits, __ATOMIC_RELAXED))
		sleep_ms(1);
	sleep_ms(5);
	mmu_set(m, 1, 1, old, true, false);
}

static void waiter(struct cpu *cpu, void *argument)
{
	struct window *w = argument;

	await_u32(&w->broken, 1, 5000);
	w->seen = guard_run(cpu, load);
}

static void a_handler_that_waits(void)
{
	static rig_actor *const actors[] = { maker, waiter };
	struct window w = { 0 };
	static struct rig r;

	rig_create(&r, 2);
	rig_map(&r, 0, 1);
	r.regime.window = WINDOW_FAULT_WAIT;
	target = block_page(0, pages_per_frame() + 3);
	target->index = 4321;
	rig_run(&r, actors, &w, false);
	ok(w.seen == 4321 && r.machine.waits == 1, "a waiting handler lets the load finish");
	ok(!rig_take_fault(&r).kind, "and records no fault");
	rig_destroy(&r);
}

/* ---- reset ---- */

static unsigned not_alone(const struct mmu *m)
{
	unsigned n = m->blocks * m->vmemmap_pages, i, k, bad = 0;

	for (i = 0; i < n; i++) {
		bad += !m->ptes[i].valid || !m->ptes[i].writable || m->ptes[i].seq & 1;
		/* gigantic pages: a sample of the pairs */
		for (k = i + 1; k < n && k < i + 16; k++)
			bad += m->ptes[i].frame == m->ptes[k].frame;
	}
	return bad;
}

static unsigned write_everywhere(void *state)
{
	const struct mmu *m = &kapi_this_cpu->machine->mmu;
	unsigned n = m->blocks * m->vmemmap_pages, i, wrong = 0;

	(void)state;
	for (i = 0; i < n; i++)
		WRITE_ONCE(((struct page *)(m->window + (size_t)i * m->page_size))->private, i + 1ul);
	for (i = 0; i < n; i++)
		wrong += READ_ONCE(((struct page *)(m->window + (size_t)i * m->page_size))->private) !=
			 i + 1ul;
	return wrong;
}

static void reset_mends(unsigned pages, unsigned blocks, const char *what)
{
	static struct rig r;
	struct mmu *m = &r.machine.mmu;

	rig_create(&r, 1);
	rig_map(&r, pages, blocks);
	ok(!not_alone(m) && !rig_guarded(&r, write_everywhere), "%s: starts with frames of its own",
	   what);
	alias_tails(m, false);
	mmu_reset(m, true);
	ok(!not_alone(m) && !rig_guarded(&r, write_everywhere), "%s: reset of an optimised block",
	   what);
	mmu_clear(m, m->blocks * m->vmemmap_pages - 3, 2);
	mmu_reset(m, false);
	ok(!not_alone(m) && !rig_guarded(&r, write_everywhere), "%s: reset of a broken one", what);
	mmu_clear(m, 0, m->vmemmap_pages);
	mmu_set(m, m->vmemmap_pages - 1, 1, mach_shared_tail(), false, true);
	mmu_reset(m, true);
	ok(!not_alone(m) && !rig_guarded(&r, write_everywhere), "%s: reset of a mixed one", what);
	ok(!m->error && !rig_take_fault(&r).kind, "%s: no call failed, nothing faulted", what);
	rig_destroy(&r);
}

static void too_many_mappings(void)
{
	unsigned pages = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), true);
	vms_error e = { 0 };
	vms_host host;
	struct mmu m;

	vms_host_describe(&host);
	if (host.max_map_count < 0 || host.max_map_count / pages > 100000) {
		skip("vm.max_map_count", "no limit that could be exceeded");
		return;
	}
	ok(mmu_create(&m, pages, 1, (unsigned)(host.max_map_count / pages) + 1, &e) ==
		   VMS_EUNSUPPORTED && strstr(e.text, "vm.max_map_count ="),
	   "more mappings than vm.max_map_count: told before anything is mapped");
	mmu_destroy(&m);
	mmu_explain(12 /* ENOMEM */, &e);
	ok(strstr(e.text, "sysctl vm.max_map_count"), "and named when a call fails of it later");
}

int main(void)
{
	unsigned gigantic = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), true);
	static struct rig r;
	vms_error e;

	too_many_mappings();
	if (UNDER_TSAN) {
		skip("faults and remaps", NO_REMAPS);
		return done();
	}
	fault_install(&e);
	rig_create(&r, 1);
	rig_map(&r, 0, 1);
	aliases_show_the_head(&r);
	read_only_refuses(&r);
	holes_refuse(&r);
	writable_ones_write(&r);
	shared_tails(&r);
	rig_destroy(&r);
	a_handler_that_waits();
	reset_mends(0, 3, "2 MiB");
	reset_mends(gigantic, 1, "1 GiB");
	fault_uninstall();
	return done();
}
