/* The loops of group `remap`, by name. */
#include "loops/remap/remap.h"

static const char *const whats[] = { "page", "2m", "1g", NULL };
static const char *const directions[] = { "both", "optimise", "restore", NULL };
static const char *const readers[] = { "idle", "load", "cas", "lookup", NULL };
static const char *const readers_in_place[] = { "idle", "load", "cas", NULL };
static const char *const graces[] = { "none", "before-remap", NULL };
static const char *const guards[] = {
	"none", "fault-wait-spin", "fault-wait-futex", "fault-retry", "pause", "stop", NULL
};

#define WHAT(ident)                                                                      \
	[SET_WHAT] = { "what", "vmemmap pages of one operation: one, or those behind a "    \
		       "huge page", whats, 0, 0, WHAT_PAGE, lacks_##ident }
#define BATCH \
	[SET_BATCH] = { "batch", "operations for one flush and one grace period", NULL, 1, 512, 1, \
			NULL }
#define READER(choices) \
	[SET_READER] = { "reader", "what the other threads do with these pages", choices, 0, 0, \
			 WATCH_LOAD, NULL }
#define RATE                                                                             \
	[SET_RATE] = { "rate", "operations a second, by the clock; 0: back to back", NULL, \
		       0, 1000000, 0, NULL }
#define PACE                                                                             \
	[SET_PACE] = { "pace", "nanoseconds between two accesses of a reader; 0: back to back", \
		       NULL, 0, 1000000, 0, NULL }
#define DIRECTION                                                                        \
	[SET_DIRECTION] = { "direction", "which way of a journey is timed", directions, 0, 0, \
			    DIRECTION_BOTH, NULL }
#define GRACE \
	[SET_GRACE] = { "grace", "synchronize_rcu in each batch", graces, 0, 0, 0, NULL }
#define GUARD                                                                            \
	[SET_GUARD] = { "guard", "what closes the window between break and make", guards, \
			0, 0, GUARD_PAUSE, NULL }

#define JOURNEYS(ident) WHAT(ident), BATCH, READER(readers), RATE, PACE, DIRECTION, GRACE
#define IN_PLACE(ident) WHAT(ident), BATCH, READER(readers_in_place), RATE, PACE

/* A strategy that a host cannot do lacks every `what`. */
#define LACKS(ident)                                                       \
	static const char *lacks_##ident(int choice)                       \
	{                                                                  \
		return strategy_##ident.lacks ? strategy_##ident.lacks(choice) : NULL; \
	}

#define REMAP_LOOP(ident, title, text, once, ...)                               \
	LACKS(ident)                                                            \
	static int create_##ident(struct loop_run *run, vms_error *err)         \
	{                                                                       \
		return remap_create(run, &strategy_##ident, err);               \
	}                                                                       \
	const struct loop loop_remap_##ident = {                                \
		.group = "remap", .name = title, .about = text, .operation = once, \
		.settings = { __VA_ARGS__ },                                    \
		.counters = { REMAPPER_COUNTERS },                              \
		.histograms = { REMAPPER_HISTOGRAMS },                          \
		.least_threads = 1, .roles = 2, .chunk = 4096, .chunk_remapper = 1,                  \
		.create = create_##ident, .destroy = remap_destroy,             \
		.enter = remap_enter, .leave = remap_leave,                     \
		.look = remapper_look, .work = remap_work_of, .check = remap_check, \
	};

#define REPLACED "one page or huge page remapped"

REMAP_LOOP(none, "none", "nobody remaps: what the readers do by themselves", "a nap of 1 ms",
	   JOURNEYS(none))
REMAP_LOOP(mmap_fixed, "mmap-fixed", "one mmap(MAP_FIXED): x86's replacement of a live entry",
	   REPLACED, JOURNEYS(mmap_fixed))
REMAP_LOOP(mmap_populate, "mmap-populate", "as mmap-fixed, with MAP_POPULATE: no refault",
	   REPLACED, JOURNEYS(mmap_populate))
REMAP_LOOP(mremap, "mremap", "mapped and populated elsewhere, then moved over the old one",
	   REPLACED, JOURNEYS(mremap))
REMAP_LOOP(bbm, "bbm", "arm64's break-before-make: PROT_NONE, then MAP_FIXED, under a guard",
	   REPLACED, JOURNEYS(bbm), GUARD)
REMAP_LOOP(dontneed, "dontneed", "MADV_DONTNEED on shared memory: readers refault the same frame",
	   "one page or run of tail pages dropped", IN_PLACE(dontneed))
REMAP_LOOP(populate, "dontneed-populate", "MADV_DONTNEED, then MADV_POPULATE_WRITE",
	   "one page or run of tail pages dropped and mapped", IN_PLACE(populate))
REMAP_LOOP(uffd_copy, "uffd-copy", "MADV_DONTNEED, then UFFDIO_COPY; readers wait in the kernel",
	   "one page or run of tail pages replaced", IN_PLACE(uffd_copy))
REMAP_LOOP(uffd_continue, "uffd-continue",
	   "MADV_DONTNEED, then UFFDIO_CONTINUE; readers wait in the kernel",
	   "one page or run of tail pages dropped and mapped", IN_PLACE(uffd_continue))
REMAP_LOOP(uffd_wp, "uffd-wp", "UFFDIO_WRITEPROTECT there and back; writers wait in the kernel",
	   "one page or run of tail pages protected and freed", IN_PLACE(uffd_wp))
REMAP_LOOP(uffd_move, "uffd-move", "two UFFDIO_MOVE: the old page out, another in",
	   "one page or run of tail pages replaced", IN_PLACE(uffd_move))
