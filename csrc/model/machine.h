/*
 * Machine model, what scenario code sees: every operation of kapi/contract.h is
 * a request to the search. No access happens here; the addresses that scenario
 * code computes are not mapped, so one that goes round the vocabulary faults.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "kapi/contract.h"

#define MACH_ACTOR_LOOP(fn)
#define MACH_INIT_LOOP(fn)
#define MACH_CHECK_LOOP(fn)
#define MACH_LOOP_OF(fn) NULL

uint64_t model_load(const volatile void *p, unsigned size, enum mach_order order, bool plain,
		    const struct site *site);
void model_store(volatile void *p, unsigned size, uint64_t v, enum mach_order order, bool plain,
		 const struct site *site);
uint64_t model_fetch_add(volatile void *p, unsigned size, uint64_t v, enum mach_order order,
			 const struct site *site);
uint64_t model_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order,
		    const struct site *site);
uint64_t model_cmpxchg(volatile void *p, unsigned size, uint64_t old, uint64_t new,
		       enum mach_order order, const struct site *site);

/* Through the pointed-to type, so that sign and width are C's own. */
#define MODEL_TYPE(p) __typeof__(*(p))
#define MODEL_VALUE(p, v) ((uint64_t)(MODEL_TYPE(p))(v))

#define mach_load(p, order, site) \
	({ (MODEL_TYPE(p))model_load((p), sizeof(*(p)), (order), false, (site)); })
#define mach_store(p, v, order, site) \
	model_store((p), sizeof(*(p)), MODEL_VALUE(p, v), (order), false, (site))
#define mach_plain_load(p, site) \
	({ (MODEL_TYPE(p))model_load((p), sizeof(*(p)), MACH_RELAXED, true, (site)); })
#define mach_plain_store(p, v, site) \
	model_store((p), sizeof(*(p)), MODEL_VALUE(p, v), MACH_RELAXED, true, (site))
#define mach_fetch_add(p, v, order, site) \
	({ (MODEL_TYPE(p))model_fetch_add((p), sizeof(*(p)), MODEL_VALUE(p, v), (order), (site)); })
#define mach_xchg(p, v, order, site) \
	({ (MODEL_TYPE(p))model_xchg((p), sizeof(*(p)), MODEL_VALUE(p, v), (order), (site)); })
#define mach_cmpxchg(p, old, new, order, site)                                      \
	({                                                                          \
		(MODEL_TYPE(p))model_cmpxchg((p), sizeof(*(p)), MODEL_VALUE(p, old), \
					     MODEL_VALUE(p, new), (order), (site)); \
	})

void mach_fence(enum mach_fence kind, const struct site *site);
void mach_point(const struct site *site);
void mach_relax(const struct site *site);
void mach_loaded(const void *p);

void mach_rcu_read_lock(const struct site *site);
void mach_rcu_read_unlock(const struct site *site);
void mach_synchronize_rcu(const struct site *site);
void mach_irq_disable(const struct site *site);
void mach_irq_enable(const struct site *site);
void mach_spin_lock(int *lock, const struct site *site);
void mach_spin_unlock(int *lock, const struct site *site);

char *mach_vmemmap(void);
unsigned mach_vmemmap_pages(void);
size_t mach_page_size(void);
frame_t mach_frame_alloc(unsigned n, const struct site *site);
void mach_frame_free(frame_t f, unsigned n, const struct site *site);
frame_t mach_frame_of(unsigned vpn);
void *mach_frame_va(frame_t f);
void mach_frame_fill(frame_t f, unsigned first, unsigned n, const struct page_image *image,
		     const struct site *site);
void mach_frame_copy(frame_t to, frame_t from, const struct site *site);
void mach_pte_set(unsigned vpn, unsigned n, frame_t f, enum mach_prot prot,
		  const struct site *site);
void mach_pte_alias(unsigned vpn, unsigned n, frame_t f, enum mach_prot prot,
		    const struct site *site);
void mach_pte_clear(unsigned vpn, unsigned n, const struct site *site);
void mach_tlb_flush(unsigned vpn, unsigned n, const struct site *site);
frame_t mach_shared_tail(void);
void mach_pause_others(bool wait, const struct site *site);
void mach_resume_others(const struct site *site);

const struct regime *mach_regime(void);
int mach_param(unsigned i);
unsigned mach_actor(void);
void *mach_state(void);
void mach_violate(int hazard, int invariant, const struct site *site);
void mach_note(unsigned note);
unsigned mach_notes(void);

#endif
