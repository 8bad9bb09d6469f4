/*
 * The machine operations: all that the vocabulary (csrc/kapi) asks of a
 * machine. csrc/native/machine.h and csrc/model/machine.h each supply every
 * name below; which one a scenario gets is the include path of its build.
 *
 * Memory. p points into shared state, into the vmemmap window or into the
 * linear map; any of them may be an address that only the machine understands. The
 * object is of 1, 2, 4 or 8 bytes and aligned to them: a scalar of any type, bool, enum
 * and pointer too; loads and stores also take a struct, union or double of such a size.
 * Every other size is refused at compile time (MACH_WORD_CHECK). Memory is bytes: accesses
 * of different sizes to the same bytes see each other. Values have the object's type, a
 * read-modify-write converts its operands to it first. Every operation is a macro or a
 * function that evaluates each argument once. Orders and fences are those of order.h.
 *   mach_load(p, order, site)          RELAXED, ACQUIRE, ACQUIRE_PC, SEQ_CST
 *   mach_store(p, v, order, site)      RELAXED, RELEASE, SEQ_CST
 *   mach_plain_load(p, site)           unmarked: races with another access are bugs
 *   mach_plain_store(p, v, site)
 *   mach_xchg(p, v, order, site)       read-modify-writes: any order but ACQUIRE_PC
 *   mach_cmpxchg(p, old, new, order, site)  returns what was there; a failed
 *                                      compare writes and orders nothing
 *   mach_fetch_op(kind, p, v, order, site)  returns what was there; kind is a constant of
 *                                      enum mach_rmw. ADD wraps; p is no pointer's
 *   mach_fetch_add(p, v, order, site)  mach_fetch_op(MACH_ADD, ...)
 *   mach_exclusive(p, site)            nobody else accesses it meanwhile: what does is a
 *                                      bug, like a race with a plain store. Writes nothing
 *   mach_object_end(p, size, site)     the object of size bytes at p is freed: every access
 *                                      to it that is not ordered before this, and every one
 *                                      after it, is a violation. The bytes are never used
 *                                      again in this run
 *   mach_fence(kind, site)
 *   mach_point(site)                   a preemption point with a name
 *   mach_relax(site)                   in a retry loop: nothing changes until
 *                                      another CPU runs
 *
 *   mach_loaded(p)                     a value loaded from p will be compared: a
 *                                      fault of that compare is told apart by
 *                                      whether p was remapped since (H2 or H1)
 *
 * Exclusion.
 *   mach_rcu_read_lock/unlock(site), mach_synchronize_rcu(site)
 *   mach_irq_disable/enable(site)      also an RCU read section; holds off
 *                                      interrupts, pauses and flush IPIs; they nest
 *   mach_spin_lock/unlock(int *p, site)
 *
 * Memory map. One instance of a scenario owns a range of the window: struct
 * pages from mach_vmemmap(), mach_vmemmap_pages() of them behind each huge
 * page. vpn counts vmemmap pages from the start of the instance's range.
 *   frame_t mach_frame_alloc(n, site)  n contiguous frames: 1, or all tails of a
 *                                      huge page; FRAME_NONE when exhausted
 *   mach_frame_free(f, n, site)        the frames now belong to whoever writes
 *   mach_frame_of(vpn)                 frame in the PTE, no walk, no TLB
 *   mach_frame_va(f)                   its address in the linear map, always RW
 *   mach_frame_fill(f, first, n, image, site)   struct pages of the linear map
 *   mach_frame_copy(to, from, site)    whole frames, word by word
 *   mach_pte_set(vpn, n, f, prot, site)     to n contiguous frames from f
 *   mach_pte_alias(vpn, n, f, prot, site)   all n to the one frame f
 *   mach_pte_clear(vpn, n, site)       the break of break-before-make
 *   mach_tlb_flush(vpn, n, site)
 *   mach_shared_tail()                 the read-only frame of tails that every
 *                                      huge page may share
 *   mach_pause_others(wait, site), mach_resume_others(site)
 *
 * The run.
 *   mach_regime()                      const struct regime *
 *   mach_param(i)                      the scenario's parameter
 *   mach_actor()                       index of this CPU among the actors
 *   mach_state()                       the instance's state
 *   mach_enter(state)                  returns state; from here on mach_state() is it, in
 *                                      scenarios without a vmemmap too
 *   mach_page_size()                   bytes of a vmemmap page
 *   mach_violate(hazard, invariant, site)   record, end this actor; may not return.
 *                                      0, 0: a claim of the scenario's that failed; its text
 *                                      is the site's
 *   mach_note(note)                    set a bit in this actor's run notes
 *   mach_notes()                       bits set so far in this run, this actor
 */
