/*
 * Reader-writer locks and semaphores, by what they promise: many readers or one writer.
 * lock acquires, unlock releases. Waiters do not queue: a writer may wait for ever while
 * readers come and go, which the kernel's locks prevent.
 */
#ifndef KAPI_RWLOCK_H
#define KAPI_RWLOCK_H

#include "kapi/spinlock.h"

typedef struct {
	int count; /* readers; -1: a writer */
} rwlock_t;

struct rw_semaphore {
	rwlock_t lock;
};

#define __RW_LOCK_UNLOCKED(name) { 0 }

KAPI_INLINE bool kapi_read_trylock(rwlock_t *l, const struct site *site)
{
	int c = mach_load(&l->count, MACH_RELAXED, site), seen;

	while (c >= 0) {
		/* acquire: the section after the lock; pairs with kapi_write_unlock() */
		seen = mach_cmpxchg(&l->count, c, c + 1, MACH_ACQUIRE, site);
		if (seen == c)
			return true;
		c = seen;
	}
	return false;
}

KAPI_INLINE void kapi_read_lock(rwlock_t *l, const struct site *site)
{
	while (!kapi_read_trylock(l, site))
		mach_relax(site);
}

KAPI_INLINE void kapi_read_unlock(rwlock_t *l, const struct site *site)
{
	/* release: the section before the unlock; pairs with kapi_write_trylock() */
	mach_fetch_add(&l->count, -1, MACH_RELEASE, site);
}

KAPI_INLINE bool kapi_write_trylock(rwlock_t *l, const struct site *site)
{
	/* acquire: the section after the lock; pairs with both unlocks */
	return mach_load(&l->count, MACH_RELAXED, site) == 0 &&
	       mach_cmpxchg(&l->count, 0, -1, MACH_ACQUIRE, site) == 0;
}

KAPI_INLINE void kapi_write_lock(rwlock_t *l, const struct site *site)
{
	while (!kapi_write_trylock(l, site))
		mach_relax(site);
}

KAPI_INLINE void kapi_write_unlock(rwlock_t *l, const struct site *site)
{
	/* release: the section before the unlock; pairs with the next lock */
	mach_store(&l->count, 0, MACH_RELEASE, site);
}

/* The writer goes on as a reader; others may come in. */
KAPI_INLINE void kapi_downgrade(rwlock_t *l, const struct site *site)
{
	/* release: what was written, before readers enter */
	mach_store(&l->count, 1, MACH_RELEASE, site);
}

#define rwlock_init(l) \
	mach_store(&(l)->count, 0, MACH_RELAXED, KAPI_SITE("rwlock_init(" #l ")"))
#define read_lock(l) kapi_read_lock((l), KAPI_SITE("read_lock(" #l ")"))
#define read_trylock(l) kapi_read_trylock((l), KAPI_SITE("read_trylock(" #l ")"))
#define read_unlock(l) kapi_read_unlock((l), KAPI_SITE("read_unlock(" #l ")"))
#define write_lock(l) kapi_write_lock((l), KAPI_SITE("write_lock(" #l ")"))
#define write_trylock(l) kapi_write_trylock((l), KAPI_SITE("write_trylock(" #l ")"))
#define write_unlock(l) kapi_write_unlock((l), KAPI_SITE("write_unlock(" #l ")"))

#define init_rwsem(s) \
	mach_store(&(s)->lock.count, 0, MACH_RELAXED, KAPI_SITE("init_rwsem(" #s ")"))
#define down_read(s) kapi_read_lock(&(s)->lock, KAPI_SITE("down_read(" #s ")"))
#define down_read_trylock(s) \
	kapi_read_trylock(&(s)->lock, KAPI_SITE("down_read_trylock(" #s ")"))
#define up_read(s) kapi_read_unlock(&(s)->lock, KAPI_SITE("up_read(" #s ")"))
#define down_write(s) kapi_write_lock(&(s)->lock, KAPI_SITE("down_write(" #s ")"))
#define down_write_trylock(s) \
	kapi_write_trylock(&(s)->lock, KAPI_SITE("down_write_trylock(" #s ")"))
#define up_write(s) kapi_write_unlock(&(s)->lock, KAPI_SITE("up_write(" #s ")"))
#define downgrade_write(s) kapi_downgrade(&(s)->lock, KAPI_SITE("downgrade_write(" #s ")"))
#define rwsem_is_locked(s) \
	(mach_load(&(s)->lock.count, MACH_RELAXED, KAPI_SITE("rwsem_is_locked(" #s ")")) != 0)

#endif
