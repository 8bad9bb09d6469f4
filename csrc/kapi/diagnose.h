/*
 * Which hazard a fault shows. Both machines ask here, so that the same accident
 * has the same name on real threads and in the search.
 */
#ifndef KAPI_DIAGNOSE_H
#define KAPI_DIAGNOSE_H

#include "kapi/contract.h"

struct fault_facts {
	bool write;       /* a write, or an access that needs write permission */
	bool hole;        /* no translation; else permission */
	bool compare;     /* the compare of a value loaded from the same address */
	bool remapped;    /* ... that was remapped after the load */
	bool in_section;  /* inside an RCU or IRQ-off section */
	bool own_window;  /* this CPU broke the entry itself */
};

struct diagnosis {
	int hazard, invariant;
};

static inline struct diagnosis diagnose_write(const struct regime *r, const struct fault_facts *f)
{
	if (!f->compare)
		return (struct diagnosis){ r->get_op == GET_UNCONDITIONAL_ADD ? 30 : 23, 1 };
	if (f->remapped) {
		/* The value was loaded before the page became read-only. */
		if (r->grace_period != GRACE_NONE && !r->grace_after_freeze)
			return (struct diagnosis){ 25, 1 };
		if (r->grace_period != GRACE_NONE && !f->in_section)
			return (struct diagnosis){ 20, 1 };
		return (struct diagnosis){ 2, 1 };
	}
	/* The value came through the read-only alias itself. */
	if (r->detect == DETECT_AFTER_FIRST)
		return (struct diagnosis){ 26, 1 };
	if (r->get_guard == GUARD_FAKE_HEAD_THEN_COUNT)
		return (struct diagnosis){ 6, 1 };
	return (struct diagnosis){ 1, 1 };
}

static inline struct diagnosis diagnose_fault(const struct regime *r, const struct fault_facts *f)
{
	if (!f->hole)
		return diagnose_write(r, f);
	if (f->own_window)
		return (struct diagnosis){ 17, 8 };
	if (r->window == WINDOW_PAUSE || r->window == WINDOW_STOP)
		return (struct diagnosis){ 19, 7 };
	return (struct diagnosis){ 16, 7 };
}

#endif