#ifndef KAPI_CONTRACT_H
#define KAPI_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kapi/order.h"
#include "kapi/regime.h"

/* Where an operation stands in the source: what reports and witnesses name. */
struct site {
	const char *file;
	const char *function;
	const char *operation; /* the source text */
	int line;
	int landmark; /* worth waiting for: 1 to get here, 2 to get past it */
};

#define KAPI_SITE_AS(text, landmark)                                        \
	({                                                                  \
		static const struct site site_ = { __FILE__, __func__,      \
						   (text), __LINE__,        \
						   (landmark) };            \
		&site_;                                                     \
	})
#define KAPI_SITE(text) KAPI_SITE_AS(text, 0)
#define KAPI_CHECKPOINT(label) KAPI_SITE_AS(label, 1)
/* The world looks different after it: a remap, a grace period. */
#define KAPI_LANDMARK(text) KAPI_SITE_AS(text, 2)

enum mach_prot { MACH_RO, MACH_RW };

#define MACH_WORD_SIZE(size) ((size) == 1 || (size) == 2 || (size) == 4 || (size) == 8)

/* What each memory operation begins with: the one place that says which sizes there are. */
#define MACH_WORD_CHECK(p)                                                          \
	_Static_assert(!__builtin_types_compatible_p(__typeof__(*(p)), void) &&     \
		       MACH_WORD_SIZE(sizeof(*(p))),                                \
		       "an access has 1, 2, 4 or 8 bytes: this object is of another size; " \
		       "access its members one by one")

typedef uint32_t frame_t;
#define FRAME_NONE UINT32_MAX

/* Bytes of a struct page: a vmemmap page holds 64, 256 or 1024 of them, as base pages
 * have 4, 16 or 64 KiB. */
#define STRUCT_PAGE_SIZE 64u

/* The words of a struct page that a bulk initialisation writes. */
struct page_image {
	unsigned long flags;
	unsigned long compound_info;
	unsigned int page_type;
	int refcount;
};

#define KAPI_ABI 2
#define KAPI_MAX_ACTORS 8

enum kapi_grade { GRADE_OK, GRADE_INTERESTING, GRADE_FORBIDDEN };

struct outcome {
	const char *name;
	const char *about; /* one sentence */
	int grade;
	int hazard;        /* n of Hn, 0 none */
	int invariant;     /* n of In, 0 none */
};

/* Rows of the outcome table: the scenario's own, H1 to H31, and one for a check that
 * returned none of the scenario's. */
#define HAZARD_ROWS 31u

struct param {
	const char *name;
	const char *about;
	int low, high, preset;
};

struct cpu;
struct batch;

struct actor {
	const char *name;
	const char *about;
	unsigned (*once)(void *state);
	void (*loop)(struct cpu *cpu, const struct batch *b); /* native only */
	int times_param; /* stands params[times_param - 1] times; 0: once */
};

#define SCENARIO_VMEMMAP 1u    /* owns a range of the window; a regime applies */
#define SCENARIO_MODEL_ONLY 2u /* no hardware shows its outcomes to user space */
#define SCENARIO_ORDERING 4u   /* its outcomes are a matter of the CPU's memory order alone */

/*
 * One race: shared state, actors, a final check, graded outcomes. check returns
 * the index of the outcome; results holds what each actor returned.
 */
struct scenario {
	uint32_t abi, size;
	const char *name, *title, *story, *source, *file;
	const struct param *params;
	const struct actor *actors;
	const struct outcome *outcomes;
	uint32_t n_params, n_actors, n_outcomes;
	uint32_t flags;
	uint32_t blocks; /* huge pages of one instance; 0: one */
	size_t state_size;
	void (*init)(void *state);
	unsigned (*check)(void *state, const unsigned *results);
	void (*interrupt)(void *state); /* may arrive while interrupts are on; or NULL */
	/* native only: the same over a part of a batch, inlined */
	void (*init_loop)(struct cpu *cpu, const struct batch *b, unsigned from,
			  unsigned to);
	void (*check_loop)(struct cpu *cpu, const struct batch *b, unsigned from,
			   unsigned to, uint64_t *counts);
};

#endif
