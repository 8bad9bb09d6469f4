/* The atomics of this architecture, each operation in each of its sizes and orders. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "arch/host.h"
#include "tap.h"

#define ROUNDS 10000u

struct ops {
	unsigned size;
	const char *order;
	uint64_t (*xchg)(void *p, uint64_t v);
	uint64_t (*cmpxchg)(void *p, uint64_t old, uint64_t new);
	uint64_t (*add)(void *p, uint64_t v);
	uint64_t (*set)(void *p, uint64_t v);
	uint64_t (*mask)(void *p, uint64_t v);
	uint64_t (*flip)(void *p, uint64_t v);
};

#define FETCH(name, kind, size, order)                                                \
	static uint64_t name##_##size##_##order(void *p, uint64_t v)                  \
	{                                                                             \
		return arch_fetch_op(kind, p, size, v, order);                        \
	}
#define DEFINE(size, order)                                                           \
	FETCH(add, MACH_ADD, size, order)                                             \
	FETCH(set, MACH_OR, size, order)                                              \
	FETCH(mask, MACH_AND, size, order)                                            \
	FETCH(flip, MACH_XOR, size, order)                                            \
	static uint64_t xchg_##size##_##order(void *p, uint64_t v)                    \
	{                                                                             \
		return arch_xchg(p, size, v, order);                                  \
	}                                                                             \
	static uint64_t cmpxchg_##size##_##order(void *p, uint64_t old, uint64_t new) \
	{                                                                             \
		return arch_cmpxchg(p, size, old, new, order);                        \
	}
#define ROW(size, order)                                                              \
	{ size, #order, xchg_##size##_##order, cmpxchg_##size##_##order,              \
	  add_##size##_##order, set_##size##_##order, mask_##size##_##order,          \
	  flip_##size##_##order },
#define ORDERS(EACH, size)                                                            \
	EACH(size, MACH_RELAXED) EACH(size, MACH_ACQUIRE) EACH(size, MACH_RELEASE)    \
	EACH(size, MACH_FULL) EACH(size, MACH_ACQ_REL) EACH(size, MACH_SEQ_CST)

ORDERS(DEFINE, 1)
ORDERS(DEFINE, 2)
ORDERS(DEFINE, 4)
ORDERS(DEFINE, 8)

static const struct ops all_ops[] = {
	ORDERS(ROW, 1) ORDERS(ROW, 2) ORDERS(ROW, 4) ORDERS(ROW, 8)
};

static uint64_t mask_of(const struct ops *o)
{
	return o->size == 8 ? ~0ull : (1ull << o->size * 8) - 1;
}

/* Read by another way than what is tested. */
static uint64_t look(const struct ops *o, const void *p)
{
	uint64_t v = 0;

	memcpy(&v, p, o->size); /* little-endian, both */
	return v;
}

/* ---- one thread: what comes back, what is stored, what stands beside it ---- */

#define BESIDE 0xa5u
#define ok_op(condition, text) ok(condition, "%u bytes, %s: %s", o->size, o->order, text)

static bool beside(const struct ops *o, const unsigned char *room)
{
	unsigned i;

	for (i = 0; i < 16; i++) {
		if ((i < 8 || i >= 8 + o->size) && room[i] != BESIDE)
			return false;
	}
	return true;
}

static void values(const struct ops *o)
{
	_Alignas(16) unsigned char room[16];
	void *p = room + 8;
	uint64_t all = mask_of(o), high = all / 2 + 1;
	uint64_t many = 0x8182838485868788u;

	memset(room, BESIDE, sizeof(room));
	memset(p, 0, o->size);
	ok_op(o->add(p, 3) == 0 && look(o, p) == 3, "an addition returns the old value");
	ok_op(o->add(p, (uint64_t)-4) == 3 && look(o, p) == all, "a negative one carries");
	ok_op(o->add(p, 1) == all && look(o, p) == 0, "an addition wraps");
	ok_op(o->xchg(p, many) == 0 && look(o, p) == (many & all), "xchg stores all its bytes");
	ok_op(o->cmpxchg(p, many, high) == (many & all) && look(o, p) == high,
	      "cmpxchg that matches stores, and looks at no byte that is not its own");
	ok_op(o->cmpxchg(p, high + 1, 7) == high && look(o, p) == high,
	      "cmpxchg that fails returns what it saw and stores nothing");
	ok_op(o->cmpxchg(p, 0, 7) == high && look(o, p) == high, "it compares the high bit too");
	ok_op(o->set(p, 5) == high && look(o, p) == (high | 5), "or sets");
	ok_op(o->mask(p, ~4ull) == (high | 5) && look(o, p) == (high | 1), "and clears");
	ok_op(o->flip(p, high | 2) == (high | 1) && look(o, p) == 3, "xor flips");
	ok_op(beside(o, room), "what stands beside it is untouched");
}

/* ---- two threads: nothing is lost, nothing is seen twice ---- */

struct shared {
	const struct ops *o;
	uint64_t added, swapped, compared;
	uint64_t bits;
	_Alignas(8) unsigned char pair[16]; /* one object each, side by side */
};

struct share {
	struct shared *shared;
	uint64_t seen_added, seen_swapped, gave;
	unsigned self;
	bool bit_lost;
};

static void increment(const struct ops *o, void *p)
{
	uint64_t seen = o->add(p, 0), old;

	do {
		old = seen;
		seen = o->cmpxchg(p, old, old + 1);
	} while (seen != old);
}

