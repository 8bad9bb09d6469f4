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

#include "model/ops.h"

/* Until the search knows them: the orders past MACH_FULL and the fence of others. */
#define MODEL_LACKS_ORDERS 1

/* The search does not know the orders past MACH_FULL yet. One that it would have to
 * strengthen would hide executions, so it is refused. */
extern void model_no_such_order(void)
	__attribute__((error("machine model has no such order yet: take the fully ordered form")));

static inline __attribute__((always_inline)) enum mach_order model_order(enum mach_order order)
{
	if (__builtin_constant_p(order) && order > MACH_FULL)
		model_no_such_order();
	return order;
}

/* Through the pointed-to type, so that sign and width are C's own. */
#define MODEL_TYPE(p) __typeof__(*(p))
#define MODEL_VALUE(p, v) ((uint64_t)(MODEL_TYPE(p))(v))

#define mach_load(p, order, site)                                                       \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		(MODEL_TYPE(p))model_load((p), sizeof(*(p)), model_order(order), false, (site)); \
	})
#define mach_store(p, v, order, site)                                                   \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		model_store((p), sizeof(*(p)), MODEL_VALUE(p, v), model_order(order), false, \
			    (site));                                                    \
	})
#define mach_plain_load(p, site)                                                        \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		(MODEL_TYPE(p))model_load((p), sizeof(*(p)), MACH_RELAXED, true, (site)); \
	})
#define mach_plain_store(p, v, site)                                                    \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		model_store((p), sizeof(*(p)), MODEL_VALUE(p, v), MACH_RELAXED, true, (site)); \
	})
#define mach_xchg(p, v, order, site)                                                    \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		(MODEL_TYPE(p))model_xchg((p), sizeof(*(p)), MODEL_VALUE(p, v),         \
					  model_order(order), (site));                  \
	})
#define mach_cmpxchg(p, old, new, order, site)                                          \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		(MODEL_TYPE(p))model_cmpxchg((p), sizeof(*(p)), MODEL_VALUE(p, old),    \
					     MODEL_VALUE(p, new), model_order(order), (site)); \
	})

/* OR, AND and XOR as retry loops of compare-and-swaps, until the search has them. */
static inline __attribute__((always_inline)) uint64_t
model_fetch_op(enum mach_rmw kind, volatile void *p, unsigned size, uint64_t v,
	       enum mach_order order, const struct site *site)
{
	uint64_t mask = size >= 8 ? ~0ull : (1ull << size * 8) - 1, seen, old, new;

	if (kind == MACH_ADD)
		return model_fetch_add(p, size, v, order, site);
	seen = model_load(p, size, MACH_RELAXED, false, site) & mask;
	do {
		old = seen;
		new = (kind == MACH_OR ? old | v : kind == MACH_AND ? old & v : old ^ v) & mask;
		seen = model_cmpxchg(p, size, old, new, order, site) & mask;
	} while (seen != old);
	return old;
}

#define mach_fetch_op(kind, p, v, order, site)                                          \
	({                                                                              \
		MACH_WORD_CHECK(p);                                                     \
		(MODEL_TYPE(p))model_fetch_op((kind), (p), sizeof(*(p)), MODEL_VALUE(p, v), \
					      model_order(order), (site));              \
	})
#define mach_fetch_add(p, v, order, site) mach_fetch_op(MACH_ADD, p, v, order, site)

extern void model_no_free(void)
	__attribute__((error("machine model does not follow freed objects yet")));
#define mach_object_end(p, size, site) ((void)(p), (void)(size), (void)(site), model_no_free())
#define mach_enter(instance) (instance)

/* Scenarios alone: the search's own fences are none of these. */
#if defined(KAPI_PLUGIN) || defined(KAPI_BUILD)
extern void model_no_such_fence(void)
	__attribute__((error("machine model has no such fence yet: take smp_mb() on both sides")));

static inline __attribute__((always_inline)) void model_fence(enum mach_fence kind,
							      const struct site *site)
{
	if (__builtin_constant_p(kind) && kind == MACH_MB_OTHERS)
		model_no_such_fence();
	if (kind != MACH_BARRIER)
		mach_fence(kind, site);
}
#define mach_fence(kind, site) model_fence(kind, site)
#endif

/* The value does not change, but a store races with every access that is not ordered. */
#define mach_exclusive(p, where)                                                        \
	({                                                                              \
		__auto_type model_p_ = (p);                                             \
		const struct site *model_site_ = (where);                               \
		mach_plain_store(model_p_, mach_plain_load(model_p_, model_site_), model_site_); \
	})

#endif
