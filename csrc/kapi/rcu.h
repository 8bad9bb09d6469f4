/*
 * RCU by what it promises.
 *
 * synchronize_rcu returns after every read section that began before it has ended; what a
 * section read before, it may still use. An IRQ-off section is a read section too (GUP-fast
 * relies on that), and so are sections with preemption or soft interrupts off.
 */
#ifndef KAPI_RCU_H
#define KAPI_RCU_H

#include "kapi/access.h"

#define rcu_read_lock() mach_rcu_read_lock(KAPI_SITE("rcu_read_lock()"))
#define rcu_read_unlock() mach_rcu_read_unlock(KAPI_SITE("rcu_read_unlock()"))
#define rcu_read_lock_bh() mach_rcu_read_lock(KAPI_SITE("rcu_read_lock_bh()"))
#define rcu_read_unlock_bh() mach_rcu_read_unlock(KAPI_SITE("rcu_read_unlock_bh()"))
#define rcu_read_lock_sched() mach_rcu_read_lock(KAPI_SITE("rcu_read_lock_sched()"))
#define rcu_read_unlock_sched() mach_rcu_read_unlock(KAPI_SITE("rcu_read_unlock_sched()"))
#define synchronize_rcu() mach_synchronize_rcu(KAPI_LANDMARK("synchronize_rcu()"))
#define synchronize_rcu_expedited() \
	mach_synchronize_rcu(KAPI_LANDMARK("synchronize_rcu_expedited()"))

/* A dependency orders the load before accesses through its result. */
#define rcu_dereference(p) mach_load(&(p), MACH_RELAXED, KAPI_SITE("rcu_dereference(" #p ")"))
#define rcu_dereference_raw(p) \
	mach_load(&(p), MACH_RELAXED, KAPI_SITE("rcu_dereference_raw(" #p ")"))
#define rcu_dereference_check(p, condition)                                             \
	({                                                                              \
		(void)(condition);                                                      \
		mach_load(&(p), MACH_RELAXED, KAPI_SITE("rcu_dereference_check(" #p ")")); \
	})
/* The caller excludes every writer: plain, so that a race is reported where it does not. */
#define rcu_dereference_protected(p, condition)                                         \
	({                                                                              \
		(void)(condition);                                                      \
		mach_plain_load(&(p), KAPI_SITE("rcu_dereference_protected(" #p ")"));  \
	})
/* Only the value is wanted, nobody follows it. */
#define rcu_access_pointer(p) \
	mach_load(&(p), MACH_RELAXED, KAPI_SITE("rcu_access_pointer(" #p ")"))

/* release: what the pointer shows is written first; pairs with rcu_dereference */
#define rcu_assign_pointer(p, v) \
	mach_store(&(p), (v), MACH_RELEASE, KAPI_SITE("rcu_assign_pointer(" #p ", " #v ")"))
/* Orders nothing: for NULL, and for what readers have seen already. */
#define RCU_INIT_POINTER(p, v) \
	mach_store(&(p), (v), MACH_RELAXED, KAPI_SITE("RCU_INIT_POINTER(" #p ", " #v ")"))
/* Returns the old one; the caller excludes other writers. */
#define rcu_replace_pointer(p, v, condition)                                            \
	({                                                                              \
		__auto_type kapi_was_ = rcu_dereference_protected(p, condition);        \
                                                                                        \
		rcu_assign_pointer(p, v);                                               \
		kapi_was_;                                                              \
	})

#endif
