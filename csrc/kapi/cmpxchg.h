/*
 * Exchange and compare-and-swap of any scalar of 1, 2, 4 or 8 bytes, pointers too.
 *
 * Without a suffix they are fully ordered, as in the kernel: smp_mb() before and after.
 * _acq_rel and _seq_cst are C11's, which order less than that: a later access may pass the
 * write, an earlier one the read. A compare that fails writes nothing and orders nothing.
 * The fetch operations are C11's too; the kernel has them of atomic_t alone.
 */
#ifndef KAPI_CMPXCHG_H
#define KAPI_CMPXCHG_H

#include "kapi/access.h"

/* Swaps if *p is *old; if not, *old becomes what it saw. */
#define KAPI_TRY(p, old, n, order, kapi_site)                                           \
	({                                                                              \
		__auto_type kapi_old_ = (old);                                          \
		__auto_type kapi_expected_ = *kapi_old_;                                \
		__auto_type kapi_seen_ = mach_cmpxchg(p, kapi_expected_, n, order, kapi_site); \
                                                                                        \
		*kapi_old_ = kapi_seen_;                                                \
		kapi_seen_ == kapi_expected_;                                           \
	})
/* The low bits of what there was, in the object's own type. */
#define KAPI_FETCH_SUB(p, v, order, kapi_site)                                          \
	mach_fetch_op(MACH_ADD, p, -(__typeof__(*(p)))(v), order, kapi_site)

#define xchg(p, n) mach_xchg((p), (n), MACH_FULL, KAPI_OP("xchg", #p ", " #n))
#define xchg_relaxed(p, n) mach_xchg((p), (n), MACH_RELAXED, KAPI_OP("xchg_relaxed", #p ", " #n))
#define xchg_acquire(p, n) mach_xchg((p), (n), MACH_ACQUIRE, KAPI_OP("xchg_acquire", #p ", " #n))
#define xchg_release(p, n) mach_xchg((p), (n), MACH_RELEASE, KAPI_OP("xchg_release", #p ", " #n))
#define xchg_acq_rel(p, n) mach_xchg((p), (n), MACH_ACQ_REL, KAPI_OP("xchg_acq_rel", #p ", " #n))
#define xchg_seq_cst(p, n) mach_xchg((p), (n), MACH_SEQ_CST, KAPI_OP("xchg_seq_cst", #p ", " #n))

