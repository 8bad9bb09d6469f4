/*
 * Objects that come and go: kmalloc and kfree. Not part of kapi.h, since an instance pays
 * for its heap:
 *
 *   #include <kapi.h>
 *   #include <kapi/alloc.h>
 *
 * The heap stands behind struct state, zeroed like it, in slices: one for each actor and one
 * for INIT. So an allocation neither orders nor waits, and its address depends on no
 * schedule. What was freed is never handed out again in this run: an access to it is told
 * from one to a new object. A second kfree() is a violation, and so is a slice that is full;
 * it has KAPI_HEAP bytes, which may be defined before the include.
 */
#ifndef KAPI_ALLOC_H
#define KAPI_ALLOC_H

#include "kapi/bug.h"

#ifndef KAPI_HEAP
#define KAPI_HEAP 512
#endif

#define KAPI_OBJECT_ALIGN 16u

struct kapi_object {
	_Alignas(KAPI_OBJECT_ALIGN) u32 size; /* bytes behind this header */
	u32 freed;
};

struct kapi_heap {
	struct {
		/* written by its actor alone */
		_Alignas(KAPI_OBJECT_ALIGN) u32 used;
		_Alignas(KAPI_OBJECT_ALIGN) char room[KAPI_HEAP];
	} slice[KAPI_MAX_ACTORS + 1];
};

/* Where it stands, seen from struct state: by macros, as that is known at the end only. */
#define KAPI_HEAP_AT \
	((sizeof(struct state) + KAPI_OBJECT_ALIGN - 1) & ~(size_t)(KAPI_OBJECT_ALIGN - 1))
#define KAPI_HEAP_OF() ((struct kapi_heap *)(void *)((char *)mach_state() + KAPI_HEAP_AT))
#undef KAPI_STATE_BYTES
#define KAPI_STATE_BYTES (KAPI_HEAP_AT + sizeof(struct kapi_heap))
#undef KAPI_INSTANCE
#define KAPI_INSTANCE(state) mach_enter(state)

KAPI_INLINE void *kapi_alloc(struct kapi_heap *h, size_t size, const struct site *site)
{
	unsigned n = mach_actor() < KAPI_MAX_ACTORS ? mach_actor() : KAPI_MAX_ACTORS;
	size_t whole = (size + sizeof(struct kapi_object) + KAPI_OBJECT_ALIGN - 1) &
		       ~(size_t)(KAPI_OBJECT_ALIGN - 1);
	u32 used = mach_plain_load(&h->slice[n].used, site);
	struct kapi_object *o = (void *)(h->slice[n].room + used);

	if (kapi_claim(size > KAPI_HEAP || used + whole > KAPI_HEAP, site))
		return NULL;
	mach_plain_store(&h->slice[n].used, used + (u32)whole, site);
	mach_plain_store(&o->size, (u32)size, site);
	return o + 1;
}

KAPI_INLINE void kapi_free(struct kapi_heap *h, const void *p, const struct site *site)
{
	struct kapi_object *o;

	if (!p)
		return;
	o = (struct kapi_object *)(uintptr_t)p - 1;
	if (kapi_claim((uintptr_t)o - (uintptr_t)h >= sizeof(*h), site))
		return; /* no object of ours */
	/* relaxed: two that free one object are wrong in any order */
	if (kapi_claim(mach_xchg(&o->freed, 1, MACH_RELAXED, site) != 0, site))
		return;
	mach_object_end((void *)(o + 1), mach_plain_load(&o->size, site), site);
}

typedef unsigned gfp_t;
#define GFP_KERNEL 0u
#define GFP_ATOMIC 0u
#define GFP_NOWAIT 0u
#define __GFP_ZERO 0u

#define kmalloc(size, flags) \
	((void)(flags), kapi_alloc(KAPI_HEAP_OF(), (size), KAPI_OP("kmalloc", #size ", " #flags)))
#define kzalloc(size, flags) \
	((void)(flags), kapi_alloc(KAPI_HEAP_OF(), (size), KAPI_OP("kzalloc", #size ", " #flags)))
#define kcalloc(n, size, flags) \
	((void)(flags), kapi_alloc(KAPI_HEAP_OF(), (size_t)(n) * (size), \
		KAPI_OP("kcalloc", #n ", " #size ", " #flags)))
#define kfree(p) kapi_free(KAPI_HEAP_OF(), (p), KAPI_OP("kfree", #p))

#endif
