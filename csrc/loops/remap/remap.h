/*
 * The loops of group `remap`: one for each way to bring other frames to an address
 * that is being read. Thread 0 remaps, the others read.
 *
 * A strategy either replaces what the page table says, and then makes whole HVO
 * journeys too; or it works in place on a range of pages, which userfaultfd or the
 * page cache fills again.
 */
#ifndef LOOPS_REMAP_H
#define LOOPS_REMAP_H

#include "loops/crew/remapper.h"

enum remap_what { WHAT_PAGE, WHAT_2M, WHAT_1G };
enum remap_direction { DIRECTION_BOTH, DIRECTION_OPTIMISE, DIRECTION_RESTORE };
enum remap_guard {
	GUARD_OPEN, GUARD_WAIT_SPIN, GUARD_WAIT_FUTEX, GUARD_RETRY, GUARD_PAUSE, GUARD_STOP
};

/* Index of each setting; the first are every strategy's. */
enum {
	SET_WHAT, SET_BATCH, SET_READER, SET_RATE, SET_PACE,
	SET_DIRECTION, SET_GRACE, SET_GUARD
};

struct remap;

struct strategy {
	/* NULL, or why this host cannot. */
	const char *(*lacks)(int choice);
	/* After the field is there; VMS_OK or *err. May be NULL. */
	int (*prepare)(struct remap *m, vms_error *err);
	void (*finish)(struct remap *m); /* may be NULL */
	/* In place: n pages from vpn; false: a call failed, with m->failure. NULL: by
	 * journeys. */
	bool (*replace)(struct remap *m, unsigned vpn, unsigned n);
	/* By journeys: how frames come to an address; NULL: mmap(MAP_FIXED). */
	void *(*map)(struct mmu *mmu, void *address, size_t length, int prot, off_t offset);
	/* What pages that are not shown at the end have counted; may be NULL. */
	uint64_t (*hidden)(const struct remap *m);
	bool breaks; /* break before make */
	bool idles;  /* does nothing: what the readers do when nobody remaps */
};

struct remap {
	struct field field; /* first: field_of() */
	const struct strategy *how;
	enum remap_what what;
	enum remap_direction direction;
	enum watcher_kind reader;
	unsigned batch;
	frame_t *spare, *shown; /* single pages by journeys: what is shown next, and now */
	struct watcher *watchers;
	unsigned n_watchers;
	struct remapper remapper;
	uint64_t in_place_calls;
	char failure[128];
	/* Of the strategies in place. */
	int uffd;
	char *spares;          /* pages to copy or move from */
	size_t spares_size;
	unsigned hole;         /* uffd-move: which half of the spares is empty */
};

extern const struct strategy
	strategy_none, strategy_mmap_fixed, strategy_mmap_populate, strategy_mremap, strategy_bbm,
	strategy_dontneed, strategy_populate, strategy_uffd_copy, strategy_uffd_continue,
	strategy_uffd_wp, strategy_uffd_move;

/* One batch: of single pages, of huge pages' journeys (remap_journey.c), in place
 * (remap_inplace.c). ns: of what is to be timed. False: told to stop, or it failed. */
bool remap_pages(struct remap *m, uint64_t *ns);
int remap_pages_prepare(struct remap *m, vms_error *err);
bool remap_journeys(struct remap *m, uint64_t *ns);
bool remap_in_place(struct remap *m, uint64_t *ns);
/* Lets go of the readers that wait for a page, now and from now on. */
void remap_close_uffd(struct remap *m);

/* remap.c: the loop's functions, for remap_list.c. */
int remap_create(struct loop_run *run, const struct strategy *how, vms_error *err);
void remap_destroy(struct loop_run *run);
void remap_enter(struct loop_thread *t);
void remap_leave(struct loop_thread *t);
void (*remap_work_of(const struct loop_run *run, uint32_t role))(struct loop_thread *, uint64_t);
const char *remap_check(struct loop_run *run);

/* Compare-and-swaps that won on this page; it counts from 1. */
static inline uint64_t remap_count_at(const void *page)
{
	return ((const struct page *)page)->private - 1;
}

static inline struct remap *remap_of(const struct loop_run *run)
{
	return run->shared;
}

static inline char *remap_address(const struct remap *m, unsigned vpn)
{
	const struct mmu *mmu = &m->field.crew.machine.mmu;

	return mmu->window + (size_t)vpn * mmu->page_size;
}

/* ---- what strategies in place share (remap_inplace.c) ---- */

/* Note which call failed, with errno; false. */
bool remap_failed(struct remap *m, const char *call);
/* New stamps in frames that stay where they are. */
void remap_stamp_in_place(struct remap *m, unsigned vpn, unsigned n);
/* MADV_DONTNEED. */
bool remap_forget(struct remap *m, unsigned vpn, unsigned n);

static inline size_t remap_bytes(const struct remap *m, unsigned n)
{
	return (size_t)n * m->field.crew.machine.mmu.page_size;
}

#endif
