/*
 * RCU, interrupts and spinlocks, by what they promise.
 *
 * RCU: synchronize_rcu returns after every read section that began before it
 * has ended; what a section read before, it may still use. An IRQ-off section
 * is a read section too (GUP-fast relies on that), and holds off interrupts,
 * a pause of this CPU and, on x86, the TLB flush that waits for it.
 */
#ifndef KAPI_SYNC_H
#define KAPI_SYNC_H

#include "kapi/access.h"

#define rcu_read_lock() mach_rcu_read_lock(KAPI_SITE("rcu_read_lock()"))
#define rcu_read_unlock() mach_rcu_read_unlock(KAPI_SITE("rcu_read_unlock()"))
#define synchronize_rcu() mach_synchronize_rcu(KAPI_LANDMARK("synchronize_rcu()"))

/* A dependency orders the load before accesses through its result. */
#define rcu_dereference(p) mach_load(&(p), MACH_RELAXED, KAPI_SITE("rcu_dereference(" #p ")"))
/* release: what the pointer shows is written first; pairs with rcu_dereference */
#define rcu_assign_pointer(p, v) \
	mach_store(&(p), (v), MACH_RELEASE, KAPI_SITE("rcu_assign_pointer(" #p ", " #v ")"))

#define local_irq_disable() mach_irq_disable(KAPI_SITE("local_irq_disable()"))
#define local_irq_enable() mach_irq_enable(KAPI_SITE("local_irq_enable()"))

typedef struct {
	int locked;
} spinlock_t;

#define spin_lock(l) mach_spin_lock(&(l)->locked, KAPI_SITE("spin_lock(" #l ")"))
#define spin_unlock(l) mach_spin_unlock(&(l)->locked, KAPI_SITE("spin_unlock(" #l ")"))

#endif
