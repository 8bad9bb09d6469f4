/*
 * The inner loops of group `atomics`, for the kind of atomics that this object is
 * compiled for. What is measured is what scenarios use: the primitives of arch/.
 *
 * Every loop is a function in a section of its own, so that its code can be found and
 * disassembled, on a boundary of 64 bytes. Nothing but the operation stands between
 * two operations: lost compare-and-swaps are counted where they are lost.
 */
#include "loops/atomics.h"

#ifdef LOOPS_OUTLINE
#define LOOPS_NAME "outline"
#else
#define LOOPS_NAME ARCH_ATOMICS
#endif

#define TIMED_INLINE static inline __attribute__((always_inline))

/* ---- one operation; true if it was done, false if it was refused ---- */

struct tally {
	uint64_t retries, refused;
};

TIMED_INLINE void back_off(enum atomics_backoff kind, unsigned *step)
{
	unsigned i;

	if (kind == BACKOFF_NONE)
		return;
	for (i = 0; i < *step; i++)
		arch_cpu_relax();
	if (kind == BACKOFF_EXPONENTIAL && *step < 64)
		*step *= 2;
}

TIMED_INLINE void op_xadd(int *p, enum atomics_backoff kind, struct tally *tally)
{
	(void)kind;
	(void)tally;
	arch_fetch_add_full(p, 1);
}

TIMED_INLINE void op_add_unless(int *p, enum atomics_backoff kind, struct tally *tally)
{
	/* relaxed: the compare-and-swap orders, if it writes */
	int seen = __atomic_load_n(p, __ATOMIC_RELAXED), old;
	unsigned step = 1;

	for (;;) {
		if (__builtin_expect(seen == 0, 0)) {
			tally->refused++;
			return;
		}
		old = seen;
		seen = arch_cmpxchg_full(p, old, old + 1);
		if (__builtin_expect(seen == old, 1))
			return;
		tally->retries++;
		back_off(kind, &step);
	}
}

/* ---- the loops ---- */

TIMED_INLINE void spin(uint32_t units)
{
	for (; units; units--)
		__asm__ volatile("");
}

#define PASTE_(a, b, c, d) a##_##b##_##c##_##d
#define PASTE(a, b, c, d) PASTE_(a, b, c, d)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define EDGE_(edge, section) __##edge##_##section
#define EDGE(edge, section) EDGE_(edge, section)
#define SECTION(op, backoff, way) PASTE(loops_##op, backoff, way, LOOPS_KIND)
#define WORK(op, backoff, way) PASTE(work_##op, backoff, way, LOOPS_KIND)

/* The linker brackets a section whose name is an identifier, and so does a stripped
 * library. n > 0: the engine asks for nothing else. */
#define TIMED(op, backoff, way, kind, PACE)                                          \
	extern const char EDGE(start, SECTION(op, backoff, way))[]                    \
		__attribute__((visibility("hidden")));                                \
	extern const char EDGE(stop, SECTION(op, backoff, way))[]                     \
		__attribute__((visibility("hidden")));                                \
	__attribute__((section(TEXT(SECTION(op, backoff, way))), aligned(64), noinline)) \
	static void WORK(op, backoff, way)(struct loop_thread *t, uint64_t n)         \
	{                                                                             \
		struct atomics_share *own = t->own;                                   \
		struct tally tally = { 0 };                                           \
		int *p = own->count;                                                  \
                                                                                      \
		do {                                                                  \
			op_##op(p, kind, &tally);                                     \
			PACE;                                                         \
		} while (--n);                                                        \
		t->retries += tally.retries;                                          \
		t->refused += tally.refused;                                          \
	}

#define BARE ((void)0)
#define PACED                      \
	do {                       \
		spin(own->ballast); \
		spin(own->pace);   \
	} while (0)

#define TIMED_BACKOFFS(op, way, PACE)                            \
	TIMED(op, none, way, BACKOFF_NONE, PACE)                 \
	TIMED(op, pause, way, BACKOFF_PAUSE, PACE)               \
	TIMED(op, exponential, way, BACKOFF_EXPONENTIAL, PACE)

#define OP_LIST(X) X(xadd) X(add_unless)
#define TIMED_OP(op) TIMED_BACKOFFS(op, bare, BARE) TIMED_BACKOFFS(op, paced, PACED)
OP_LIST(TIMED_OP)

/* ---- the table ---- */

#define CELL(op, backoff, way) \
	{ WORK(op, backoff, way), EDGE(start, SECTION(op, backoff, way)), \
	  EDGE(stop, SECTION(op, backoff, way)) }
#define ROW(op, backoff) { CELL(op, backoff, bare), CELL(op, backoff, paced) }
#define ROWS(op) { ROW(op, none), ROW(op, pause), ROW(op, exponential) },
#define TABLE_(kind) loops_atomics_##kind
#define TABLE(kind) TABLE_(kind)

const struct atomics_table TABLE(LOOPS_KIND) = {
	.name = LOOPS_NAME,
	.timed = { OP_LIST(ROWS) },
};
