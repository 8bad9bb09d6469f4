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

#endif
