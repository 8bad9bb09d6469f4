/*
 * Marked and plain accesses, and the barriers between them.
 *
 * READ_ONCE/WRITE_ONCE: single copy atomic, ordered with nothing; of 1, 2, 4 or 8 bytes.
 * PLAIN_READ and PLAIN_WRITE: what an unmarked C access is in the kernel; a machine that
 * can will report two that race. Pairing of the barriers is the kernel's:
 * smp_store_release with smp_load_acquire, smp_wmb with smp_rmb.
 */
#ifndef KAPI_ACCESS_H
#define KAPI_ACCESS_H

#include "machine.h"
#include "kapi/types.h"

#define READ_ONCE(x) mach_load(&(x), MACH_RELAXED, KAPI_SITE("READ_ONCE(" #x ")"))
#define WRITE_ONCE(x, v) \
	mach_store(&(x), (v), MACH_RELAXED, KAPI_SITE("WRITE_ONCE(" #x ", " #v ")"))
#define PLAIN_READ(x) mach_plain_load(&(x), KAPI_SITE(#x))
#define PLAIN_WRITE(x, v) mach_plain_store(&(x), (v), KAPI_SITE(#x " = " #v))

#define smp_load_acquire(p) \
	mach_load((p), MACH_ACQUIRE, KAPI_SITE("smp_load_acquire(" #p ")"))
#define smp_store_release(p, v) \
	mach_store((p), (v), MACH_RELEASE, KAPI_SITE("smp_store_release(" #p ", " #v ")"))

/* ---- what C11 and the CPUs have, and the kernel has no word for ---- */

/* C11's memory_order_acquire: may pass an earlier release to another address (LDAPR). */
#define smp_load_acquire_pc(p) \
	mach_load((p), MACH_ACQUIRE_PC, KAPI_SITE("smp_load_acquire_pc(" #p ")"))
/* C11's memory_order_seq_cst: one order of all of these; no fence for what is around. */
#define smp_load_seq_cst(p) \
	mach_load((p), MACH_SEQ_CST, KAPI_SITE("smp_load_seq_cst(" #p ")"))
#define smp_store_seq_cst(p, v) \
	mach_store((p), (v), MACH_SEQ_CST, KAPI_SITE("smp_store_seq_cst(" #p ", " #v ")"))

/* A fence in two halves: the light one costs nothing, and is as good as smp_mb() against
 * the heavy one, which makes every other CPU pay (membarrier). */
#define asymmetric_fence_light() \
	mach_fence(MACH_BARRIER, KAPI_SITE("asymmetric_fence_light()"))
#define asymmetric_fence_heavy() \
	mach_fence(MACH_MB_OTHERS, KAPI_SITE("asymmetric_fence_heavy()"))

/* ---- barriers ---- */

#define smp_mb() mach_fence(MACH_MB, KAPI_SITE("smp_mb()"))
#define smp_rmb() mach_fence(MACH_RMB, KAPI_SITE("smp_rmb()"))
#define smp_wmb() mach_fence(MACH_WMB, KAPI_SITE("smp_wmb()"))
/* Between CPUs and devices; there are no devices here. */
#define mb() mach_fence(MACH_MB, KAPI_SITE("mb()"))
#define rmb() mach_fence(MACH_RMB, KAPI_SITE("rmb()"))
#define wmb() mach_fence(MACH_WMB, KAPI_SITE("wmb()"))
/* Orders nothing between CPUs. */
#define barrier() mach_fence(MACH_BARRIER, KAPI_SITE("barrier()"))

/* Beside an atomic operation that orders less than it could. */
#define smp_mb__before_atomic() mach_fence(MACH_MB, KAPI_SITE("smp_mb__before_atomic()"))
#define smp_mb__after_atomic() mach_fence(MACH_MB, KAPI_SITE("smp_mb__after_atomic()"))
/* After spin_lock(): what came before the lock is ordered before what follows. */
#define smp_mb__after_spinlock() mach_fence(MACH_MB, KAPI_SITE("smp_mb__after_spinlock()"))
/* Makes a control dependency an acquire: it orders the loads that follow too. */
#define smp_acquire__after_ctrl_dep() \
	mach_fence(MACH_RMB, KAPI_SITE("smp_acquire__after_ctrl_dep()"))

/* A store, and a full barrier after it. */
#define smp_store_mb(x, v)                                                              \
	do {                                                                            \
		mach_store(&(x), (v), MACH_RELAXED,                                     \
			   KAPI_SITE("smp_store_mb(" #x ", " #v ")"));                  \
		mach_fence(MACH_MB, KAPI_SITE("smp_store_mb(" #x ", " #v ")"));         \
	} while (0)

/* ---- waiting ---- */

/* A named place where this CPU may be preempted for as long as you like. */
#define checkpoint(label) mach_point(KAPI_CHECKPOINT(label))
/* In a retry loop: let the others run. */
#define cpu_relax() mach_relax(KAPI_SITE("cpu_relax()"))

/* Loads until the condition, which speaks of VAL, the value just loaded; returns it. */
#define KAPI_COND_LOAD(p, condition, order, kapi_site)                                  \
	({                                                                              \
		const struct site *kapi_at_ = kapi_site;                                \
		__auto_type kapi_p_ = (p);                                              \
		__auto_type VAL = mach_load(kapi_p_, order, kapi_at_);                  \
                                                                                        \
		while (!(condition)) {                                                  \
			mach_relax(kapi_at_);                                           \
			VAL = mach_load(kapi_p_, order, kapi_at_);                      \
		}                                                                       \
		VAL;                                                                    \
	})
#define smp_cond_load_relaxed(p, condition)                                             \
	KAPI_COND_LOAD(p, condition, MACH_RELAXED,                                      \
		       KAPI_SITE("smp_cond_load_relaxed(" #p ", " #condition ")"))
#define smp_cond_load_acquire(p, condition)                                             \
	KAPI_COND_LOAD(p, condition, MACH_ACQUIRE,                                      \
		       KAPI_SITE("smp_cond_load_acquire(" #p ", " #condition ")"))

/* ---- what is said of races ---- */

/* An access that may race, on purpose: no report, and no order. Of one object. */
#define data_race(x) mach_load(&(x), MACH_RELAXED, KAPI_SITE("data_race(" #x ")"))
/* Nobody writes x at the same time; nobody touches it at the same time. */
#define ASSERT_EXCLUSIVE_WRITER(x) \
	((void)mach_plain_load(&(x), KAPI_SITE("ASSERT_EXCLUSIVE_WRITER(" #x ")")))
#define ASSERT_EXCLUSIVE_ACCESS(x) \
	mach_exclusive(&(x), KAPI_SITE("ASSERT_EXCLUSIVE_ACCESS(" #x ")"))

#endif
