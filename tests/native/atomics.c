/* The atomics of this architecture, each operation in each of its four orders. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "arch/host.h"
#include "tap.h"

#define ROUNDS 20000

static const struct ops {
	const char *order;
	int (*fetch_add)(int *p, int v);
	int (*xchg)(int *p, int v);
	int (*cmpxchg)(int *p, int old, int new);
	bool (*try_cmpxchg)(int *p, int *old, int new);
	uint64_t (*xchg64)(uint64_t *p, uint64_t v);
	uint64_t (*cmpxchg64)(uint64_t *p, uint64_t old, uint64_t new);
} orders[] = {
#define ROW(order) { #order, arch_fetch_add_##order, arch_xchg_##order, arch_cmpxchg_##order, \
		     arch_try_cmpxchg_##order, \
		     arch_xchg64_##order, arch_cmpxchg64_##order },
	ROW(relaxed) ROW(acquire) ROW(release) ROW(full)
};

#define HIGH 0x8000000100000000u /* lost by anything that moves 32 bits */

/* ---- one thread: what comes back, what is stored ---- */

static void int_values(const struct ops *o)
{
	int v = 5;

	ok(o->fetch_add(&v, 3) == 5 && v == 8, "fetch_add_%s returns the old value and adds",
	   o->order);
	ok(o->fetch_add(&v, -9) == 8 && v == -1, "fetch_add_%s takes a negative", o->order);
	v = INT32_MAX;
	ok(o->fetch_add(&v, 1) == INT32_MAX && v == INT32_MIN, "fetch_add_%s wraps", o->order);
	ok(o->xchg(&v, 7) == INT32_MIN && v == 7, "xchg_%s returns the old value and stores",
	   o->order);
	ok(o->cmpxchg(&v, 7, 9) == 7 && v == 9, "cmpxchg_%s that matches stores", o->order);
	ok(o->cmpxchg(&v, 7, 1) == 9 && v == 9,
	   "cmpxchg_%s that fails returns what it saw and stores nothing", o->order);
}

static void wide_values(const struct ops *o)
{
	uint64_t v = HIGH;

	ok(o->xchg64(&v, HIGH + 1) == HIGH && v == HIGH + 1, "xchg64_%s moves 64 bits", o->order);
	ok(o->cmpxchg64(&v, 1, 2) == HIGH + 1 && v == HIGH + 1,
	   "cmpxchg64_%s compares the high half too", o->order);
	ok(o->cmpxchg64(&v, HIGH + 1, HIGH * 2 + 3) == HIGH + 1 && v == HIGH * 2 + 3,
	   "cmpxchg64_%s that matches stores 64 bits", o->order);
}

static void tried_values(const struct ops *o)
{
	int v = 7, old = 7;

	ok(o->try_cmpxchg(&v, &old, 9) && v == 9 && old == 7, "try_cmpxchg_%s that matches stores",
	   o->order);
	ok(!o->try_cmpxchg(&v, &old, 1) && v == 9 && old == 9,
	   "try_cmpxchg_%s that fails says what it saw and stores nothing", o->order);
}

/* A neighbour in the same word pair must not be touched. */
static void neighbours(const struct ops *o)
{
	int v[3] = { 11, 0, 13 };

	o->fetch_add(&v[1], -1);
	o->xchg(&v[1], INT32_MIN);
	o->cmpxchg(&v[1], INT32_MIN, -1);
	ok(v[0] == 11 && v[2] == 13, "%s operations touch 32 bits and no more", o->order);
}

/* ---- two threads: nothing is lost, nothing is seen twice ---- */

struct shared {
	const struct ops *ops;
	int added, swapped, compared;
	uint64_t wide_swapped, wide_compared;
};

struct share {
	struct shared *shared;
	uint64_t seen_added, seen_swapped, seen_wide, gave;
	unsigned first;
};

static void increment(const struct ops *o, int *p)
{
	int seen = __atomic_load_n(p, __ATOMIC_RELAXED), old;

	do {
		old = seen;
		seen = o->cmpxchg(p, old, old + 1);
	} while (seen != old);
}

static void increment_high(const struct ops *o, uint64_t *p)
{
	uint64_t seen = __atomic_load_n(p, __ATOMIC_RELAXED), old;

	do {
		old = seen;
		seen = o->cmpxchg64(p, old, old + (1ull << 32));
	} while (seen != old);
}

static void *work(void *argument)
{
	struct share *mine = argument;
	struct shared *s = mine->shared;
	const struct ops *o = s->ops;
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		unsigned token = mine->first + i;

		mine->seen_added += (unsigned)o->fetch_add(&s->added, 1);
		mine->seen_swapped += (unsigned)o->xchg(&s->swapped, (int)token);
		mine->seen_wide += o->xchg64(&s->wide_swapped, (uint64_t)token << 20);
		mine->gave += token;
		increment(o, &s->compared);
		increment_high(o, &s->wide_compared);
	}
	return NULL;
}

static void conservation(const struct ops *o)
{
	struct shared s = { .ops = o };
	struct share a = { .shared = &s, .first = 1 }, b = { .shared = &s, .first = 1000000 };
	const uint64_t n = 2 * ROUNDS;
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, &a)) {
		ok(false, "a second thread starts");
		return;
	}
	work(&b);
	pthread_join(thread, NULL);
	ok(s.added == (int)n, "fetch_add_%s loses no addition of two threads", o->order);
	ok(a.seen_added + b.seen_added == n * (n - 1) / 2,
	   "fetch_add_%s returns each value once", o->order);
	ok(a.seen_swapped + b.seen_swapped + (unsigned)s.swapped == a.gave + b.gave,
	   "xchg_%s hands each value on once", o->order);
	ok(a.seen_wide + b.seen_wide + s.wide_swapped == (a.gave + b.gave) << 20,
	   "xchg64_%s hands each value on once", o->order);
	ok(s.compared == (int)n, "cmpxchg_%s loses no increment of two threads", o->order);
	ok(s.wide_compared == n << 32, "cmpxchg64_%s loses no increment of two threads", o->order);
}

/* ---- a compare that fails on a read-only page ---- */

static sigjmp_buf back;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* x86's write cycle and LSE's CAS want permission even to lose; LL/SC leaves before
 * its store. */
static void losing(const struct ops *o, int *read_only)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	bool faults = strcmp(ARCH_ATOMICS, "llsc") != 0;
	volatile bool faulted = false, won = false;

	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(back, 1))
		faulted = true;
	else
		o->cmpxchg(read_only, 1, 2);
	ok(faulted == faults, "cmpxchg_%s that loses on a read-only page %s", o->order,
	   faults ? "faults" : "does not fault");
	if (sigsetjmp(back, 1))
		won = false;
	else
		won = o->cmpxchg(read_only, 0, 2) == 0;
	ok(!won && *read_only == 0, "cmpxchg_%s that would win there always faults", o->order);
	signal(SIGSEGV, SIG_DFL);
}

int main(void)
{
	int *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	unsigned i;

	printf("# %s, %s\n", ARCH_NAME, ARCH_ATOMICS);
#ifdef ARCH_LSE
	if (!arch_has_lse())
		return skip_all("this CPU has no LSE");
#endif
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		int_values(&orders[i]);
		tried_values(&orders[i]);
		wide_values(&orders[i]);
		neighbours(&orders[i]);
		conservation(&orders[i]);
		if (!UNDER_TSAN)
			losing(&orders[i], page);
	}
	return done();
}
