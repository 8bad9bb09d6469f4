/*
 * Machine native, the inline half: the operations of kapi/contract.h on real
 * memory by real instructions.
 *
 * Built with NATIVE_POINTS each operation is a preemption point too: it counts,
 * and where the plan of this run says so the CPU stalls there. Without, a point
 * is one private store that tells a fault handler where the CPU is.
 */
#ifndef NATIVE_MACHINE_H
#define NATIVE_MACHINE_H

#include "native/cpu.h"
#include "random.h"

#define NATIVE_INLINE static inline __attribute__((always_inline))

NATIVE_INLINE void mach_point(const struct site *site)
{
	struct cpu *cpu = kapi_this_cpu;

	cpu->site = site;
#ifdef NATIVE_POINTS
	uint64_t progress = cpu->progress + 1;

	if (__builtin_expect(progress > cpu->stall_at, 0))
		cpu->ops->stall(cpu);
	if (site->landmark && cpu->n_landmarks < MAX_LANDMARKS)
		cpu->landmarks[cpu->n_landmarks++] =
			(uint16_t)(progress + (uint64_t)site->landmark - 1);
	/* relaxed: a peer that stalls for this only wants to know how far we are */
	__atomic_store_n(&cpu->progress, progress, __ATOMIC_RELAXED);
#endif
}

#include "native/access.h"

NATIVE_INLINE void mach_relax(const struct site *site)
{
	mach_point(site);
	kapi_this_cpu->ops->relax(kapi_this_cpu);
}

/* ---- exclusion ---- */

NATIVE_INLINE void native_rcu_enter(struct cpu *cpu)
{
	if (cpu->rcu_nest++)
		return;
	/* relaxed: ordered against the section by the fence here, or by the
	 * membarrier of synchronize_rcu(), which fences this CPU for us */
	__atomic_store_n(&cpu->rcu, cpu->rcu + 1, __ATOMIC_RELAXED);
	if (cpu->rcu_fence)
		arch_smp_mb(); /* counter before the section; pairs with the fence there */
	else
		__asm__ volatile("" ::: "memory");
}

NATIVE_INLINE void native_rcu_leave(struct cpu *cpu)
{
	if (--cpu->rcu_nest)
		return;
	/* release: the section before the counter; pairs with the acquire poll in
	 * synchronize_rcu() */
	__atomic_store_n(&cpu->rcu, cpu->rcu + 1, __ATOMIC_RELEASE);
}

NATIVE_INLINE void native_irq_on(struct cpu *cpu)
{
	/* release: the section before it is seen to be over, which the release of the
	 * counter does not do: a later store may pass that. Pairs with the acquire in
	 * rcu_tlb_flush(); the pause handler reads it on this thread. */
	__atomic_store_n(&cpu->irq_off, 0, __ATOMIC_RELEASE);
}

NATIVE_INLINE void mach_rcu_read_lock(const struct site *site)
{
	mach_point(site);
	native_rcu_enter(kapi_this_cpu);
}

NATIVE_INLINE void mach_rcu_read_unlock(const struct site *site)
{
	mach_point(site);
	native_rcu_leave(kapi_this_cpu);
}

NATIVE_INLINE void mach_synchronize_rcu(const struct site *site)
{
	mach_point(site);
	kapi_this_cpu->ops->synchronize_rcu(kapi_this_cpu);
}

NATIVE_INLINE void mach_irq_disable(const struct site *site)
{
	mach_point(site);
	/* volatile: read by this thread's pause handler; relaxed: ordered before the
	 * section for rcu_tlb_flush() as the counter below is for synchronize_rcu() */
	kapi_this_cpu->irq_off++;
	native_rcu_enter(kapi_this_cpu);
}

NATIVE_INLINE void mach_irq_enable(const struct site *site)
{
	struct cpu *cpu = kapi_this_cpu;

	mach_point(site);
	native_rcu_leave(cpu);
	if (cpu->irq_off > 1) {
		cpu->irq_off--;
		return;
	}
	native_irq_on(cpu);
	if (cpu->pause_deferred)
		cpu->ops->pause_pending(cpu);
}

