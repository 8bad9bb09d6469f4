/*
 * Completions and wait queues. What came before complete() or wake_up() is seen by whoever
 * it lets go on. A waiter spins; one that nobody wakes any more is a deadlock, and found.
 */
#ifndef KAPI_COMPLETION_H
#define KAPI_COMPLETION_H

#include "kapi/access.h"

struct completion {
	unsigned done; /* that many may go on; KAPI_ALL_DONE: all */
};

#define KAPI_ALL_DONE (UINT32_MAX / 2)

KAPI_INLINE bool kapi_try_wait(struct completion *c, const struct site *site)
{
	unsigned done = mach_load(&c->done, MACH_RELAXED, site), seen;

	while (done) {
		unsigned less = done == KAPI_ALL_DONE ? done : done - 1;

		/* acquire: what we do next after what completed it; pairs with complete() */
		seen = mach_cmpxchg(&c->done, done, less, MACH_ACQUIRE, site);
		if (seen == done)
			return true;
		done = seen;
	}
	return false;
}

KAPI_INLINE void kapi_wait_for(struct completion *c, const struct site *site)
{
	while (!kapi_try_wait(c, site))
		mach_relax(site);
}

#define init_completion(c) \
	mach_store(&(c)->done, 0, MACH_RELAXED, KAPI_SITE("init_completion(" #c ")"))
#define reinit_completion(c) \
	mach_store(&(c)->done, 0, MACH_RELAXED, KAPI_SITE("reinit_completion(" #c ")"))
/* release: what was done before, for kapi_try_wait() */
#define complete(c) \
	((void)mach_fetch_add(&(c)->done, 1, MACH_RELEASE, KAPI_SITE("complete(" #c ")")))
#define complete_all(c) \
	mach_store(&(c)->done, KAPI_ALL_DONE, MACH_RELEASE, KAPI_SITE("complete_all(" #c ")"))
#define wait_for_completion(c) kapi_wait_for((c), KAPI_SITE("wait_for_completion(" #c ")"))
#define try_wait_for_completion(c) \
	kapi_try_wait((c), KAPI_SITE("try_wait_for_completion(" #c ")"))
#define completion_done(c) \
	(mach_load(&(c)->done, MACH_RELAXED, KAPI_SITE("completion_done(" #c ")")) != 0)

/* ---- wait queues ---- */

typedef struct {
	int waiters;
	unsigned woken; /* counts calls of wake_up() that met a waiter */
} wait_queue_head_t;

/* On the queue first, then the condition: as prepare_to_wait(). */
KAPI_INLINE unsigned kapi_wait_begin(wait_queue_head_t *q, const struct site *site)
{
	mach_fetch_add(&q->waiters, 1, MACH_RELAXED, site);
	mach_fence(MACH_MB, site); /* queued before the condition; pairs with wq_has_sleeper() */
	return mach_load(&q->woken, MACH_ACQUIRE, site);
}

KAPI_INLINE unsigned kapi_wait_again(wait_queue_head_t *q, unsigned woken,
				     const struct site *site)
{
	unsigned now;

	/* acquire: the condition after the wake-up; pairs with kapi_wake_up() */
	while ((now = mach_load(&q->woken, MACH_ACQUIRE, site)) == woken)
		mach_relax(site);
	return now;
}

KAPI_INLINE void kapi_wake_up(wait_queue_head_t *q, const struct site *site)
{
	/* full: the condition before the look at the queue; pairs with kapi_wait_begin() */
	if (mach_fetch_add(&q->waiters, 0, MACH_FULL, site))
		mach_fetch_add(&q->woken, 1, MACH_FULL, site);
}

#define init_waitqueue_head(q)                                                          \
	do {                                                                            \
		mach_store(&(q)->waiters, 0, MACH_RELAXED, KAPI_SITE("init_waitqueue_head(" #q ")")); \
		mach_store(&(q)->woken, 0, MACH_RELAXED, KAPI_SITE("init_waitqueue_head(" #q ")")); \
	} while (0)
/* q is no pointer, as in the kernel. */
#define wait_event(q, condition)                                                        \
	do {                                                                            \
		const struct site *kapi_at_ = KAPI_SITE("wait_event(" #q ", " #condition ")"); \
		wait_queue_head_t *kapi_q_ = &(q);                                      \
		unsigned kapi_woken_;                                                   \
                                                                                        \
		if (condition)                                                          \
			break;                                                          \
		kapi_woken_ = kapi_wait_begin(kapi_q_, kapi_at_);                       \
		while (!(condition))                                                    \
			kapi_woken_ = kapi_wait_again(kapi_q_, kapi_woken_, kapi_at_);  \
		mach_fetch_add(&kapi_q_->waiters, -1, MACH_RELAXED, kapi_at_);          \
	} while (0)
#define wake_up(q) kapi_wake_up((q), KAPI_SITE("wake_up(" #q ")"))
#define wake_up_all(q) kapi_wake_up((q), KAPI_SITE("wake_up_all(" #q ")"))
/* Orders nothing: the caller needs smp_mb() between the condition and it. */
#define waitqueue_active(q) \
	(mach_load(&(q)->waiters, MACH_RELAXED, KAPI_SITE("waitqueue_active(" #q ")")) != 0)
#define wq_has_sleeper(q)                                                               \
	({                                                                              \
		mach_fence(MACH_MB, KAPI_SITE("wq_has_sleeper(" #q ")"));               \
		waitqueue_active(q);                                                    \
	})

#endif
