/*
 * Spinlocks. lock acquires, unlock releases, trylock acquires if it returns true. The
 * forms with irq and bh are an IRQ-off or bh-off section around that.
 */
#ifndef KAPI_SPINLOCK_H
#define KAPI_SPINLOCK_H

#include "kapi/irq.h"

typedef struct {
	int locked;
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) { 0 }
#define __RAW_SPIN_LOCK_UNLOCKED(name) { 0 }

KAPI_INLINE bool kapi_spin_trylock(spinlock_t *l, const struct site *site)
{
	/* acquire: the section after the lock; pairs with mach_spin_unlock() */
	return mach_cmpxchg(&l->locked, 0, 1, MACH_ACQUIRE, site) == 0;
}

KAPI_INLINE bool kapi_spin_trylock_irq(spinlock_t *l, const struct site *site)
{
	mach_irq_disable(site);
	if (kapi_spin_trylock(l, site))
		return true;
	mach_irq_enable(site);
	return false;
}

KAPI_INLINE bool kapi_spin_trylock_bh(spinlock_t *l, const struct site *site)
{
	mach_rcu_read_lock(site);
	if (kapi_spin_trylock(l, site))
		return true;
	mach_rcu_read_unlock(site);
	return false;
}

#define KAPI_SPIN_AFTER(before, l, kapi_site)                                            \
	do {                                                                            \
		const struct site *kapi_at_ = kapi_site;                                \
                                                                                        \
		before(kapi_at_);                                                       \
		mach_spin_lock(&(l)->locked, kapi_at_);                                 \
	} while (0)
#define KAPI_SPIN_BEFORE(after, l, kapi_site)                                            \
	do {                                                                            \
		const struct site *kapi_at_ = kapi_site;                                \
                                                                                        \
		mach_spin_unlock(&(l)->locked, kapi_at_);                               \
		after(kapi_at_);                                                        \
	} while (0)

#define spin_lock_init(l) \
	mach_store(&(l)->locked, 0, MACH_RELAXED, KAPI_SITE("spin_lock_init(" #l ")"))
#define spin_lock(l) mach_spin_lock(&(l)->locked, KAPI_SITE("spin_lock(" #l ")"))
#define spin_unlock(l) mach_spin_unlock(&(l)->locked, KAPI_SITE("spin_unlock(" #l ")"))
#define spin_trylock(l) kapi_spin_trylock((l), KAPI_SITE("spin_trylock(" #l ")"))
#define spin_is_locked(l) \
	(mach_load(&(l)->locked, MACH_RELAXED, KAPI_SITE("spin_is_locked(" #l ")")) != 0)
#define spin_lock_irq(l) \
	KAPI_SPIN_AFTER(mach_irq_disable, l, KAPI_SITE("spin_lock_irq(" #l ")"))
#define spin_unlock_irq(l) \
	KAPI_SPIN_BEFORE(mach_irq_enable, l, KAPI_SITE("spin_unlock_irq(" #l ")"))
#define spin_trylock_irq(l) \
	kapi_spin_trylock_irq((l), KAPI_SITE("spin_trylock_irq(" #l ")"))
#define spin_lock_irqsave(l, flags)                                                  \
	do {                                                                            \
		(flags) = 0;                                                            \
		KAPI_SPIN_AFTER(mach_irq_disable, l,                                    \
				KAPI_SITE("spin_lock_irqsave(" #l ", " #flags ")")); \
	} while (0)
#define spin_unlock_irqrestore(l, flags)                                             \
	do {                                                                            \
		(void)(flags);                                                          \
		KAPI_SPIN_BEFORE(mach_irq_enable, l,                                    \
				 KAPI_SITE("spin_unlock_irqrestore(" #l ", " #flags ")")); \
	} while (0)
#define spin_trylock_irqsave(l, flags) \
	((flags) = 0, kapi_spin_trylock_irq((l), \
		KAPI_SITE("spin_trylock_irqsave(" #l ", " #flags ")")))
#define spin_lock_bh(l) \
	KAPI_SPIN_AFTER(mach_rcu_read_lock, l, KAPI_SITE("spin_lock_bh(" #l ")"))
#define spin_unlock_bh(l) \
	KAPI_SPIN_BEFORE(mach_rcu_read_unlock, l, KAPI_SITE("spin_unlock_bh(" #l ")"))
#define spin_trylock_bh(l) \
	kapi_spin_trylock_bh((l), KAPI_SITE("spin_trylock_bh(" #l ")"))

#define raw_spin_lock_init(l) \
	mach_store(&(l)->locked, 0, MACH_RELAXED, KAPI_SITE("raw_spin_lock_init(" #l ")"))
#define raw_spin_lock(l) mach_spin_lock(&(l)->locked, KAPI_SITE("raw_spin_lock(" #l ")"))
#define raw_spin_unlock(l) mach_spin_unlock(&(l)->locked, KAPI_SITE("raw_spin_unlock(" #l ")"))
#define raw_spin_trylock(l) kapi_spin_trylock((l), KAPI_SITE("raw_spin_trylock(" #l ")"))
#define raw_spin_is_locked(l) \
	(mach_load(&(l)->locked, MACH_RELAXED, KAPI_SITE("raw_spin_is_locked(" #l ")")) != 0)
#define raw_spin_lock_irq(l) \
	KAPI_SPIN_AFTER(mach_irq_disable, l, KAPI_SITE("raw_spin_lock_irq(" #l ")"))
#define raw_spin_unlock_irq(l) \
	KAPI_SPIN_BEFORE(mach_irq_enable, l, KAPI_SITE("raw_spin_unlock_irq(" #l ")"))
#define raw_spin_trylock_irq(l) \
	kapi_spin_trylock_irq((l), KAPI_SITE("raw_spin_trylock_irq(" #l ")"))
#define raw_spin_lock_irqsave(l, flags)                                                  \
	do {                                                                            \
		(flags) = 0;                                                            \
		KAPI_SPIN_AFTER(mach_irq_disable, l,                                    \
				KAPI_SITE("raw_spin_lock_irqsave(" #l ", " #flags ")")); \
	} while (0)
#define raw_spin_unlock_irqrestore(l, flags)                                             \
	do {                                                                            \
		(void)(flags);                                                          \
		KAPI_SPIN_BEFORE(mach_irq_enable, l,                                    \
				 KAPI_SITE("raw_spin_unlock_irqrestore(" #l ", " #flags ")")); \
	} while (0)
#define raw_spin_trylock_irqsave(l, flags) \
	((flags) = 0, kapi_spin_trylock_irq((l), \
		KAPI_SITE("raw_spin_trylock_irqsave(" #l ", " #flags ")")))
#define raw_spin_lock_bh(l) \
	KAPI_SPIN_AFTER(mach_rcu_read_lock, l, KAPI_SITE("raw_spin_lock_bh(" #l ")"))
#define raw_spin_unlock_bh(l) \
	KAPI_SPIN_BEFORE(mach_rcu_read_unlock, l, KAPI_SITE("raw_spin_unlock_bh(" #l ")"))
#define raw_spin_trylock_bh(l) \
	kapi_spin_trylock_bh((l), KAPI_SITE("raw_spin_trylock_bh(" #l ")"))

#endif