NATIVE_INLINE void mach_spin_lock(int *lock, const struct site *site)
{
	mach_point(site);
	/* acquire: the section after the lock; pairs with mach_spin_unlock() */
	if (arch_xchg_acquire(lock, 1))
		kapi_this_cpu->ops->spin_lock_slow(kapi_this_cpu, lock);
}

NATIVE_INLINE void mach_spin_unlock(int *lock, const struct site *site)
{
	mach_point(site);
	/* release: the section before the unlock; pairs with the next acquire */
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* ---- memory map ---- */

#define mach_vmemmap() (kapi_this_cpu->vmemmap)
#define mach_vmemmap_pages() (kapi_this_cpu->vmemmap_pages)
#define mach_page_size() (kapi_this_cpu->page_size)
#define mach_frame_of(vpn) (kapi_this_cpu->ptes[vpn].frame)
#define mach_frame_va(f) \
	((void *)(kapi_this_cpu->linear + (size_t)(f) * kapi_this_cpu->page_size))
#define mach_shared_tail() ((frame_t)0) /* the pool hands out frames from 1 */

#define NATIVE_OP(site, call)                      \
	({                                         \
		mach_point(site);                  \
		kapi_this_cpu->ops->call;          \
	})

#define mach_frame_alloc(n, site) NATIVE_OP(site, frame_alloc(kapi_this_cpu, (n)))
#define mach_frame_free(f, n, site) NATIVE_OP(site, frame_free(kapi_this_cpu, (f), (n)))
#define mach_pte_set(vpn, n, f, prot, site) \
	NATIVE_OP(site, pte_set(kapi_this_cpu, (vpn), (n), (f), (prot), false))
#define mach_pte_alias(vpn, n, f, prot, site) \
	NATIVE_OP(site, pte_set(kapi_this_cpu, (vpn), (n), (f), (prot), true))
#define mach_pte_clear(vpn, n, site) NATIVE_OP(site, pte_clear(kapi_this_cpu, (vpn), (n)))
#define mach_pause_others(wait, site) NATIVE_OP(site, pause_others(kapi_this_cpu, (wait)))
#define mach_resume_others(site) NATIVE_OP(site, resume_others(kapi_this_cpu))

/* Bulk work is no preemption point of its own: a point per frame would drown the
 * few that matter. */
#define mach_frame_fill(f, first, n, image, site_) \
	(kapi_this_cpu->site = (site_),            \
	 kapi_this_cpu->ops->frame_fill(kapi_this_cpu, (f), (first), (n), (image)))
#define mach_frame_copy(to, from, site_) \
	(kapi_this_cpu->site = (site_),  \
	 kapi_this_cpu->ops->frame_copy(kapi_this_cpu, (to), (from)))

/* mmap() and mprotect() shoot the TLBs down before they return, so no translation
 * is ever stale here and H7..H10 cannot happen. What is left of a flush is whom it
 * waits for. */
#define mach_tlb_flush(vpn, n, site) \
	((void)(vpn), (void)(n), NATIVE_OP(site, tlb_flush(kapi_this_cpu)))

/* ---- the run ---- */

#define mach_regime() (kapi_this_cpu->regime)
#define mach_param(i) (kapi_this_cpu->params[i])
#define mach_actor() (kapi_this_cpu->actor)
#define mach_state() (kapi_this_cpu->state)
#define mach_enter(instance) (kapi_this_cpu->state = (instance))
#define mach_note(bits) ((void)(kapi_this_cpu->notes |= (bits)))
#define mach_notes() (kapi_this_cpu->notes)
#define mach_violate(hazard, invariant, site) \
	NATIVE_OP(site, violate(kapi_this_cpu, (hazard), (invariant)))

/* ---- the loops of a scenario without a vmemmap ---- */

NATIVE_INLINE void native_spin(unsigned units)
{
	for (; units; units--)
		__asm__ volatile("");
}

NATIVE_INLINE uint64_t native_random(struct cpu *cpu)
{
	cpu->rng = xorshift64(cpu->rng);
	return cpu->rng;
}

#define NATIVE_SPIN_BEFORE_SLEEP 4000

NATIVE_INLINE void native_meet(struct cpu *cpu, const struct batch *b)
{
	uint64_t ticket = ++cpu->ticket;
	unsigned i, spins = 0;

	/* release: this actor's accesses of the last group come before; pairs
	 * with the acquire below in each peer */
	__atomic_store_n(&cpu->arrived, ticket, __ATOMIC_RELEASE);
	for (i = 0; i < b->n_actors; i++) {
		while (__atomic_load_n(&b->peers[i]->arrived, __ATOMIC_ACQUIRE) < ticket) {
			if (++spins > NATIVE_SPIN_BEFORE_SLEEP) {
				cpu->ops->meet_slow(cpu, ticket);
				return;
			}
			if (spins > 64)
				arch_cpu_relax();
		}
	}
}

/* Wait for the peers, then for this actor's share of the skew. Returns how far
 * to run. */
NATIVE_INLINE unsigned native_rendezvous(struct cpu *cpu, const struct batch *b, unsigned i)
{
	unsigned end = i + b->group, skew = (unsigned)b->skew[cpu->actor];

	if (i)
		native_meet(cpu, b);
	if (b->jitter)
		skew += (unsigned)(native_random(cpu) % b->jitter);
	native_spin(skew);
	return end < b->n ? end : b->n;
}

NATIVE_INLINE void native_run_begin(struct cpu *cpu, const struct batch *b, unsigned i)
{
#ifdef NATIVE_POINTS
	cpu->ops->plan(cpu, b->first_run + i);
#else
	(void)cpu;
	(void)b;
	(void)i;
#endif
}

NATIVE_INLINE void native_run_end(struct cpu *cpu, const struct batch *b, unsigned i)
{
#ifdef NATIVE_POINTS
	unsigned points = (unsigned)(cpu->progress & 0xffff);

	if (points > cpu->points_max)
		cpu->points_max = points;
	/* relaxed: as in mach_point() */
	__atomic_store_n(&cpu->progress, (b->first_run + i + 1) << 16, __ATOMIC_RELAXED);
#else
	(void)cpu;
	(void)b;
	(void)i;
#endif
}

#define MACH_LOOP_OF(fn) fn##_loop

/* The caller of fn sees no name of its own that a scenario would give to an actor. */
#define MACH_ACTOR_LOOP(fn)                                                             \
	static void fn##_loop(struct cpu *cpu_, const struct batch *b_)                 \
	{                                                                               \
		unsigned *r_ = b_->results[cpu_->actor], i_ = 0, end_;                  \
		char *state_ = b_->states;                                              \
                                                                                        \
		kapi_this_cpu = cpu_;                                                   \
		while (i_ < b_->n) {                                                    \
			end_ = native_rendezvous(cpu_, b_, i_);                         \
			for (; i_ < end_; i_++, state_ += b_->stride) {                 \
				native_run_begin(cpu_, b_, i_);                         \
				r_[i_] = fn((struct state *)KAPI_INSTANCE((void *)state_)); \
				native_run_end(cpu_, b_, i_);                           \
			}                                                               \
		}                                                                       \
	}

#define MACH_INIT_LOOP(fn)                                                            \
	static void fn##_loop(struct cpu *cpu, const struct batch *b, unsigned from,  \
			      unsigned to)                                            \
	{                                                                             \
		kapi_this_cpu = cpu;                                                  \
		for (; from < to; from++) {                                           \
			struct state *s = (void *)(b->states + from * b->stride);     \
			__builtin_memset(s, 0, KAPI_STATE_BYTES);                     \
			fn((struct state *)KAPI_INSTANCE(s));                         \
		}                                                                     \
	}

#define MACH_CHECK_LOOP(fn)                                                           \
	static void fn##_loop(struct cpu *cpu, const struct batch *b, unsigned from,  \
			      unsigned to, uint64_t *counts)                          \
	{                                                                             \
		unsigned r[KAPI_MAX_ACTORS], a, o;                                    \
                                                                                      \
		kapi_this_cpu = cpu;                                                  \
		for (; from < to; from++) {                                           \
			for (a = 0; a < b->n_actors; a++)                             \
				r[a] = b->results[a][from];                           \
			o = fn((struct state *)KAPI_INSTANCE((void *)(b->states + from * b->stride)), r); \
			counts[o < b->n_outcomes ? o : b->no_outcome]++;              \
		}                                                                     \
	}

#endif
