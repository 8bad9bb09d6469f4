/*
 * Threads of a timed loop as CPUs of machine native: with an RCU reader each, and if
 * asked for a window of struct pages that may be remapped under them: the fault handler,
 * page tables, grace periods and pauses are the machine's.
 *
 * Every vmemmap page that is ever shown carries a stamp in two words that no struct
 * page uses: a magic and a number that only grows, written before the frame is shown.
 * So a reader that meets a frame too early, too late or torn can tell.
 */
#ifndef LOOPS_CREW_H
#define LOOPS_CREW_H

#include <kapi.h>

#include "loops/engine/loop.h"
#include "native/machine.h"
#include "native/machine_state.h"

#define STAMP_MAGIC (0x9a17ull << 48)
#define STAMP_NUMBER ((1ull << 48) - 1)

struct crew_frames {
	frame_t *f;
	unsigned n, size;
};

struct crew {
	struct machine machine;
	struct regime regime;
	struct mach_ops ops;   /* native_ops, and what a strategy does differently */
	struct zone zone;
	int32_t params[VMS_MAX_PARAMS];
	uint64_t *beats;       /* of each thread, when a pause last let it go */
	const struct loop_run *run;
	pthread_mutex_t gate;  /* held by a pause, and by a thread that enters or leaves */
	const struct cpu *pauser; /* who holds it for a pause */
	bool faults, pauses;   /* handlers are installed */
	double cycles_per_ns;
	uint64_t stamp;        /* the last one given; the remapper's */
	/* Frames allocated ahead of an operation, and freed after it: the scribbler's
	 * work is not part of what is timed. */
	struct crew_frames ready_heads, ready_tails, old_heads, old_tails;
	bool scribbled_over;   /* a free frame was written */
	uint32_t oops;         /* a thread met a fault that nothing explains */
};

/* Two words of the first struct page of a frame. */
struct stamp {
	uint64_t first, second;
};

/* vmemmap_pages 0: no window. c is zeroed by the caller, who also destroys it when
 * this fails. */
int crew_create(struct crew *c, const struct loop_run *run, const struct regime *regime,
		unsigned vmemmap_pages, unsigned blocks, vms_error *err);
void crew_destroy(struct crew *c);
/* c->ops of this crew (crew_ops.c). */
void crew_ops_install(struct crew *c);
/* The end of a pause, also of one that was cut off. */
void crew_open_gate(struct crew *c, const struct cpu *cpu);

/* This thread is CPU t->index from here to crew_leave(). */
struct cpu *crew_enter(struct crew *c, struct loop_thread *t);
void crew_leave(struct crew *c, struct loop_thread *t);
/* The calling thread stands in for CPU 0, to set up and to check. */
void crew_borrow(struct crew *c);
void crew_return(void);

/*
 * body(argument) with faults caught. False: it was cut off by one. What the regime
 * says must happen (an open window) has been counted; anything else makes the crew
 * oops, after which nobody works any more.
 */
bool crew_guarded(struct crew *c, void (*body)(void *argument), void *argument);

static inline bool crew_is_oopsed(const struct crew *c)
{
	return __atomic_load_n(&c->oops, __ATOMIC_RELAXED) != 0;
}

/* What went wrong in words, in the run's verdict; NULL: nothing did. */
const char *crew_check(struct crew *c, struct loop_run *run);

/*
 * After a batch with pauses, until everybody has done something: a thread that is
 * paused again before its signal handler returned would never get anywhere.
 */
void crew_let_run(struct crew *c);
/* This thread has done something. */
static inline void crew_beat(struct cpu *cpu)
{
	/* relaxed: nothing but that it moves is looked at */
	__atomic_store_n(&cpu->progress, cpu->progress + 1, __ATOMIC_RELAXED);
}

/* Have so many frames ready, and hand all old ones to the scribbler. */
void crew_stock(struct crew *c, unsigned heads, unsigned tails);

/* ---- stamps ---- */

static inline struct page *crew_page(const struct cpu *cpu, unsigned vpn)
{
	return (struct page *)(cpu->vmemmap + (size_t)vpn * cpu->page_size);
}

static inline void stamp_write(struct page *page, uint64_t number)
{
	__atomic_store_n(&page->reserved, STAMP_MAGIC | number, __ATOMIC_RELAXED);
	/* release: whoever sees this word sees that one; pairs with stamp_read(). For the
	 * strategies that change a page in place. */
	__atomic_store_n(&page->index, STAMP_MAGIC | number, __ATOMIC_RELEASE);
}

/* Stamp a frame that nobody sees yet. */
static inline void crew_stamp(struct crew *c, frame_t f)
{
	stamp_write(mmu_frame(&c->machine.mmu, f), ++c->stamp);
}

/* Read through the window by any thread. */
static inline struct stamp stamp_read(const struct page *page)
{
	struct stamp s;

	/* acquire: the second word is read after the first, so it is not older */
	s.first = __atomic_load_n(&page->index, __ATOMIC_ACQUIRE);
	s.second = __atomic_load_n(&page->reserved, __ATOMIC_RELAXED);
	return s;
}

static inline bool stamp_is_good(struct stamp s, uint64_t last)
{
	return (s.first & ~STAMP_NUMBER) == STAMP_MAGIC &&
	       (s.second & ~STAMP_NUMBER) == STAMP_MAGIC && s.first >= last &&
	       s.second >= s.first;
}

#endif
