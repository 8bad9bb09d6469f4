/*
 * Marked and plain accesses, and the barriers between them.
 *
 * READ_ONCE/WRITE_ONCE: single copy atomic, ordered with nothing. PLAIN_READ and
 * PLAIN_WRITE: what an unmarked C access is in the kernel; a machine that can
 * will report two that race. Pairing of the barriers is the kernel's:
 * smp_store_release with smp_load_acquire, smp_wmb with smp_rmb.
 */
#ifndef KAPI_ACCESS_H
#define KAPI_ACCESS_H

#include "machine.h"

#define READ_ONCE(x) mach_load(&(x), MACH_RELAXED, KAPI_SITE("READ_ONCE(" #x ")"))
#define WRITE_ONCE(x, v) \
	mach_store(&(x), (v), MACH_RELAXED, KAPI_SITE("WRITE_ONCE(" #x ", " #v ")"))
#define PLAIN_READ(x) mach_plain_load(&(x), KAPI_SITE(#x))
#define PLAIN_WRITE(x, v) mach_plain_store(&(x), (v), KAPI_SITE(#x " = " #v))

#define smp_load_acquire(p) \
	mach_load((p), MACH_ACQUIRE, KAPI_SITE("smp_load_acquire(" #p ")"))
#define smp_store_release(p, v) \
	mach_store((p), (v), MACH_RELEASE, KAPI_SITE("smp_store_release(" #p ", " #v ")"))

#define smp_mb() mach_fence(MACH_MB, KAPI_SITE("smp_mb()"))
#define smp_rmb() mach_fence(MACH_RMB, KAPI_SITE("smp_rmb()"))
#define smp_wmb() mach_fence(MACH_WMB, KAPI_SITE("smp_wmb()"))

/* A named place where this CPU may be preempted for as long as you like. */
#define checkpoint(label) mach_point(KAPI_CHECKPOINT(label))
/* In a retry loop: let the others run. */
#define cpu_relax() mach_relax(KAPI_SITE("cpu_relax()"))

#endif
