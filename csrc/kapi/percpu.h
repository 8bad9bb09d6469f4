/*
 * One copy of a variable for each CPU. There are no variables outside of struct state, so
 * such a one is a member of it:
 *
 *   struct state { PER_CPU(long, hits); ... };
 *   this_cpu_inc(s->hits);
 *
 * this_cpu_ operations are atomic against interrupts of this CPU, and order nothing. Here
 * they are atomic against other CPUs too. Those with __ in front are plain accesses.
 */
#ifndef KAPI_PERCPU_H
#define KAPI_PERCPU_H

#include "kapi/irq.h"

#define PER_CPU(type, name) __typeof__(type) name[KAPI_MAX_ACTORS]

/* INIT and CHECK run on CPU 0. */
KAPI_INLINE unsigned smp_processor_id(void)
{
	return mach_actor() % KAPI_MAX_ACTORS;
}

#define raw_smp_processor_id() smp_processor_id()
#define get_cpu() \
	(mach_rcu_read_lock(KAPI_SITE("get_cpu()")), smp_processor_id())
#define put_cpu() mach_rcu_read_unlock(KAPI_SITE("put_cpu()"))
#define for_each_possible_cpu(cpu) for (cpu = 0; cpu < KAPI_MAX_ACTORS; cpu++)

#define per_cpu(variable, cpu) ((variable)[cpu])
#define per_cpu_ptr(variable, cpu) (&(variable)[cpu])
#define this_cpu_ptr(variable) (&(variable)[smp_processor_id()])
#define raw_cpu_ptr(variable) this_cpu_ptr(variable)

#define this_cpu_read(x) mach_load(this_cpu_ptr(x), MACH_RELAXED, KAPI_OP("this_cpu_read", #x))
#define this_cpu_write(x, v) \
	mach_store(this_cpu_ptr(x), (v), MACH_RELAXED, KAPI_OP("this_cpu_write", #x ", " #v))
#define this_cpu_add(x, v) \
	((void)mach_fetch_op(MACH_ADD, this_cpu_ptr(x), (v), MACH_RELAXED, \
		KAPI_OP("this_cpu_add", #x ", " #v)))
#define this_cpu_or(x, v) \
	((void)mach_fetch_op(MACH_OR, this_cpu_ptr(x), (v), MACH_RELAXED, \
		KAPI_OP("this_cpu_or", #x ", " #v)))
#define this_cpu_and(x, v) \
	((void)mach_fetch_op(MACH_AND, this_cpu_ptr(x), (v), MACH_RELAXED, \
		KAPI_OP("this_cpu_and", #x ", " #v)))
#define this_cpu_sub(x, v) \
	((void)mach_fetch_add(this_cpu_ptr(x), -(__typeof__(*(x)))(v), MACH_RELAXED, \
		KAPI_OP("this_cpu_sub", #x ", " #v)))
#define this_cpu_inc(x) \
	((void)mach_fetch_add(this_cpu_ptr(x), 1, MACH_RELAXED, KAPI_OP("this_cpu_inc", #x)))
#define this_cpu_dec(x) \
	((void)mach_fetch_add(this_cpu_ptr(x), -1, MACH_RELAXED, KAPI_OP("this_cpu_dec", #x)))
#define this_cpu_add_return(x, v)                                                       \
	({                                                                              \
		__typeof__((x)[0] + 0) kapi_v_ = (v);                                   \
		(__typeof__((x)[0] + 0))(kapi_v_ + mach_fetch_add(this_cpu_ptr(x), kapi_v_, \
			MACH_RELAXED, KAPI_OP("this_cpu_add_return", #x ", " #v)));     \
	})
#define this_cpu_xchg(x, n) \
	mach_xchg(this_cpu_ptr(x), (n), MACH_RELAXED, KAPI_OP("this_cpu_xchg", #x ", " #n))
#define this_cpu_cmpxchg(x, o, n) \
	mach_cmpxchg(this_cpu_ptr(x), (o), (n), MACH_RELAXED, \
		KAPI_OP("this_cpu_cmpxchg", #x ", " #o ", " #n))

#define __this_cpu_read(x) mach_plain_load(this_cpu_ptr(x), KAPI_OP("__this_cpu_read", #x))
#define __this_cpu_write(x, v) \
	mach_plain_store(this_cpu_ptr(x), (v), KAPI_OP("__this_cpu_write", #x ", " #v))
#define __this_cpu_add(x, v)                                                            \
	do {                                                                            \
		__auto_type kapi_p_ = this_cpu_ptr(x);                                  \
		__auto_type kapi_was_ = mach_plain_load(kapi_p_,                        \
			KAPI_OP("__this_cpu_add", #x ", " #v));                         \
		mach_plain_store(kapi_p_, kapi_was_ + (v),                              \
			KAPI_OP("__this_cpu_add", #x ", " #v));                         \
	} while (0)
#define __this_cpu_inc(x) __this_cpu_add(x, 1)
#define __this_cpu_dec(x) __this_cpu_add(x, -1)

#endif
