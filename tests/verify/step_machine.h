/* The state of the step machine (step_machine.c) and what its parts share. */
#ifndef LITMUS_STEP_MACHINE_H
#define LITMUS_STEP_MACHINE_H

#include "translation.h"

/* One rule broken on purpose; docs/translations.md counts them the same way. */
enum twin {
	TWIN_NONE,
	TWIN_NO_TLB,              /* 1: every access walks */
	TWIN_FILL_ON_ACCESS,      /* 2: a TLB is filled by accesses alone */
	TWIN_NEVER_EVICTED,       /* 3: a hit is used for ever */
	TWIN_CACHE_NOT_PRESENT,   /* 4: a TLB keeps an entry that is not present */
	TWIN_OWN_WRITE_REACHES_TLB, /* 5 */
	TWIN_KEPT_PAST_FLUSH,     /* 6: a flush drops nothing */
	TWIN_LOCAL_FLUSH,         /* 7: a flush reaches its own CPU alone */
	TWIN_FLUSH_DOES_NOT_WAIT, /* 8: for stores through the old translation */
	TWIN_NO_CONSENT,          /* 9: x86's flush passes interrupts that are off */
	TWIN_TLBI_ASKS,           /* 10: arm64's waits for them */
	TWIN_WALK_FORWARDS,       /* 11: a walk sees its own CPU's store buffer */
	TWIN_IMPRECISE_FAULT,     /* 12: a fault passes an own store to the entry */
	TWIN_FREED_KEEPS,         /* 13: a freed frame keeps its contents */
	TWIN_NEVER_IS_ZERO,       /* 14: a new frame is full of zeroes */
	TWIN_NO_PERMISSION,       /* 15: a read-only entry may be written through */
	TWIN_NO_WAIT_IN_WINDOW,   /* 16: the fault handler gives up */
	TWIN_NO_OWN_WINDOW,       /* 17: nobody knows that the window is his own */
	TWIN_LIVE_CHANGE,         /* 18: a live entry may be changed in place */
	TWIN_PAUSE_HIDES_NOTHING, /* 19: the others run on */
	TWIN_PAUSE_TAKES_SECTIONS, /* 20: a pause does not wait for interrupts that are off */
	TWIN_NO_GRACE,            /* 21: a grace period waits for nobody */
	TWIN_IRQ_IS_NO_SECTION,   /* 22: ... and not for interrupts that are off */
	TWIN_FREED_IS_WRITABLE,   /* 23: a store into a freed frame is no hazard */
	TWIN_ONE_ENTRY,           /* 24: a TLB has room for one entry of a page */
	TWIN_GOES_BACK,           /* 25: an older entry is used after a newer one */
	TWINS
};

#define S_BUFFER 10
#define S_VERSIONS 16

enum s_entry { S_WORD, S_FRAME, S_PAGE_ENTRY, S_WINDOW, S_IRQ_OUT, S_RCU_OUT };

/* A store on its way to memory. */
struct s_store {
	uint8_t kind, at, value;
	uint8_t page, version; /* of S_WINDOW: the entry that it was translated by */
};

/* An entry of the page table: 0 not present, else this. */
#define S_ENTRY(frame, writable) ((uint8_t)((((frame) + 1) << 1) | ((writable) ? 1 : 0)))
#define S_ENTRY_FRAME(e) ((unsigned)((e) >> 1) - 1u)

struct s_state {
	uint32_t reads[T_CPUS];
	uint8_t n_reads[T_CPUS], pc[T_CPUS], stage[T_CPUS], seen[T_CPUS];
	uint8_t hazard[T_CPUS];          /* this CPU died of it; 0: it lives */
	uint8_t word[T_WORDS], frame[T_FRAMES];
	uint8_t version[T_PAGES];        /* stores to the entry so far */
	uint8_t entry[T_PAGES][S_VERSIONS]; /* what each of them made of it */
	uint16_t tlb[T_CPUS][T_PAGES];   /* versions that it holds, as bits */
	uint8_t n_buffer[T_CPUS];
	struct s_store buffer[T_CPUS][S_BUFFER];
	uint8_t irq_nest[T_CPUS], rcu_nest[T_CPUS];
	uint8_t irq_in[T_CPUS], irq_out[T_CPUS], rcu_in[T_CPUS], rcu_out[T_CPUS];
	uint8_t waits[T_CPUS][T_CPUS];   /* sections to see the end of */
	uint8_t dropped[T_CPUS];         /* of a flush: CPUs that dropped it, as bits */
	uint8_t flushed[T_CPUS][T_PAGES]; /* versions that a flush knows of */
	uint8_t broken[T_CPUS];          /* entries that this CPU cleared and not yet set */
	uint8_t paused_by;               /* CPU + 1 */
};

static inline unsigned s_entry_now(const struct s_state *s, unsigned page)
{
	return s->entry[page][s->version[page]];
}

#endif
