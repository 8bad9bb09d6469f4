/* Words of the vocabulary by themselves: what they return, what they leave behind. */
#include <kapi.h>

#include "rig.h"
#include "tap.h"

/* ---- atomic_t, atomic64_t, atomic_long_t ---- */

static unsigned evaluated;

static void count_one(void)
{
	evaluated++;
}

/* Counts how often an argument is evaluated. */
#define ONCE(x) (count_one(), (x))
#define ok_once(n, condition, text) \
	(evaluated = 0, ok((condition) && evaluated == (n), text))

#define RETURNING(A, suffix)                                                              \
	do {                                                                              \
		A##_set(&v, 10);                                                          \
		ok_once(2, A##_add_return##suffix(ONCE(5), ONCE(&v)) == 15,               \
			#A "_add_return" #suffix);                                        \
		ok_once(2, A##_sub_return##suffix(ONCE(4), ONCE(&v)) == 11,               \
			#A "_sub_return" #suffix);                                        \
		ok_once(1, A##_inc_return##suffix(ONCE(&v)) == 12, #A "_inc_return" #suffix); \
		ok_once(1, A##_dec_return##suffix(ONCE(&v)) == 11, #A "_dec_return" #suffix); \
		ok_once(2, A##_fetch_add##suffix(ONCE(2), ONCE(&v)) == 11, #A "_fetch_add" #suffix); \
		ok_once(2, A##_fetch_sub##suffix(ONCE(3), ONCE(&v)) == 13, #A "_fetch_sub" #suffix); \
		ok_once(1, A##_fetch_inc##suffix(ONCE(&v)) == 10, #A "_fetch_inc" #suffix); \
		ok_once(1, A##_fetch_dec##suffix(ONCE(&v)) == 11, #A "_fetch_dec" #suffix); \
		ok_once(2, !A##_add_negative##suffix(ONCE(-10), ONCE(&v)) &&              \
			   A##_read(&v) == 0, #A "_add_negative" #suffix " at zero is not"); \
		ok(A##_add_negative##suffix(-1, &v), #A "_add_negative" #suffix " below it is"); \
		A##_set(&v, 0x0f);                                                        \
		ok_once(2, A##_fetch_or##suffix(ONCE(0x30), ONCE(&v)) == 0x0f, #A "_fetch_or" #suffix); \
		ok_once(2, A##_fetch_and##suffix(ONCE(0x3c), ONCE(&v)) == 0x3f, #A "_fetch_and" #suffix); \
		ok_once(2, A##_fetch_xor##suffix(ONCE(0x05), ONCE(&v)) == 0x3c, #A "_fetch_xor" #suffix); \
		ok_once(2, A##_fetch_andnot##suffix(ONCE(0x18), ONCE(&v)) == 0x39 &&      \
			   A##_read(&v) == 0x21, #A "_fetch_andnot" #suffix);             \
		ok_once(2, A##_xchg##suffix(ONCE(&v), ONCE(7)) == 0x21, #A "_xchg" #suffix); \
		ok_once(3, A##_cmpxchg##suffix(ONCE(&v), ONCE(7), ONCE(8)) == 7 &&        \
			   A##_cmpxchg##suffix(&v, 7, 9) == 8, #A "_cmpxchg" #suffix);    \
		old = 7;                                                                  \
		ok_once(3, !A##_try_cmpxchg##suffix(ONCE(&v), ONCE(&old), ONCE(9)) && old == 8 && \
			   A##_try_cmpxchg##suffix(&v, &old, 9) && A##_read(&v) == 9,     \
			#A "_try_cmpxchg" #suffix);                                       \
	} while (0)

#define FAMILY(A, T, most)                                                                \
	static void A##_words(void)                                                       \
	{                                                                                 \
		A##_t v = { 3 };                                                          \
		T old;                                                                    \
                                                                                          \
		RETURNING(A, );                                                           \
		RETURNING(A, _relaxed);                                                   \
		RETURNING(A, _acquire);                                                   \
		RETURNING(A, _release);                                                   \
		A##_set_release(&v, 4);                                                   \
		A##_add(5, &v);                                                           \
		A##_sub(2, &v);                                                           \
		A##_inc(&v);                                                              \
		A##_dec(&v);                                                              \
		ok(A##_read_acquire(&v) == 7, #A "_set_release, _add, _sub, _inc, _dec"); \
		A##_or(8, &v);                                                            \
		A##_and(13, &v);                                                          \
		A##_xor(1, &v);                                                           \
		A##_andnot(4, &v);                                                        \
		ok(A##_read(&v) == 8, #A "_or, _and, _xor, _andnot");                     \
		A##_set(&v, 1);                                                           \
		ok(!A##_inc_and_test(&v) && A##_sub_and_test(2, &v), #A "_sub_and_test"); \
		A##_set(&v, -1);                                                          \
		ok(A##_inc_and_test(&v), #A "_inc_and_test");                             \
		A##_set(&v, 1);                                                           \
		ok(A##_dec_and_test(&v) && !A##_dec_and_test(&v), #A "_dec_and_test");    \
		ok(!A##_inc_unless_negative(&v) && A##_read(&v) == -1, #A "_inc_unless_negative"); \
		ok(A##_dec_unless_positive(&v) && A##_read(&v) == -2, #A "_dec_unless_positive"); \
		ok(A##_dec_if_positive(&v) == -3 && A##_read(&v) == -2,                   \
		   #A "_dec_if_positive leaves what is not");                             \
		A##_set(&v, 1);                                                           \
		ok(A##_inc_unless_negative(&v) && !A##_dec_unless_positive(&v) &&         \
		   A##_dec_if_positive(&v) == 1, #A "_dec_if_positive");                  \
		ok(A##_fetch_add_unless(&v, 5, 1) == 1 && A##_add_unless(&v, 5, 0) &&     \
		   A##_read(&v) == 6, #A "_add_unless");                                  \
		A##_set(&v, 0);                                                           \
		ok(!A##_inc_not_zero(&v) && A##_read(&v) == 0, #A "_inc_not_zero");       \
		A##_set(&v, most);                                                        \
		ok(A##_inc_return(&v) == -(most)-1 && A##_sub_return(1, &v) == (most),    \
		   #A " wraps at its own width");                                         \
		ok(A##_cond_read_acquire(&v, VAL == (most)) == (most) &&                  \
		   A##_cond_read_relaxed(&v, VAL > 0) == (most), #A "_cond_read");        \
	}

FAMILY(atomic, int, INT32_MAX)
FAMILY(atomic64, s64, INT64_MAX)
FAMILY(atomic_long, s64, INT64_MAX)

static void wide_operands(void)
{
	atomic64_t v = ATOMIC64_INIT(1);
	u32 narrow = 1;

	atomic64_sub(narrow, &v);
	ok(atomic64_read(&v) == 0, "an unsigned operand is widened before it is negated");
	ok(atomic64_fetch_andnot(narrow, &v) == 0, "and before it is inverted");
}

/* ---- exchange, of every size and order ---- */

struct pair {
	int x;
	unsigned y;
};

enum colour { RED, GREEN, BLUE };

#define ORDERED(suffix)                                                                   \
	do {                                                                              \
		b = 0x7f, h = 0x7fff, w = 1, p = &w, is = false, c = RED;                 \
		ok_once(2, xchg##suffix(ONCE(&b), ONCE(0x80)) == 0x7f && b == 0x80,       \
			"xchg" #suffix " of a byte");                                     \
		ok_once(3, cmpxchg##suffix(ONCE(&h), ONCE(0x7fff), ONCE(2)) == 0x7fff && h == 2, \
			"cmpxchg" #suffix " of two bytes");                               \
		eight = 5;                                                                \
		ok_once(3, !try_cmpxchg##suffix(ONCE(&w), ONCE(&eight), ONCE(6)) && eight == 1 && \
			   try_cmpxchg##suffix(&w, &eight, 1l << 40) && w == 1l << 40,    \
			"try_cmpxchg" #suffix " of eight bytes");                         \
		ok(xchg##suffix(&p, NULL) == &w && !p, "xchg" #suffix " of a pointer");   \
		ok(!xchg##suffix(&is, 7) && is, "xchg" #suffix " of a bool");             \
		ok(cmpxchg##suffix(&c, RED, BLUE) == RED && c == BLUE, "cmpxchg" #suffix " of an enum"); \
	} while (0)
#define FETCHES(suffix)                                                                   \
	do {                                                                              \
		b = 0xf0, h = 1, eight = -1;                                              \
		ok_once(2, fetch_add##suffix(ONCE(&b), ONCE(0x20)) == 0xf0 && b == 0x10,  \
			"fetch_add" #suffix " of a byte wraps");                          \
		ok(fetch_sub##suffix(&h, 2) == 1 && h == 0xffff, "fetch_sub" #suffix " of two wraps"); \
		ok(fetch_or##suffix(&b, 3) == 0x10 && b == 0x13, "fetch_or" #suffix);     \
		ok(fetch_and##suffix(&b, 6) == 0x13 && b == 2, "fetch_and" #suffix);      \
		ok(fetch_xor##suffix(&eight, 1l << 50) == -1 && eight == ~(1l << 50),     \
		   "fetch_xor" #suffix " of eight bytes");                                \
	} while (0)

static void exchanges(void)
{
	unsigned char b;
	u16 h;
	long w, eight, *p;
	bool is;
	enum colour c;

	ORDERED();
	ORDERED(_relaxed);
	ORDERED(_acquire);
	ORDERED(_release);
	ORDERED(_acq_rel);
	ORDERED(_seq_cst);
	FETCHES(_relaxed);
	FETCHES(_acquire);
	FETCHES(_release);
	FETCHES(_acq_rel);
	FETCHES(_seq_cst);
	w = 5;
	eight = 5;
	ok(cmpxchg64(&w, 5, 6) == 5 && !try_cmpxchg64(&w, &eight, 7) && eight == 6,
	   "cmpxchg64 and try_cmpxchg64");
	ok(cmpxchg_local(&w, 6, 8) == 6 && xchg_local(&w, 1) == 8, "the local ones");
}

static void accesses(void)
{
	struct pair pair = { 1, 2 }, got;
	double d = 1.5;
	volatile s8 small = -3;
	const int fixed = -9;
	void *p = &d;

	got = READ_ONCE(pair);
	ok(got.x == 1 && got.y == 2, "READ_ONCE of a struct of eight bytes");
	got.y = 7;
	WRITE_ONCE(pair, got);
	ok(pair.x == 1 && pair.y == 7, "WRITE_ONCE of one");
	WRITE_ONCE(d, READ_ONCE(d) * 2);
	ok(d == 3, "both of a double");
	ok(READ_ONCE(small) == -3 && READ_ONCE(fixed) == -9, "of volatile and const objects, signed");
	ok_once(1, smp_load_acquire(ONCE(&p)) == &d, "smp_load_acquire evaluates once");
	ok_once(1, smp_load_acquire_pc(ONCE(&p)) == &d, "smp_load_acquire_pc");
	ok_once(2, (smp_store_seq_cst(ONCE(&p), ONCE(NULL)), !smp_load_seq_cst(&p)),
		"smp_store_seq_cst, smp_load_seq_cst");
	ok_once(2, (smp_store_release(ONCE(&p), ONCE(&d)), p == &d), "smp_store_release");
	smp_store_mb(d, 4.5);
	ok(d == 4.5 && data_race(d) == 4.5, "smp_store_mb, data_race");
	ASSERT_EXCLUSIVE_WRITER(d);
	ASSERT_EXCLUSIVE_ACCESS(d);
	ok(smp_cond_load_acquire(&small, VAL < 0) == -3 && smp_cond_load_relaxed(&small, VAL) == -3,
	   "smp_cond_load returns what met the condition");
	asymmetric_fence_light();
	asymmetric_fence_heavy();
	barrier();
	mb();
	rmb();
	wmb();
	smp_mb__before_atomic();
	smp_mb__after_atomic();
	smp_mb__after_spinlock();
	smp_acquire__after_ctrl_dep();
	ok(true, "every fence comes back");
}

/* ---- bits ---- */

static void bits(void)
{
	unsigned long map[3] = { 0, 0, ~0ul };

	set_bit(70, map);
	ok(map[0] == 0 && map[1] == 1ul << 6 && map[2] == ~0ul, "set_bit past the first word");
	change_bit(71, map);
	clear_bit(70, map);
	ok(map[1] == 1ul << 7, "change_bit, clear_bit");
	ok(!test_and_set_bit(3, map) && test_and_set_bit(3, map) && map[0] == 8, "test_and_set_bit");
	ok(test_and_clear_bit(3, map) && !test_and_clear_bit(3, map) && !map[0], "test_and_clear_bit");
	ok(!test_and_change_bit(3, map) && test_and_change_bit(3, map), "test_and_change_bit");
	ok(test_bit(71, map) && !test_bit_acquire(72, map), "test_bit");
	ok(!test_and_set_bit_lock(0, map) && test_and_set_bit_lock(0, map), "test_and_set_bit_lock");
	clear_bit_unlock(0, map);
	ok(!map[0], "clear_bit_unlock");
	__set_bit(7, map);
	__set_bit(0, map);
	ok(xor_unlock_is_negative_byte(1, map) && map[0] == 0x80, "xor_unlock_is_negative_byte");
	__change_bit(1, map);
	__clear_bit_unlock(7, map);
	ok(__test_and_set_bit(9, map) == false && __test_and_clear_bit(1, map) &&
	   !__test_and_change_bit(2, map), "the plain ones");
	__clear_bit(9, map);
	ok(map[0] == 4, "and what they leave");
}

/* ---- lists ---- */

struct entry {
	int n;
	struct list_head node;
	struct hlist_node hash;
	struct llist_node plain;
};

static int walk(struct list_head *head)
{
	struct entry *e;
	int digits = 0;

	list_for_each_entry(e, head, node)
		digits = digits * 10 + e->n;
	return digits;
}

static void lists(void)
{
	struct list_head head;
	struct entry e[4] = { { .n = 1 }, { .n = 2 }, { .n = 3 }, { .n = 4 } }, *pos, *after;
	int digits = 0;

	INIT_LIST_HEAD(&head);
	ok(list_empty(&head) && !list_first_entry_or_null(&head, struct entry, node),
	   "a list that was initialised is empty");
	list_add(&e[0].node, &head);
	list_add(&e[1].node, &head);
	list_add_tail(&e[2].node, &head);
	ok(walk(&head) == 213 && list_first_entry(&head, struct entry, node) == &e[1], "list_add");
	list_add_rcu(&e[3].node, &head);
	list_del_rcu(&e[0].node);
	ok(walk(&head) == 423 && e[0].node.next == &e[2].node, "list_del_rcu leaves next");
	list_replace_rcu(&e[1].node, &e[0].node);
	list_for_each_entry_rcu(pos, &head, node)
		digits = digits * 10 + pos->n;
	ok(digits == 413, "list_replace_rcu");
	list_add_tail_rcu(&e[1].node, &head);
	list_for_each_entry_safe(pos, after, &head, node) {
		if (pos->n & 1)
			list_del(&pos->node);
	}
	ok(walk(&head) == 42 && e[0].node.next == LIST_POISON1, "list_del while walking");
	list_del_init(&e[1].node);
	ok(list_empty(&e[1].node) && walk(&head) == 4, "list_del_init");
}

static void other_lists(void)
{
	struct hlist_head head = HLIST_HEAD_INIT;
	struct llist_head stack = LLIST_HEAD_INIT(stack);
	struct entry e[3] = { { .n = 1 }, { .n = 2 }, { .n = 3 } }, *pos;
	struct llist_node *node;
	int digits = 0;

	INIT_HLIST_HEAD(&head);
	INIT_HLIST_NODE(&e[0].hash);
	ok(hlist_empty(&head) && hlist_unhashed(&e[0].hash), "an hlist that was initialised is empty");
	hlist_add_head(&e[0].hash, &head);
	hlist_add_head_rcu(&e[1].hash, &head);
	hlist_add_head(&e[2].hash, &head);
	hlist_del(&e[1].hash);
	hlist_for_each_entry(pos, &head, hash)
		digits = digits * 10 + pos->n;
	hlist_del_rcu(&e[2].hash);
	hlist_for_each_entry_rcu(pos, &head, hash)
		digits = digits * 10 + pos->n;
	ok(digits == 311 && e[2].hash.next == &e[0].hash, "hlist_add_head, hlist_del, _rcu");

	init_llist_head(&stack);
	e[2].plain.next = &e[1].plain;
	ok(llist_empty(&stack) && llist_add(&e[0].plain, &stack) &&
	   !llist_add_batch(&e[2].plain, &e[1].plain, &stack), "llist_add says whether it was empty");
	ok(llist_del_first(&stack) == &e[2].plain, "llist_del_first");
	digits = 0;
	node = llist_del_all(&stack);
	llist_for_each(node, node)
		digits = digits * 10 + llist_entry(node, struct entry, plain)->n;
	ok(digits == 21 && llist_empty(&stack) && !llist_del_all(&stack), "llist_del_all");
}

/* ---- counts ---- */

static unsigned released;

static void release(struct kref *k)
{
	(void)k;
	released++;
}

static void counts(void)
{
	refcount_t r = REFCOUNT_INIT(1);
	struct kref k;
	spinlock_t lock = { 0 };
	struct mutex m = { { 0 } };

	refcount_inc(&r);
	refcount_add(2, &r);
	ok(refcount_read(&r) == 4 && !refcount_sub_and_test(3, &r) && refcount_dec_and_test(&r),
	   "refcount_sub_and_test, refcount_dec_and_test");
	ok(!refcount_inc_not_zero(&r) && !refcount_add_not_zero(2, &r) && refcount_read(&r) == 0,
	   "refcount_inc_not_zero leaves 0");
	refcount_set(&r, 1);
	ok(refcount_inc_not_zero_acquire(&r) && refcount_dec_not_one(&r) && !refcount_dec_not_one(&r),
	   "refcount_dec_not_one leaves 1");
	ok(refcount_dec_if_one(&r) && !refcount_dec_if_one(&r), "refcount_dec_if_one");
	refcount_inc(&r);
	ok((int)refcount_read(&r) == REFCOUNT_SATURATED, "refcount_inc from 0 saturates");
	ok(!refcount_dec_and_test(&r) && (int)refcount_read(&r) == REFCOUNT_SATURATED &&
	   refcount_dec_not_one(&r), "and never comes back to 0");
	refcount_set_release(&r, INT32_MAX);
	refcount_inc(&r);
	ok((int)refcount_read(&r) == REFCOUNT_SATURATED, "so does one past INT_MAX");
	refcount_set(&r, 1);
	refcount_dec(&r);
	ok((int)refcount_read(&r) == REFCOUNT_SATURATED, "so does refcount_dec to 0");
	refcount_set(&r, 2);
	ok(!refcount_dec_and_lock(&r, &lock) && refcount_dec_and_lock(&r, &lock) &&
	   spin_is_locked(&lock), "refcount_dec_and_lock");
	refcount_set(&r, 1);
	ok(refcount_dec_and_mutex_lock(&r, &m) && mutex_is_locked(&m), "refcount_dec_and_mutex_lock");

	kref_init(&k);
	kref_get(&k);
	ok(kref_read(&k) == 2 && !kref_put(&k, release) && kref_put(&k, release) && released == 1,
	   "kref_put releases once");
	ok(!kref_get_unless_zero(&k), "kref_get_unless_zero");
}

static void locked_counts(void)
{
	struct lockref l = { .count = 1 };

	_Static_assert(sizeof(struct lockref) == 8, "one word");
	lockref_get(&l);
	ok(l.count == 2 && lockref_put_return(&l) == 1, "lockref_get, lockref_put_return");
	ok(!lockref_put_or_lock(&l) && spin_is_locked(&l.lock) && l.count == 1,
	   "lockref_put_or_lock of the last one holds the lock");
	ok(lockref_put_return(&l) == -1, "under the lock nothing goes without it");
	spin_unlock(&l.lock);
	ok(lockref_get_not_zero(&l) && lockref_put_or_lock(&l) && l.count == 1, "lockref_get_not_zero");
	lockref_mark_dead(&l);
	ok(!lockref_get_not_dead(&l) && !lockref_get_not_zero(&l) && !spin_is_locked(&l.lock),
	   "a dead one is not got");
}

/* ---- locks and waiting, by one CPU ---- */

static void locks(void)
{
	spinlock_t l = { 1 };
	raw_spinlock_t raw;
	struct mutex m;
	unsigned long flags = 1;

	spin_lock_init(&l);
	raw_spin_lock_init(&raw);
	mutex_init(&m);
	ok(spin_trylock(&l) && !spin_trylock(&l) && spin_is_locked(&l), "spin_trylock");
	spin_unlock(&l);
	spin_lock_irqsave(&l, flags);
	ok(!flags && kapi_this_cpu->irq_off && !spin_trylock_irq(&l) && kapi_this_cpu->irq_off == 1,
	   "spin_lock_irqsave; spin_trylock_irq that fails leaves interrupts as they were");
	local_irq_save(flags);
	local_irq_restore(flags);
	ok(kapi_this_cpu->irq_off, "IRQ-off sections nest");
	spin_unlock_irqrestore(&l, flags);
	ok(!kapi_this_cpu->irq_off && !spin_is_locked(&l) && !kapi_this_cpu->rcu_nest,
	   "spin_unlock_irqrestore");
	spin_lock_irq(&l);
	spin_unlock_irq(&l);
	spin_lock_bh(&l);
	ok(kapi_this_cpu->rcu_nest == 1 && !spin_trylock_bh(&l), "spin_lock_bh is a read section");
	spin_unlock_bh(&l);
	ok(spin_trylock_irqsave(&l, flags), "spin_trylock_irqsave");
	spin_unlock_irqrestore(&l, flags);
	raw_spin_lock(&raw);
	ok(raw_spin_is_locked(&raw) && !raw_spin_trylock(&raw), "raw_spin_lock");
	raw_spin_unlock(&raw);
	mutex_lock(&m);
	ok(!mutex_trylock(&m) && mutex_is_locked(&m), "mutex_trylock");
	mutex_unlock(&m);
	ok(mutex_lock_interruptible(&m) == 0, "mutex_lock_interruptible");
	mutex_unlock(&m);
	preempt_disable();
	local_bh_disable();
	ok(kapi_this_cpu->rcu_nest == 2, "preempt_disable, local_bh_disable");
	local_bh_enable();
	preempt_enable();
}

static void more_locks(void)
{
	rwlock_t l = __RW_LOCK_UNLOCKED(l);
	struct rw_semaphore s;
	seqlock_t q = __SEQLOCK_UNLOCKED(q);
	unsigned start;

	rwlock_init(&l);
	read_lock(&l);
	ok(read_trylock(&l) && !write_trylock(&l), "two readers, no writer");
	read_unlock(&l);
	read_unlock(&l);
	write_lock(&l);
	ok(!read_trylock(&l) && !write_trylock(&l), "one writer, nobody else");
	write_unlock(&l);
	init_rwsem(&s);
	down_write(&s);
	ok(!down_read_trylock(&s) && !down_write_trylock(&s) && rwsem_is_locked(&s), "down_write");
	downgrade_write(&s);
	ok(down_read_trylock(&s) && !down_write_trylock(&s), "downgrade_write lets readers in");
	up_read(&s);
	up_read(&s);
	down_read(&s);
	up_read(&s);
	ok(!rwsem_is_locked(&s), "up_read");

	seqlock_init(&q);
	start = read_seqbegin(&q);
	ok(!read_seqretry(&q, start), "nobody wrote");
	write_seqlock(&q);
	ok(raw_read_seqcount(&q.seqcount) & 1, "odd while one writes");
	write_sequnlock(&q);
	ok(read_seqretry(&q, start), "somebody wrote");
	start = read_seqcount_begin(&q.seqcount);
	write_seqcount_begin(&q.seqcount);
	write_seqcount_end(&q.seqcount);
	ok(read_seqcount_retry(&q.seqcount, start), "write_seqcount_begin and _end");
	start = raw_read_seqcount_begin(&q.seqcount);
	write_seqcount_invalidate(&q.seqcount);
	ok(read_seqcount_retry(&q.seqcount, start) && !(q.seqcount.sequence & 1),
	   "write_seqcount_invalidate");
}

static void waiting(void)
{
	struct completion c;
	wait_queue_head_t q;
	struct srcu_struct s;
	int half;

	init_completion(&c);
	ok(!completion_done(&c) && !try_wait_for_completion(&c), "nothing is complete");
	complete(&c);
	wait_for_completion(&c);
	ok(!completion_done(&c), "one complete(), one that goes on");
	complete_all(&c);
	wait_for_completion(&c);
	ok(completion_done(&c), "complete_all() lets all go on");
	reinit_completion(&c);
	ok(!try_wait_for_completion(&c), "reinit_completion");
	init_waitqueue_head(&q);
	wait_event(q, true);
	wake_up(&q);
	ok(!waitqueue_active(&q) && !wq_has_sleeper(&q) && !q.woken, "nobody waits");
	init_srcu_struct(&s);
	half = srcu_read_lock(&s);
	srcu_read_unlock(&s, half);
	synchronize_srcu(&s);
	ok(s.in[half] == 1 && s.out[half] == 1, "srcu sections are counted in and out");
}

static void per_cpu_words(void)
{
	PER_CPU(long, v) = { 0 };
	unsigned cpu, n = 0;

	this_cpu_write(v, 5);
	this_cpu_add(v, 3);
	this_cpu_sub(v, 1u);
	this_cpu_inc(v);
	this_cpu_dec(v);
	this_cpu_or(v, 8);
	this_cpu_and(v, 14);
	ok(this_cpu_read(v) == 14 && v[smp_processor_id()] == 14, "this_cpu operations");
	ok(this_cpu_add_return(v, 2) == 16 && this_cpu_xchg(v, 1) == 16 &&
	   this_cpu_cmpxchg(v, 1, 2) == 1 && per_cpu(v, get_cpu()) == 2, "those that return");
	put_cpu();
	__this_cpu_inc(v);
	__this_cpu_add(v, 4);
	__this_cpu_dec(v);
	ok(__this_cpu_read(v) == 6 && *this_cpu_ptr(v) == 6, "the plain ones");
	for_each_possible_cpu(cpu)
		n += per_cpu_ptr(v, cpu) == &v[cpu];
	ok(n == KAPI_MAX_ACTORS, "for_each_possible_cpu");
}

static void small_words(void)
{
	struct entry e;
	int array[7];

	ok(container_of(&e.hash, struct entry, hash) == &e && ARRAY_SIZE(array) == 7,
	   "container_of, ARRAY_SIZE");
	ok(likely(2) == 1 && unlikely(0) == 0 && BIT(40) == 1ul << 40, "likely, unlikely, BIT");
	ok(!WARN_ON(false) && !WARN_ON_ONCE(0) && !WARN(0, "n %d", 1) && !WARN_ONCE(0, "n"), "WARN_ON");
	BUG_ON(false);
}

int main(void)
{
	static struct rig r;

	rig_create(&r, 1);
	atomic_words();
	atomic64_words();
	atomic_long_words();
	wide_operands();
	exchanges();
	accesses();
	bits();
	lists();
	other_lists();
	counts();
	locked_counts();
	locks();
	more_locks();
	waiting();
	per_cpu_words();
	small_words();
	rig_destroy(&r);
	return done();
}
