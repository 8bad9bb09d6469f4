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

#include "model/access.h"
#include "model/ops.h"

static inline __attribute__((always_inline)) uint64_t model_raw(const volatile void *value,
								    unsigned size)
{
	uint64_t raw = 0;

	__builtin_memcpy(&raw, (const void *)value, size);
	return raw;
}

/* Through the pointed-to type, so that sign and width are C's own; structs and doubles of
 * a word's size too, so by their bytes. */
#define MODEL_TYPE(p) __typeof__(*(p))
#define MODEL_RAW(p, v) model_raw(&(const MODEL_TYPE(p)){ (v) }, sizeof(*(p)))
#define MODEL_TYPED(p, answer) \
	(((union { uint64_t raw; MODEL_TYPE(p) value; }){ .raw = (answer) }).value)
#define MODEL_ACCESS(kind, p, value, old, order, plain, site)                            \
	model_access((p), (value), (old),                                                \
		     ACCESS_HOW((kind), sizeof(*(p)), (order), (plain)), (site))

#define mach_load(p, order, site)                                                        \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		MODEL_TYPED(p, MODEL_ACCESS(ACCESS_LOAD, p, 0, 0, order, 0, site));      \
	})
#define mach_plain_load(p, site)                                                         \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		MODEL_TYPED(p, MODEL_ACCESS(ACCESS_LOAD, p, 0, 0, MACH_RELAXED, 1, site)); \
	})
#define mach_store(p, v, order, site)                                                    \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		(void)MODEL_ACCESS(ACCESS_STORE, p, MODEL_RAW(p, v), 0, order, 0, site); \
	})
#define mach_plain_store(p, v, site)                                                     \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		(void)MODEL_ACCESS(ACCESS_STORE, p, MODEL_RAW(p, v), 0, MACH_RELAXED, 1, site); \
	})
#define mach_xchg(p, v, order, site)                                                     \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		MODEL_TYPED(p, MODEL_ACCESS(ACCESS_XCHG, p, MODEL_RAW(p, v), 0, order, 0, site)); \
	})
#define mach_cmpxchg(p, old, new, order, site)                                           \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		uint64_t old_raw_ = MODEL_RAW(p, old);                                   \
		MODEL_TYPED(p, MODEL_ACCESS(ACCESS_CAS, p, MODEL_RAW(p, new), old_raw_, order, 0, \
					    site));                                      \
	})
#define mach_fetch_op(kind, p, v, order, site)                                           \
	({                                                                               \
		MACH_WORD_CHECK(p);                                                      \
		MODEL_TYPED(p, MODEL_ACCESS(ACCESS_ADD + ((kind) - MACH_ADD), p,         \
					    MODEL_RAW(p, v), 0, order, 0, site));        \
	})
#define mach_fetch_add(p, v, order, site) mach_fetch_op(MACH_ADD, p, v, order, site)

static inline void mach_relax(const struct site *site)
{
	model_access(NULL, 0, 0, ACCESS_HOW(ACCESS_RELAX, 0, MACH_RELAXED, 0), site);
}

static inline void mach_spin_lock(int *lock, const struct site *site)
{
	model_access(lock, 1, 0, ACCESS_HOW(ACCESS_LOCK, sizeof(*lock), MACH_ACQUIRE, 0), site);
}

static inline void mach_spin_unlock(int *lock, const struct site *site)
{
	model_access(lock, 0, 0, ACCESS_HOW(ACCESS_UNLOCK, sizeof(*lock), MACH_RELEASE, 0), site);
}

#define mach_enter(instance) (instance)

extern void model_no_free(void)
	__attribute__((error("machine model does not follow freed objects yet")));
#define mach_object_end(p, size, site) ((void)(p), (void)(size), (void)(site), model_no_free())

/* The value does not change, but a store races with every access that is not ordered. */
#define mach_exclusive(p, where)                                                        \
	({                                                                              \
		__auto_type model_p_ = (p);                                             \
		const struct site *model_site_ = (where);                               \
		mach_plain_store(model_p_, mach_plain_load(model_p_, model_site_), model_site_); \
	})

#endif
