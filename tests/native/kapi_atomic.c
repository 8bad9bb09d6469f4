/* atomic_t as a scenario uses it: the kernel's return values, in every ordering. */
#include <kapi.h>

#include "rig.h"
#include "tap.h"

static atomic_t a;

static bool is(int value)
{
	return atomic_read(&a) == value && atomic_read_acquire(&a) == value;
}

static void loads_and_stores(void)
{
	atomic_set(&a, 3);
	ok(is(3), "atomic_set stores, atomic_read loads");
	atomic_set_release(&a, -4);
	ok(is(-4), "atomic_set_release stores");
	atomic_set(&a, 0);
	atomic_inc(&a);
	atomic_add(5, &a);
	atomic_dec(&a);
	atomic_sub(2, &a);
	ok(is(3), "inc, add, dec and sub without a result count");
}

#define FETCH_ADD(suffix)                                                             \
	atomic_set(&a, 10);                                                           \
	ok(atomic_fetch_add##suffix(5, &a) == 10 && is(15),                           \
	   "atomic_fetch_add" #suffix " returns the old value");                      \
	ok(atomic_add_return##suffix(-5, &a) == 10 && is(10),                         \
	   "atomic_add_return" #suffix " returns the new value")

static void returning(void)
{
	FETCH_ADD();
	FETCH_ADD(_relaxed);
	FETCH_ADD(_acquire);
	FETCH_ADD(_release);
	ok(atomic_sub_return(3, &a) == 7 && is(7), "atomic_sub_return returns the new value");
	ok(atomic_sub_return_release(3, &a) == 4 && is(4), "and with release");
	ok(atomic_dec_return(&a) == 3 && is(3), "atomic_dec_return returns the new value");
	ok(atomic_inc_return(&a) == 4 && is(4), "atomic_inc_return returns the new value");
}

static void tests_for_zero(void)
{
	atomic_set(&a, 2);
	ok(!atomic_dec_and_test(&a) && is(1), "atomic_dec_and_test is false above zero");
	ok(atomic_dec_and_test(&a) && is(0), "atomic_dec_and_test is true at zero");
	ok(!atomic_dec_and_test(&a) && is(-1), "atomic_dec_and_test is false below zero");
	atomic_set(&a, 5);
	ok(!atomic_sub_and_test(3, &a) && is(2), "atomic_sub_and_test is false above zero");
	ok(atomic_sub_and_test(2, &a) && is(0), "atomic_sub_and_test is true at zero");
}

#define EXCHANGE(suffix)                                                              \
	do {                                                                          \
		int old = 1;                                                          \
                                                                                      \
		atomic_set(&a, 1);                                                    \
		ok(atomic_xchg##suffix(&a, 2) == 1 && is(2),                          \
		   "atomic_xchg" #suffix " returns the old value");                   \
		ok(atomic_cmpxchg##suffix(&a, 2, 3) == 2 && is(3),                    \
		   "atomic_cmpxchg" #suffix " that matches stores");                  \
		ok(atomic_cmpxchg##suffix(&a, 2, 4) == 3 && is(3),                    \
		   "atomic_cmpxchg" #suffix " that fails returns what it saw");       \
		ok(!atomic_try_cmpxchg##suffix(&a, &old, 5) && old == 3 && is(3),     \
		   "atomic_try_cmpxchg" #suffix " that fails updates old");           \
		ok(atomic_try_cmpxchg##suffix(&a, &old, 5) && old == 3 && is(5),      \
		   "atomic_try_cmpxchg" #suffix " that matches stores");              \
	} while (0)

static void exchanges(void)
{
	EXCHANGE();
	EXCHANGE(_relaxed);
	EXCHANGE(_acquire);
	EXCHANGE(_release);
}

#define EXCHANGE_WORD(suffix)                                                         \
	do {                                                                          \
		uintptr_t w = 1ul << 40;                                              \
		ok(cmpxchg##suffix(&w, 1ul << 40, 7ul << 33) == 1ul << 40 &&          \
		   w == 7ul << 33, "cmpxchg" #suffix " of 8 bytes that matches stores"); \
		ok(cmpxchg##suffix(&w, 33, 4) == 7ul << 33 && w == 7ul << 33,         \
		   "cmpxchg" #suffix " of 8 bytes that fails returns what it saw");   \
	} while (0)

static void exchanges_of_words(void)
{
	uintptr_t word = 5ul << 40;
	int small = 3;

	EXCHANGE_WORD();
	EXCHANGE_WORD(_relaxed);
	EXCHANGE_WORD(_acquire);
	EXCHANGE_WORD(_release);
	ok(xchg(&word, 9ul << 35) == 5ul << 40 && word == 9ul << 35, "xchg of 8 bytes");
	ok(cmpxchg(&small, 3, -4) == 3 && xchg(&small, 5) == -4 && small == 5, "both of 4");
}

static void widths(void)
{
	struct {
		unsigned char byte;
		unsigned short half;
		unsigned long word;
	} s = { 1, 2, 3 };

	WRITE_ONCE(s.byte, 0xfe);
	WRITE_ONCE(s.half, 0xfedc);
	WRITE_ONCE(s.word, 0xfedcba9876543210u);
	ok(READ_ONCE(s.byte) == 0xfe && READ_ONCE(s.half) == 0xfedc &&
	   READ_ONCE(s.word) == 0xfedcba9876543210u, "READ_ONCE and WRITE_ONCE: 1, 2 and 8 bytes");
	smp_store_release(&s.word, 1ul << 40);
	ok(smp_load_acquire(&s.word) == 1ul << 40, "release and acquire: 8 bytes");
	PLAIN_WRITE(s.half, 9);
	ok(PLAIN_READ(s.half) == 9 && s.byte == 0xfe, "plain accesses: 2 bytes");
	smp_mb();
	smp_rmb();
	smp_wmb();
	checkpoint("a named place");
	cpu_relax();
	ok(kapi_this_cpu->site->line > 0, "the CPU knows where it is");
}

/* Bits of the flags word are set and cleared without a loss of their neighbours. */
static void flags(void)
{
	struct page page = { .flags = 1ul << 60 | PG_HEAD };

	page_set_flag(&page, PG_HWPOISON);
	ok(page.flags == (1ul << 60 | PG_HEAD | PG_HWPOISON), "page_set_flag keeps the others");
	page_clear_flag(&page, PG_HEAD);
	ok(page.flags == (1ul << 60 | PG_HWPOISON), "page_clear_flag keeps the others");
	atomic_set(&page._refcount, 2);
	ok(!page_ref_freeze(&page, 1) && page_ref_count(&page) == 2,
	   "page_ref_freeze refuses an extra reference");
	ok(page_ref_freeze(&page, 2) && page_ref_count(&page) == 0, "page_ref_freeze takes all");
	page_ref_unfreeze(&page, 2);
	ok(page_ref_count(&page) == 2, "page_ref_unfreeze gives them back");
}

int main(void)
{
	static struct rig r;

	rig_create(&r, 1);
	loads_and_stores();
	returning();
	tests_for_zero();
	exchanges();
	exchanges_of_words();
	widths();
	flags();
	rig_destroy(&r);
	return done();
}
