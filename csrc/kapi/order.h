/*
 * What an operation orders, and which operation it is: the constants of contract.h that
 * csrc/arch needs too.
 *
 *   MACH_RELAXED     single copy atomic, coherent, ordered with nothing else
 *   MACH_ACQUIRE     what follows in program order comes after the read. Of loads: RCsc,
 *                    an earlier MACH_RELEASE or MACH_SEQ_CST store of this CPU comes first
 *   MACH_ACQUIRE_PC  RCpc, loads alone: as ACQUIRE, but may pass an earlier release to
 *                    another address (arm64 LDAPR, C11 memory_order_acquire)
 *   MACH_RELEASE     what precedes in program order comes before the write
 *   MACH_ACQ_REL     read-modify-writes: ACQUIRE of the read, RELEASE of the write. A later
 *                    access may come between the two
 *   MACH_SEQ_CST     C11's: RCsc acquire and RCsc release, and one total order of all such
 *                    operations. No fence: relaxed accesses around it are ordered as by
 *                    acquire and release only
 *   MACH_FULL        read-modify-writes: the kernel's fully ordered. smp_mb() before and
 *                    after, when it wrote
 *
 * A compare that fails orders nothing, whatever its order.
 */
#ifndef KAPI_ORDER_H
#define KAPI_ORDER_H

enum mach_order {
	MACH_RELAXED,
	MACH_ACQUIRE,
	MACH_RELEASE,
	MACH_FULL,
	MACH_ACQ_REL,
	MACH_ACQUIRE_PC,
	MACH_SEQ_CST
};

/*
 * MACH_MB         every access before it, before every access after it
 * MACH_RMB        loads before it, before loads after it
 * MACH_WMB        stores before it, before stores after it
 * MACH_BARRIER    the compiler alone: moves no access across it. A CPU may
 * MACH_MB_OTHERS  MACH_MB here, and on each CPU that runs an actor one somewhere in the
 *                 time that this takes: each MACH_BARRIER there is as good as a MACH_MB
 *                 against it (membarrier(2), the heavy side of an asymmetric fence)
 */
enum mach_fence { MACH_MB, MACH_RMB, MACH_WMB, MACH_BARRIER, MACH_MB_OTHERS };

enum mach_rmw { MACH_ADD, MACH_OR, MACH_AND, MACH_XOR };

#endif