#define cmpxchg(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_FULL, KAPI_OP("cmpxchg", #p ", " #o ", " #n))
#define cmpxchg_relaxed(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_RELAXED, KAPI_OP("cmpxchg_relaxed", #p ", " #o ", " #n))
#define cmpxchg_acquire(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_ACQUIRE, KAPI_OP("cmpxchg_acquire", #p ", " #o ", " #n))
#define cmpxchg_release(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_RELEASE, KAPI_OP("cmpxchg_release", #p ", " #o ", " #n))
#define cmpxchg_acq_rel(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_ACQ_REL, KAPI_OP("cmpxchg_acq_rel", #p ", " #o ", " #n))
#define cmpxchg_seq_cst(p, o, n) \
	mach_cmpxchg((p), (o), (n), MACH_SEQ_CST, KAPI_OP("cmpxchg_seq_cst", #p ", " #o ", " #n))

#define try_cmpxchg(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_FULL, KAPI_OP("try_cmpxchg", #p ", " #o ", " #n))
#define try_cmpxchg_relaxed(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_RELAXED, KAPI_OP("try_cmpxchg_relaxed", #p ", " #o ", " #n))
#define try_cmpxchg_acquire(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_ACQUIRE, KAPI_OP("try_cmpxchg_acquire", #p ", " #o ", " #n))
#define try_cmpxchg_release(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_RELEASE, KAPI_OP("try_cmpxchg_release", #p ", " #o ", " #n))
#define try_cmpxchg_acq_rel(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_ACQ_REL, KAPI_OP("try_cmpxchg_acq_rel", #p ", " #o ", " #n))
#define try_cmpxchg_seq_cst(p, o, n) \
	KAPI_TRY((p), (o), (n), MACH_SEQ_CST, KAPI_OP("try_cmpxchg_seq_cst", #p ", " #o ", " #n))

/* Of 8 bytes, by the kernel's names. */
#define cmpxchg64 cmpxchg
#define try_cmpxchg64 try_cmpxchg
#define cmpxchg64_relaxed cmpxchg_relaxed
#define try_cmpxchg64_relaxed try_cmpxchg_relaxed
#define cmpxchg64_acquire cmpxchg_acquire
#define try_cmpxchg64_acquire try_cmpxchg_acquire
#define cmpxchg64_release cmpxchg_release
#define try_cmpxchg64_release try_cmpxchg_release
/* No atomicity against other CPUs is asked for; here there is. */
#define cmpxchg_local cmpxchg_relaxed
#define xchg_local xchg_relaxed

#define fetch_add_relaxed(p, v) \
	mach_fetch_op(MACH_ADD, (p), (v), MACH_RELAXED, KAPI_OP("fetch_add_relaxed", #p ", " #v))
#define fetch_add_acquire(p, v) \
	mach_fetch_op(MACH_ADD, (p), (v), MACH_ACQUIRE, KAPI_OP("fetch_add_acquire", #p ", " #v))
#define fetch_add_release(p, v) \
	mach_fetch_op(MACH_ADD, (p), (v), MACH_RELEASE, KAPI_OP("fetch_add_release", #p ", " #v))
#define fetch_add_acq_rel(p, v) \
	mach_fetch_op(MACH_ADD, (p), (v), MACH_ACQ_REL, KAPI_OP("fetch_add_acq_rel", #p ", " #v))
#define fetch_add_seq_cst(p, v) \
	mach_fetch_op(MACH_ADD, (p), (v), MACH_SEQ_CST, KAPI_OP("fetch_add_seq_cst", #p ", " #v))

#define fetch_or_relaxed(p, v) \
	mach_fetch_op(MACH_OR, (p), (v), MACH_RELAXED, KAPI_OP("fetch_or_relaxed", #p ", " #v))
#define fetch_or_acquire(p, v) \
	mach_fetch_op(MACH_OR, (p), (v), MACH_ACQUIRE, KAPI_OP("fetch_or_acquire", #p ", " #v))
#define fetch_or_release(p, v) \
	mach_fetch_op(MACH_OR, (p), (v), MACH_RELEASE, KAPI_OP("fetch_or_release", #p ", " #v))
#define fetch_or_acq_rel(p, v) \
	mach_fetch_op(MACH_OR, (p), (v), MACH_ACQ_REL, KAPI_OP("fetch_or_acq_rel", #p ", " #v))
#define fetch_or_seq_cst(p, v) \
	mach_fetch_op(MACH_OR, (p), (v), MACH_SEQ_CST, KAPI_OP("fetch_or_seq_cst", #p ", " #v))

#define fetch_and_relaxed(p, v) \
	mach_fetch_op(MACH_AND, (p), (v), MACH_RELAXED, KAPI_OP("fetch_and_relaxed", #p ", " #v))
#define fetch_and_acquire(p, v) \
	mach_fetch_op(MACH_AND, (p), (v), MACH_ACQUIRE, KAPI_OP("fetch_and_acquire", #p ", " #v))
#define fetch_and_release(p, v) \
	mach_fetch_op(MACH_AND, (p), (v), MACH_RELEASE, KAPI_OP("fetch_and_release", #p ", " #v))
#define fetch_and_acq_rel(p, v) \
	mach_fetch_op(MACH_AND, (p), (v), MACH_ACQ_REL, KAPI_OP("fetch_and_acq_rel", #p ", " #v))
#define fetch_and_seq_cst(p, v) \
	mach_fetch_op(MACH_AND, (p), (v), MACH_SEQ_CST, KAPI_OP("fetch_and_seq_cst", #p ", " #v))

#define fetch_xor_relaxed(p, v) \
	mach_fetch_op(MACH_XOR, (p), (v), MACH_RELAXED, KAPI_OP("fetch_xor_relaxed", #p ", " #v))
#define fetch_xor_acquire(p, v) \
	mach_fetch_op(MACH_XOR, (p), (v), MACH_ACQUIRE, KAPI_OP("fetch_xor_acquire", #p ", " #v))
#define fetch_xor_release(p, v) \
	mach_fetch_op(MACH_XOR, (p), (v), MACH_RELEASE, KAPI_OP("fetch_xor_release", #p ", " #v))
#define fetch_xor_acq_rel(p, v) \
	mach_fetch_op(MACH_XOR, (p), (v), MACH_ACQ_REL, KAPI_OP("fetch_xor_acq_rel", #p ", " #v))
#define fetch_xor_seq_cst(p, v) \
	mach_fetch_op(MACH_XOR, (p), (v), MACH_SEQ_CST, KAPI_OP("fetch_xor_seq_cst", #p ", " #v))

#define fetch_sub_relaxed(p, v) \
	KAPI_FETCH_SUB((p), (v), MACH_RELAXED, KAPI_OP("fetch_sub_relaxed", #p ", " #v))
#define fetch_sub_acquire(p, v) \
	KAPI_FETCH_SUB((p), (v), MACH_ACQUIRE, KAPI_OP("fetch_sub_acquire", #p ", " #v))
#define fetch_sub_release(p, v) \
	KAPI_FETCH_SUB((p), (v), MACH_RELEASE, KAPI_OP("fetch_sub_release", #p ", " #v))
#define fetch_sub_acq_rel(p, v) \
	KAPI_FETCH_SUB((p), (v), MACH_ACQ_REL, KAPI_OP("fetch_sub_acq_rel", #p ", " #v))
#define fetch_sub_seq_cst(p, v) \
	KAPI_FETCH_SUB((p), (v), MACH_SEQ_CST, KAPI_OP("fetch_sub_seq_cst", #p ", " #v))

#endif
