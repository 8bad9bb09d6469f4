/*
 * The inner loops of group `atomics`, for the kind of atomics that this object is
 * compiled for. What is measured is what scenarios use: the primitives of arch/.
 *
 * Every loop is a function in a section of its own, so that its code can be found and
 * disassembled, and begins on a boundary of 64 bytes. Nothing but the operation stands
 * between two operations.
 */
#include "loops/atomics/atomics_ops.h"

#ifdef LOOPS_OUTLINE
#define LOOPS_NAME "outline"
#else
#define LOOPS_NAME ARCH_ATOMICS
#endif

/* Time in the operation: the additions wait for its value, and the next operation's
 * address for them. */
TIMED_INLINE int *after_additions(int *p, int met, uint32_t n)
{
	uintptr_t chain = (unsigned)met, copy;

	for (; n; n--) {
		__asm__ volatile("" : "+r"(chain));
		chain++;
	}
	copy = chain;
	__asm__ volatile("" : "+r"(copy)); /* equal, which the compiler may not know */
	return (int *)((uintptr_t)p + (chain - copy));
}

TIMED_INLINE struct tally tally_begin(const struct loop_thread *t, uint64_t n)
{
	const struct atomics_share *own = t->own;

	return (struct tally){ .longest = t->longest_run, .begun = n + own->run, .left = n,
			       .next = own->next };
}

TIMED_INLINE void tally_end(struct loop_thread *t, struct tally *tally, bool count)
{
	struct atomics_share *own = t->own;

	t->retries += tally->retries;
	t->refused += tally->refused;
	if (!count)
		return;
	t->runs += tally->runs;
	own->next = tally->next;
	own->run = tally->begun;
	t->longest_run = tally->longest > own->run ? tally->longest : own->run;
}

/* After each chunk. A count that is only added to comes round to 0, where add_unless
 * would refuse for ever; it is lowered long before, by whoever sees it first. */
#define LOWERED 0x80000000u

TIMED_INLINE void keep_from_zero(struct atomics_share *own, int met)
{
	while (!LIKELY((unsigned)met < LOWERED)) {
		if (arch_try_cmpxchg_full(own->count, &met, (int)((unsigned)met - LOWERED + 1))) {
			own->lowered += LOWERED - 1;
			return;
		}
	}
}

#define PASTE_(a, b, c, d) a##_##b##_##c##_##d
#define PASTE(a, b, c, d) PASTE_(a, b, c, d)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define EDGE_(edge, section) __##edge##_##section
#define EDGE(edge, section) EDGE_(edge, section)
#define SECTION(op, backoff, way) PASTE(loops_##op, backoff, way, LOOPS_KIND)
#define WORK(op, backoff, way) PASTE(work_##op, backoff, way, LOOPS_KIND)
#define HIDDEN __attribute__((visibility("hidden")))

/* The linker brackets a section whose name is an identifier, in a stripped library
 * too. n > 0: the engine asks for nothing else. */
#define TIMED(op, backoff, way, COUNT, AFTER, kind)                                    \
	extern const char EDGE(start, SECTION(op, backoff, way))[] HIDDEN;            \
	extern const char EDGE(stop, SECTION(op, backoff, way))[] HIDDEN;             \
	__attribute__((section(TEXT(SECTION(op, backoff, way))), aligned(64), noinline)) \
	static void WORK(op, backoff, way)(struct loop_thread *t, uint64_t n)         \
	{                                                                             \
		const struct atomics_share *own = t->own;                             \
		struct tally tally = tally_begin(t, n);                               \
		int *p = own->count, met;                                             \
                                                                                      \
		do {                                                                  \
			met = op_##op(p, kind, COUNT, &tally);                        \
			AFTER;                                                        \
		} while (--tally.left);                                               \
		tally_end(t, &tally, COUNT);                                          \
		if (OP_##op == OP_add_unless)                                         \
			keep_from_zero(t->own, met);                                  \
	}

#define NOTHING ((void)met)
#define SETTINGS                                             \
	do {                                                 \
		p = after_additions(p, met, own->ballast);   \
		loop_spin(own->pace);                        \
	} while (0)

#define TIMED_WAYS_0(op, backoff, kind)                       \
	TIMED(op, backoff, bare, false, NOTHING, kind)        \
	TIMED(op, backoff, paced, false, SETTINGS, kind)
#define TIMED_WAYS_1(op, backoff, kind)                       \
	TIMED(op, backoff, bare, false, NOTHING, kind)        \
	TIMED(op, backoff, counted, true, NOTHING, kind)      \
	TIMED(op, backoff, paced, true, SETTINGS, kind)
#define TIMED_OP_0(op, counts) TIMED_WAYS_##counts(op, none, BACKOFF_NONE)
#define TIMED_OP_1(op, counts)                                \
	TIMED_OP_0(op, counts)                                \
	TIMED_WAYS_##counts(op, pause, BACKOFF_PAUSE)         \
	TIMED_WAYS_##counts(op, exponential, BACKOFF_EXPONENTIAL)
#define TIMED_OP(op, tries, counts, delta, start) TIMED_OP_##tries(op, counts)
ATOMICS_LIST(TIMED_OP)

/* ---- the table ---- */

#define CELL(op, backoff, way)                                                 \
	{ WORK(op, backoff, way), EDGE(start, SECTION(op, backoff, way)),      \
	  EDGE(stop, SECTION(op, backoff, way)) }
#define WAYS_0(op, backoff) \
	{ [WAY_BARE] = CELL(op, backoff, bare), [WAY_PACED] = CELL(op, backoff, paced) }
#define WAYS_1(op, backoff) \
	{ [WAY_BARE] = CELL(op, backoff, bare), [WAY_COUNTED] = CELL(op, backoff, counted), \
	  [WAY_PACED] = CELL(op, backoff, paced) }
#define ROW_0(op, counts) { WAYS_##counts(op, none) },
#define ROW_1(op, counts) \
	{ WAYS_##counts(op, none), WAYS_##counts(op, pause), WAYS_##counts(op, exponential) },
#define ROW(op, tries, counts, delta, start) ROW_##tries(op, counts)
#define TABLE_(kind) loops_atomics_##kind
#define TABLE(kind) TABLE_(kind)

const struct atomics_table TABLE(LOOPS_KIND) = {
	.name = LOOPS_NAME,
	.add = ARCH_ADD_FULL,
	.cmpxchg = ARCH_CMPXCHG_FULL,
	.cmpxchg_and_add = ARCH_CMPXCHG_FULL "|" ARCH_ADD_FULL,
	.add_relaxed = ARCH_ADD_RELAXED,
	.timed = { ATOMICS_LIST(ROW) },
};