/* My bit is as I left it, whatever the other does to its own. */
static void toggle(struct share *mine, unsigned i)
{
	struct shared *s = mine->shared;
	uint64_t bit = 1u << (mine->self + 2), was = i & 1 ? bit : 0;
	uint64_t saw = i % 3 == 0 ? s->o->flip(&s->bits, bit)
		       : was	  ? s->o->mask(&s->bits, ~bit)
				  : s->o->set(&s->bits, bit);

	if ((saw & bit) != was)
		mine->bit_lost = true;
}

static void *work(void *argument)
{
	struct share *mine = argument;
	struct shared *s = mine->shared;
	const struct ops *o = s->o;
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t token = (mine->self * 31u + i * 7u) & mask_of(o);

		mine->seen_added += o->add(&s->added, 1);
		mine->seen_swapped += o->xchg(&s->swapped, token);
		mine->gave += token;
		increment(o, &s->compared);
		toggle(mine, i);
		/* mine alone: a wider exchange would put back the neighbour's old value */
		o->xchg(s->pair + mine->self * o->size, i);
		o->add(s->pair + mine->self * o->size, 1);
	}
	return NULL;
}

static void conservation(const struct ops *o)
{
	struct shared s = { .o = o };
	struct share a = { .shared = &s }, b = { .shared = &s, .self = 1 };
	const uint64_t n = 2 * ROUNDS, all = mask_of(o);
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, &a)) {
		ok(false, "a second thread starts");
		return;
	}
	work(&b);
	pthread_join(thread, NULL);
	ok_op(s.added == (n & all), "two threads lose no addition");
	ok_op(((a.seen_added + b.seen_added - n * (n - 1) / 2) & all) == 0,
	      "each value of an addition is returned once");
	ok_op(((a.seen_swapped + b.seen_swapped + s.swapped - a.gave - b.gave) & all) == 0,
	      "xchg hands each value on once");
	ok_op(s.compared == (n & all), "two threads lose no increment by cmpxchg");
	ok_op(!a.bit_lost && !b.bit_lost, "or, and and xor leave each other's bits");
	ok_op(look(o, s.pair) == (ROUNDS & all) && look(o, s.pair + o->size) == (ROUNDS & all),
	      "two that stand side by side do not write each other");
}

/* ---- loads and stores ---- */

#define ACCESS(n, load_order, store_order)                                          \
	do {                                                                           \
		_Alignas(16) unsigned char room[16];                                   \
		struct ops o = { .size = n };                                       \
		uint64_t v = 0x8182838485868788u;                                      \
                                                                                       \
		memset(room, BESIDE, sizeof(room));                                    \
		arch_store(room + 8, n, v, store_order);                            \
		ok(look(&o, room + 8) == (v & mask_of(&o)) && beside(&o, room) &&      \
		   arch_load(room + 8, n, load_order) == (v & mask_of(&o)),         \
		   "a store of %d bytes, %s, and a load, %s", n, #store_order, #load_order); \
	} while (0)
#define ACCESSES(size)                                                                 \
	do {                                                                           \
		ACCESS(size, MACH_RELAXED, MACH_RELAXED);                              \
		ACCESS(size, MACH_ACQUIRE, MACH_RELEASE);                              \
		ACCESS(size, MACH_ACQUIRE_PC, MACH_RELEASE);                           \
		ACCESS(size, MACH_SEQ_CST, MACH_SEQ_CST);                              \
	} while (0)

/* ---- a compare that fails on a read-only page ---- */

static sigjmp_buf back;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* x86's write cycle and LSE's CAS want permission even to lose; LL/SC leaves before
 * its store. */
static void losing(const struct ops *o, void *read_only)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	bool faults = strcmp(ARCH_ATOMICS, "llsc") != 0;
	volatile bool faulted = false, won = false;

	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(back, 1))
		faulted = true;
	else
		o->cmpxchg(read_only, 1, 2);
	ok_op(faulted == faults, faults ? "cmpxchg that loses on a read-only page faults"
					: "cmpxchg that loses on a read-only page does not fault");
	if (sigsetjmp(back, 1))
		won = false;
	else
		won = o->cmpxchg(read_only, 0, 2) == 0;
	ok_op(!won && look(o, read_only) == 0, "cmpxchg that would win there always faults");
	signal(SIGSEGV, SIG_DFL);
}

static void by_flag(void)
{
	int v = 7, old = 7;

	ok(arch_try_cmpxchg_full(&v, &old, 9) && v == 9 && old == 7,
	   "try_cmpxchg that matches stores");
	ok(!arch_try_cmpxchg_full(&v, &old, 1) && v == 9 && old == 9,
	   "try_cmpxchg that fails says what it saw and stores nothing");
}

int main(void)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	unsigned i;

	printf("# %s, %s\n", ARCH_NAME, ARCH_ATOMICS);
#ifdef ARCH_LSE
	if (!arch_has_lse())
		return skip_all("this CPU has no LSE");
#endif
	for (i = 0; i < sizeof(all_ops) / sizeof(all_ops[0]); i++) {
		values(&all_ops[i]);
		conservation(&all_ops[i]);
		if (!UNDER_TSAN)
			losing(&all_ops[i], page);
	}
	ACCESSES(1);
	ACCESSES(2);
	ACCESSES(4);
	ACCESSES(8);
	by_flag();
	return done();
}
