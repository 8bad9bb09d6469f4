/*
 * Sleepable RCU: a domain of read sections of its own. By two pairs of counters, as the
 * kernel does it: a reader counts itself in and out of the half that is current, a grace
 * period turns the halves over twice and waits for the one that it left.
 */
#ifndef KAPI_SRCU_H
#define KAPI_SRCU_H

#include "kapi/mutex.h"

struct srcu_struct {
	struct mutex lock; /* one grace period at a time */
	unsigned idx;      /* low bit: the half that new readers enter */
	unsigned in[2], out[2];
};

KAPI_INLINE int kapi_srcu_lock(struct srcu_struct *s, const struct site *site)
{
	int half = mach_load(&s->idx, MACH_RELAXED, site) & 1;

	mach_fetch_add(&s->in[half], 1, MACH_RELAXED, site);
	mach_fence(MACH_MB, site); /* counted in before the section; pairs with kapi_srcu_wait() */
	return half;
}

KAPI_INLINE void kapi_srcu_unlock(struct srcu_struct *s, int half, const struct site *site)
{
	mach_fence(MACH_MB, site); /* the section before it is counted out; pairs as above */
	mach_fetch_add(&s->out[half & 1], 1, MACH_RELAXED, site);
}

KAPI_INLINE void kapi_srcu_wait(struct srcu_struct *s, unsigned half, const struct site *site)
{
	for (;;) {
		unsigned out = mach_load(&s->out[half], MACH_RELAXED, site);

		mach_fence(MACH_MB, site); /* out before in: who is seen out was seen in */
		if (mach_load(&s->in[half], MACH_RELAXED, site) == out)
			return;
		mach_relax(site);
	}
}

KAPI_INLINE void kapi_srcu_synchronize(struct srcu_struct *s, const struct site *site)
{
	unsigned turn, half;

	mach_spin_lock(&s->lock.owner.locked, site);
	mach_fence(MACH_MB, site); /* the removal before the look at readers */
	for (turn = 0; turn < 2; turn++) {
		half = mach_load(&s->idx, MACH_RELAXED, site) & 1;
		kapi_srcu_wait(s, !half, site); /* late ones, who read idx long ago */
		mach_store(&s->idx, !half, MACH_RELAXED, site);
		mach_fence(MACH_MB, site); /* the turn before the next look */
	}
	mach_spin_unlock(&s->lock.owner.locked, site);
	mach_fence(MACH_MB, site); /* every section that was waited for, before the free */
}

/* 0, as it cannot fail. */
KAPI_INLINE int kapi_srcu_init(struct srcu_struct *s, const struct site *site)
{
	mach_store(&s->lock.owner.locked, 0, MACH_RELAXED, site);
	mach_store(&s->idx, 0, MACH_RELAXED, site);
	mach_store(&s->in[0], 0, MACH_RELAXED, site);
	mach_store(&s->in[1], 0, MACH_RELAXED, site);
	mach_store(&s->out[0], 0, MACH_RELAXED, site);
	mach_store(&s->out[1], 0, MACH_RELAXED, site);
	return 0;
}

#define init_srcu_struct(s) kapi_srcu_init((s), KAPI_OP("init_srcu_struct", #s))
#define cleanup_srcu_struct(s) ((void)(s))
#define srcu_read_lock(s) kapi_srcu_lock((s), KAPI_OP("srcu_read_lock", #s))
#define srcu_read_unlock(s, half) \
	kapi_srcu_unlock((s), (half), KAPI_OP("srcu_read_unlock", #s ", " #half))
#define synchronize_srcu(s) \
	kapi_srcu_synchronize((s), KAPI_LANDMARK("synchronize_srcu(" #s ")"))
#define srcu_dereference(p, s) \
	((void)(s), mach_load(&(p), MACH_RELAXED, KAPI_OP("srcu_dereference", #p ", " #s)))

#endif
