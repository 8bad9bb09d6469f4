/* Mutexes: lock acquires, unlock releases, trylock acquires if it returns true. Nobody
 * sleeps here, a waiter spins. */
#ifndef KAPI_MUTEX_H
#define KAPI_MUTEX_H

#include "kapi/spinlock.h"

struct mutex {
	spinlock_t owner;
};

#define mutex_init(m) \
	mach_store(&(m)->owner.locked, 0, MACH_RELAXED, KAPI_SITE("mutex_init(" #m ")"))
#define mutex_destroy(m) ((void)(m))
#define mutex_lock(m) mach_spin_lock(&(m)->owner.locked, KAPI_SITE("mutex_lock(" #m ")"))
/* Nobody interrupts a waiter: 0, which says that it has the lock. */
#define mutex_lock_interruptible(m) \
	(mach_spin_lock(&(m)->owner.locked, KAPI_SITE("mutex_lock_interruptible(" #m ")")), 0)
#define mutex_lock_killable(m) \
	(mach_spin_lock(&(m)->owner.locked, KAPI_SITE("mutex_lock_killable(" #m ")")), 0)
#define mutex_trylock(m) kapi_spin_trylock(&(m)->owner, KAPI_SITE("mutex_trylock(" #m ")"))
#define mutex_unlock(m) \
	mach_spin_unlock(&(m)->owner.locked, KAPI_SITE("mutex_unlock(" #m ")"))
#define mutex_is_locked(m) \
	(mach_load(&(m)->owner.locked, MACH_RELAXED, KAPI_SITE("mutex_is_locked(" #m ")")) != 0)

#endif
