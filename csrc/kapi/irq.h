/*
 * Interrupts, soft interrupts and preemption.
 *
 * With interrupts off this CPU takes no interrupt and no pause and, on x86, holds off the
 * TLB flush that waits for it. Such sections nest. With soft interrupts or preemption off
 * it is an RCU read section and no more: an actor has a CPU of its own anyway.
 */
#ifndef KAPI_IRQ_H
#define KAPI_IRQ_H

#include "kapi/access.h"

#define local_irq_disable() mach_irq_disable(KAPI_SITE("local_irq_disable()"))
#define local_irq_enable() mach_irq_enable(KAPI_SITE("local_irq_enable()"))
/* flags is set, so that it is used as in the kernel; the machine counts the sections. */
#define local_irq_save(flags)                                                           \
	do {                                                                            \
		(flags) = 0;                                                            \
		mach_irq_disable(KAPI_SITE("local_irq_save(" #flags ")"));              \
	} while (0)
#define local_irq_restore(flags)                                                        \
	do {                                                                            \
		(void)(flags);                                                          \
		mach_irq_enable(KAPI_SITE("local_irq_restore(" #flags ")"));            \
	} while (0)

#define local_bh_disable() mach_rcu_read_lock(KAPI_SITE("local_bh_disable()"))
#define local_bh_enable() mach_rcu_read_unlock(KAPI_SITE("local_bh_enable()"))
#define preempt_disable() mach_rcu_read_lock(KAPI_SITE("preempt_disable()"))
#define preempt_enable() mach_rcu_read_unlock(KAPI_SITE("preempt_enable()"))

#endif
