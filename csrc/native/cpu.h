/*
 * One CPU of a scenario on machine native: a pinned thread, and all that the
 * inline half of the machine operations needs of it. Scenario code reaches its
 * own through kapi_this_cpu; everything slow is behind ops, so a scenario built
 * at run time links against nothing.
 */
#ifndef NATIVE_CPU_H
#define NATIVE_CPU_H

#include <setjmp.h>

#include "arch/arch.h"
#include "kapi/contract.h"

/* What the page table says of one vmemmap page. seq is odd while it changes. */
struct pte {
	uint32_t seq;
	frame_t frame;
	uint8_t valid;
	uint8_t writable;
};

struct mach_ops {
	void (*stall)(struct cpu *cpu);
	void (*meet_slow)(struct cpu *cpu, uint64_t ticket);
	void (*plan)(struct cpu *cpu, uint64_t run);
	void (*relax)(struct cpu *cpu);
	void (*synchronize_rcu)(struct cpu *cpu);
	void (*pause_pending)(struct cpu *cpu);
	void (*pause_others)(struct cpu *cpu, bool wait);
	void (*resume_others)(struct cpu *cpu);
	void (*spin_lock_slow)(struct cpu *cpu, int *lock);
	frame_t (*frame_alloc)(struct cpu *cpu, unsigned n);
	void (*frame_free)(struct cpu *cpu, frame_t f, unsigned n);
	void (*frame_fill)(struct cpu *cpu, frame_t f, unsigned first, unsigned n,
			   const struct page_image *image);
	void (*frame_copy)(struct cpu *cpu, frame_t to, frame_t from);
	void (*pte_set)(struct cpu *cpu, unsigned vpn, unsigned n, frame_t f,
			enum mach_prot prot, bool alias);
	void (*pte_clear)(struct cpu *cpu, unsigned vpn, unsigned n);
	void (*tlb_flush)(struct cpu *cpu);
	void (*violate)(struct cpu *cpu, int hazard, int invariant);
};

/* One stall: at this point of mine, wait until that actor has come so far. */
struct stall {
	uint16_t at;     /* points passed in this run; 0: before the first */
	uint16_t until;  /* points that the other has passed; its end counts as one more */
	uint8_t whom;    /* index of the other actor */
	uint8_t kind;    /* enum stall_kind */
};

enum stall_kind { STALL_NONE, STALL_WAIT, STALL_DELAY, STALL_INTERRUPT };
#define MAX_STALLS 6
#define MAX_LANDMARKS 32u
#define WAITING_FOR_ANY 0xffu
#define WAITING_FOR_PROGRESS 0x100u /* flag: only until `until` */

/* How a fault handler waits for the window to close. */
enum fault_wait {
	FAULT_WAIT_SPIN,
	FAULT_WAIT_FUTEX, /* sleeps until fault_wake() */
	FAULT_WAIT_RETRY, /* returns: the access itself asks again */
};

struct machine;

struct cpu {
	/* Written by this CPU at every point, read by peers that stall for it. */
	_Alignas(ARCH_CACHELINE) uint64_t progress; /* run << 16 | points passed */
	uint32_t waiting; /* for the actor of this number + 1: it must not wait for us */
	uint64_t until;   /* with WAITING_FOR_PROGRESS: the progress waited for */

	/* Written and read by this CPU alone. */
	_Alignas(ARCH_CACHELINE) uint64_t stall_at; /* progress of the next stall */
	const struct site *site;                    /* where it is, for the fault handler */
	const struct mach_ops *ops;
	const int32_t *params;
	const struct regime *regime;
	void *state;
	uintptr_t vmemmap;     /* struct pages of the present instance */
	uintptr_t window_size; /* bytes of them; 0: the scenario has none */
	struct pte *ptes;      /* and their entries */
	char *linear;          /* every frame, always mapped read-write */
	uint32_t page_size, vmemmap_pages;
	uintptr_t mark_address; /* of the last value that will be compared */
	uintptr_t again_address; /* of a fault that was made again, under again_seq */
	uint32_t again_seq;
	uint32_t mark_writable; /* what the PTE that it came through allowed */
	uint32_t notes;
	int32_t hazard, invariant;
	uint32_t actor;
	uint32_t points_max;   /* most points of one run in this batch */
	uint32_t n_landmarks;
	uint16_t landmarks[MAX_LANDMARKS]; /* points at which this run passed one */
	uint64_t rng;
	uint64_t ticket;       /* rendezvous so far */
	uint32_t rcu_nest;
	uint32_t rcu_fence;    /* no membarrier: readers pay a fence */
	volatile uint32_t irq_off;
	volatile uint32_t pause_deferred; /* a pause arrived while interrupts were off */
	volatile uint32_t broken;         /* PTEs that this CPU broke and has not yet made */
	volatile uint32_t guarded;        /* recovery is valid */
	uint32_t next_stall;
	struct stall stalls[MAX_STALLS];
	struct machine *machine;
	uint32_t pause_ack;    /* generation of the last pause it answered */
	uint32_t aborted;      /* runs of this batch that ended in a violation */
	uint32_t absent;       /* not entered yet, or left: a pause must not wait for it */
	uint32_t pause_left;   /* generation of the last pause that it has left */
	uint32_t fault_wait;   /* enum fault_wait, where the regime has a waiting handler */
	uint64_t faults;       /* in its window, of any kind */
	const char *name;      /* of what it runs, for reports of faults */
	void (*interrupt)(void *state);
	sigjmp_buf recovery;

	/* Odd inside a read section. Written by this CPU, read by synchronize_rcu. */
	_Alignas(ARCH_CACHELINE) unsigned long rcu;

	/* Written by this CPU at a rendezvous, polled by its peers. */
	_Alignas(ARCH_CACHELINE) uint64_t arrived;
	uint32_t sleeping; /* in futex_wait on this word */
};

/* What the actors of one machine run between two rendezvous of them all. */
struct batch {
	char *states;
	size_t stride;
	unsigned *results[KAPI_MAX_ACTORS];
	unsigned n;
	unsigned group;  /* instances per rendezvous */
	unsigned jitter; /* at most so many spin units more, drawn per rendezvous */
	unsigned n_actors;
	unsigned n_outcomes;
	unsigned no_outcome; /* the row for a check that returned none of its own */
	uint64_t first_run;
	int skew[KAPI_MAX_ACTORS]; /* spin units after a rendezvous */
	struct cpu *peers[KAPI_MAX_ACTORS];
};

#ifdef KAPI_PLUGIN
static __thread struct cpu *kapi_this_cpu __attribute__((unused)) ARCH_LOADED_TLS;
#else
extern __thread struct cpu *kapi_this_cpu __attribute__((tls_model("initial-exec")));
#endif

#endif
