/* Frames: nobody gets one twice, and a write to a free one does not go unseen. */
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "tap.h"

#define MOST 64u

static void distinct_until_exhausted(struct mmu *m, unsigned n)
{
	frame_t taken[MOST];
	unsigned i, k, twice = 0, got = 0, touched = 0;
	bool scribbled_over;

	while (got < MOST &&
	       (taken[got] = frames_alloc(&m->frames, n, &scribbled_over)) != FRAME_NONE) {
		touched += scribbled_over;
		got++;
	}
	for (i = 0; i < got; i++) {
		for (k = 0; k < i; k++)
			twice += taken[i] == taken[k];
	}
	ok(got > 1 && got < MOST && !twice, "%u runs of %u: each is handed out once, then none",
	   got, n);
	ok(!touched, "untouched frames are told as such");
	for (i = 0; i < got; i++)
		frames_free(&m->frames, taken[i], n);
	for (i = 0; i < got; i++)
		taken[i] = frames_alloc(&m->frames, n, &scribbled_over);
	ok(taken[got - 1] != FRAME_NONE &&
		   frames_alloc(&m->frames, n, &scribbled_over) == FRAME_NONE,
	   "freed ones are all there again, and no more");
	for (i = 0; i < got; i++)
		frames_free(&m->frames, taken[i], n);
}

/* One word at `at` of a free run is written: the next owner is told, once. */
static void a_write_is_seen(struct mmu *m, unsigned n, size_t at, const char *where)
{
	bool scribbled_over = false;
	frame_t f = frames_alloc(&m->frames, n, &scribbled_over), again;

	frames_free(&m->frames, f, n);
	((volatile unsigned char *)mmu_frame(m, f))[at] ^= 1;
	again = frames_alloc(&m->frames, n, &scribbled_over);
	ok(again == f && scribbled_over, "a bit that changed in a free run of %u (%s) is seen", n,
	   where);
	frames_free(&m->frames, f, n);
	again = frames_alloc(&m->frames, n, &scribbled_over);
	ok(again == f && !scribbled_over, "and not held against the next owner");
	frames_free(&m->frames, f, n);
}

static void writes_are_seen(struct mmu *m)
{
	unsigned tails = m->vmemmap_pages - 1;

	a_write_is_seen(m, 1, 0, "first byte");
	a_write_is_seen(m, 1, 52, "a count");
	a_write_is_seen(m, 1, m->page_size - 1, "last byte");
	a_write_is_seen(m, tails, (size_t)tails * m->page_size - 1, "last byte");
	a_write_is_seen(m, tails, (size_t)m->page_size * 3 + 64, "in the middle");
}

static unsigned count_free(struct mmu *m, unsigned n)
{
	return n == 1 ? m->frames.heads.n : m->frames.tails.n;
}

static void lost_ones_are_found(struct mmu *m)
{
	unsigned tails = m->vmemmap_pages - 1, heads_free = count_free(m, 1);
	unsigned tails_free = count_free(m, tails);
	bool scribbled_over;
	frame_t f = frames_alloc(&m->frames, 1, &scribbled_over);

	frames_alloc(&m->frames, 1, &scribbled_over);
	frames_alloc(&m->frames, tails, &scribbled_over);
	*(volatile unsigned char *)mmu_frame(m, f) = 1; /* its owner used it */
	mmu_reclaim(m);
	ok(count_free(m, 1) == heads_free && count_free(m, tails) == tails_free,
	   "frames in the hands of nobody are found again");
	f = frames_alloc(&m->frames, 1, &scribbled_over);
	ok(!scribbled_over, "and the scribbler has them");
	frames_free(&m->frames, f, 1);
}

static void shown_ones_stay(struct mmu *m)
{
	unsigned vpn, n = m->blocks * m->vmemmap_pages, tails = m->vmemmap_pages - 1;
	unsigned handed_out = 0;
	bool scribbled_over;
	frame_t f;

	mmu_reclaim(m);
	while ((f = frames_alloc(&m->frames, 1, &scribbled_over)) != FRAME_NONE) {
		for (vpn = 0; vpn < n; vpn++)
			handed_out += m->ptes[vpn].frame == f;
	}
	while ((f = frames_alloc(&m->frames, tails, &scribbled_over)) != FRAME_NONE) {
		for (vpn = 0; vpn < n; vpn++)
			handed_out += m->ptes[vpn].frame - f < tails;
	}
	ok(!handed_out, "a frame that a PTE shows is never free");
	mmu_reclaim(m);
}

/* ---- two threads ---- */

#define ROUNDS 3000u

struct owners {
	struct mmu *mmu;
	uint32_t *owned; /* by frame */
	unsigned twice, touched;
};

static void taker(struct cpu *cpu, void *argument)
{
	struct owners *o = argument;
	unsigned i, twice = 0, touched = 0;

	for (i = 0; i < ROUNDS; i++) {
		unsigned n = i & 1 ? o->mmu->vmemmap_pages - 1 : 1;
		bool scribbled_over;
		frame_t f = frames_alloc(&o->mmu->frames, n, &scribbled_over);

		if (f == FRAME_NONE)
			continue;
		touched += scribbled_over;
		twice += __atomic_exchange_n(&o->owned[f], 1, __ATOMIC_RELAXED) != 0;
		memset(mmu_frame(o->mmu, f), (int)cpu->actor + 1, 64);
		__atomic_store_n(&o->owned[f], 0, __ATOMIC_RELAXED);
		frames_free(&o->mmu->frames, f, n);
	}
	__atomic_fetch_add(&o->twice, twice, __ATOMIC_RELAXED);
	__atomic_fetch_add(&o->touched, touched, __ATOMIC_RELAXED);
}

static void two_takers(void)
{
	rig_actor *actors[] = { taker, taker };
	static struct rig r;
	struct owners o = { 0 };

	rig_create(&r, 2);
	rig_map(&r, 8, 2);
	o.mmu = &r.machine.mmu;
	o.owned = calloc(frames_count(&o.mmu->frames), sizeof(*o.owned));
	rig_run(&r, actors, &o, false);
	ok(!o.twice, "two threads never hold one frame");
	ok(!o.touched, "and neither writes into what is free");
	free(o.owned);
	rig_destroy(&r);
}

int main(void)
{
	static struct rig r;

	rig_create(&r, 1);
	rig_map(&r, 8, 2);
	distinct_until_exhausted(&r.machine.mmu, 1);
	distinct_until_exhausted(&r.machine.mmu, r.machine.mmu.vmemmap_pages - 1);
	writes_are_seen(&r.machine.mmu);
	lost_ones_are_found(&r.machine.mmu);
	shown_ones_stay(&r.machine.mmu);
	rig_destroy(&r);
	two_takers();
	return done();
}
