/* Words of the vocabulary between two actors: nothing is lost, and locks exclude. */
#include <kapi.h>

#include "rig.h"
#include "tap.h"

#define ROUNDS 20000u

struct node {
	struct llist_node link;
	unsigned value;
};

struct shared {
	spinlock_t spin;
	struct mutex mutex;
	rwlock_t rw;
	struct rw_semaphore sem;
	seqlock_t seq;
	unsigned long bits;
	struct lockref lockref;
	refcount_t refs;
	atomic_t narrow;
	atomic64_t wide;
	u8 bytes[8];
	u16 halves[4];
	struct llist_head list;
	struct node nodes[2][ROUNDS];
	struct completion ping, pong;
	wait_queue_head_t queue;
	unsigned ready;
	struct srcu_struct srcu;
	unsigned *slot, slots[2];
	unsigned guarded[6], inside[6], intruded, torn, freed_in_use, taken;
};

/* Of one lock: the count that it guards, and whether somebody else was inside. */
static void enter(struct shared *s, unsigned lock)
{
	if (s->inside[lock]++)
		__atomic_fetch_add(&s->intruded, 1, __ATOMIC_RELAXED); /* of all locks */
	s->guarded[lock]++;
	s->inside[lock]--;
}

static void exclusive(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned long flags;
	unsigned i;

	(void)cpu;
	for (i = 0; i < ROUNDS; i++) {
		spin_lock_irqsave(&s->spin, flags);
		enter(s, 0);
		spin_unlock_irqrestore(&s->spin, flags);
	}
	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&s->mutex);
		enter(s, 1);
		mutex_unlock(&s->mutex);
	}
	for (i = 0; i < ROUNDS; i++) {
		write_lock(&s->rw);
		enter(s, 2);
		write_unlock(&s->rw);
	}
	for (i = 0; i < ROUNDS; i++) {
		down_write(&s->sem);
		enter(s, 3);
		up_write(&s->sem);
	}
	for (i = 0; i < ROUNDS; i++) {
		while (test_and_set_bit_lock(3, &s->bits))
			cpu_relax();
		enter(s, 4);
		clear_bit_unlock(3, &s->bits);
	}
	for (i = 0; i < ROUNDS; i++) {
		while (!spin_trylock(&s->lockref.lock))
			cpu_relax();
		enter(s, 5);
		spin_unlock(&s->lockref.lock);
		lockref_get(&s->lockref);
	}
}

static void counting(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned self = cpu->actor, i;
	u8 b;

	for (i = 0; i < ROUNDS; i++) {
		atomic_inc(&s->narrow);
		atomic64_add(1ull << 33, &s->wide);
		refcount_inc(&s->refs);
		/* each its own byte and half word, side by side */
		fetch_add_relaxed(&s->bytes[self], 1);
		fetch_xor_relaxed(&s->halves[self], 1);
		/* and one byte together */
		b = READ_ONCE(s->bytes[4]);
		while (!try_cmpxchg(&s->bytes[4], &b, b + 1))
			;
		change_bit((long)self + 10, &s->bits);
		llist_add(&s->nodes[self][i].link, &s->list);
		s->nodes[self][i].value = 1;
	}
}

static void writer(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned i;

	(void)cpu;
	for (i = 1; i <= ROUNDS; i++) {
		write_seqlock(&s->seq);
		WRITE_ONCE(s->slots[0], i);
		WRITE_ONCE(s->slots[1], i);
		write_sequnlock(&s->seq);
		down_write(&s->sem);
		s->guarded[0] = i;
		s->guarded[1] = i;
		up_write(&s->sem);
		complete(&s->ping);
		wait_for_completion(&s->pong);
	}
	WRITE_ONCE(s->ready, 1);
	wake_up(&s->queue);
}

static void reader(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned i, start, x, y;

	(void)cpu;
	for (i = 1; i <= ROUNDS; i++) {
		do {
			start = read_seqbegin(&s->seq);
			x = READ_ONCE(s->slots[0]);
			y = READ_ONCE(s->slots[1]);
		} while (read_seqretry(&s->seq, start));
		s->torn += x != y;
		down_read(&s->sem);
		s->torn += s->guarded[0] != s->guarded[1];
		up_read(&s->sem);
		wait_for_completion(&s->ping);
		s->taken += s->guarded[0] == i; /* what was done before complete() is seen */
		complete(&s->pong);
	}
	wait_event(s->queue, READ_ONCE(s->ready));
}

static void srcu_writer(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned i;

	(void)cpu;
	for (i = 0; i < 2000; i++) {
		unsigned *old = READ_ONCE(s->slot), *new = &s->slots[old == &s->slots[0]];

		WRITE_ONCE(*new, 1);
		rcu_assign_pointer(s->slot, new);
		synchronize_srcu(&s->srcu);
		WRITE_ONCE(*old, 0); /* freed */
	}
	WRITE_ONCE(s->ready, 1);
}

static void srcu_reader(struct cpu *cpu, void *argument)
{
	struct shared *s = argument;
	unsigned *p;
	int half;

	(void)cpu;
	while (!READ_ONCE(s->ready)) {
		half = srcu_read_lock(&s->srcu);
		p = srcu_dereference(s->slot, &s->srcu);
		if (!READ_ONCE(*p))
			s->freed_in_use++;
		srcu_read_unlock(&s->srcu, half);
	}
}

static struct shared s;

static void run(struct rig *r, rig_actor *first, rig_actor *second)
{
	rig_actor *actors[] = { first, second };

	rig_run(r, actors, &s, false);
}

int main(void)
{
	static struct rig r;
	struct llist_node *n;
	unsigned i, listed = 0;

	rig_create(&r, 2);
	atomic_set(&s.refs.refs, 1);
	run(&r, exclusive, exclusive);
	for (i = 0; i < 6; i++)
		ok(s.guarded[i] == 2 * ROUNDS, "lock %u loses nothing", i);
	ok(!s.intruded, "and nobody else was inside");
	ok(s.lockref.count == 2 * ROUNDS && !spin_is_locked(&s.lockref.lock),
	   "a lockref loses no count between locks");

	s.bits = 0;
	run(&r, counting, counting);
	ok(atomic_read(&s.narrow) == 2 * ROUNDS &&
	   atomic64_read(&s.wide) == (s64)ROUNDS << 34 && refcount_read(&s.refs) == 2 * ROUNDS + 1,
	   "counts of 4 and 8 bytes lose nothing");
	ok(s.bytes[0] == (u8)ROUNDS && s.bytes[1] == (u8)ROUNDS && !s.bytes[2] && !s.halves[0] &&
	   !s.halves[1], "bytes and half words side by side lose nothing");
	ok(s.bytes[4] == (u8)(2 * ROUNDS), "nor does a byte that both swap");
	ok(!s.bits, "each bit was changed an even number of times");
	for (n = llist_del_all(&s.list); n; n = llist_next(n))
		listed += llist_entry(n, struct node, link)->value;
	ok(listed == 2 * ROUNDS, "an llist loses nothing");

	s.guarded[0] = s.guarded[1] = 0;
	run(&r, writer, reader);
	ok(!s.torn, "nothing torn was read under a seqlock or a semaphore");
	ok(s.taken == ROUNDS, "each completion hands on what was done before it");

	s.ready = 0;
	s.slot = &s.slots[0];
	s.slots[0] = 1;
	init_srcu_struct(&s.srcu);
	run(&r, srcu_writer, srcu_reader);
	ok(!s.freed_in_use, "srcu: nobody reads what was freed");
	rig_destroy(&r);
	return done();
}
