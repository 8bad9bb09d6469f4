/*
 * Lists without a lock: any number add, any number take all; llist_del_first() by one at a
 * time. Adding and taking are fully ordered.
 */
#ifndef KAPI_LLIST_H
#define KAPI_LLIST_H

#include "kapi/access.h"

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD_INIT(name) { NULL }

/* Whether the list was empty. */
KAPI_INLINE bool kapi_llist_add(struct llist_node *first, struct llist_node *last,
				struct llist_head *head, const struct site *site)
{
	struct llist_node *seen = mach_load(&head->first, MACH_RELAXED, site), *old;

	do {
		old = seen;
		mach_plain_store(&last->next, old, site);
		/* full: the node before the pointer to it; pairs with llist_del_all() */
		seen = mach_cmpxchg(&head->first, old, first, MACH_FULL, site);
	} while (seen != old);
	return !old;
}

KAPI_INLINE struct llist_node *kapi_llist_del_first(struct llist_head *head,
						    const struct site *site)
{
	/* acquire: the node after the pointer to it; pairs with kapi_llist_add() */
	struct llist_node *seen = mach_load(&head->first, MACH_ACQUIRE, site), *old;

	do {
		old = seen;
		if (!old)
			break;
		seen = mach_cmpxchg(&head->first, old, mach_load(&old->next, MACH_RELAXED, site),
				    MACH_FULL, site);
	} while (seen != old);
	return old;
}

#define init_llist_head(h) \
	mach_store(&(h)->first, NULL, MACH_RELAXED, KAPI_OP("init_llist_head", #h))
#define llist_add(n, h)                                                                 \
	({                                                                              \
		struct llist_node *kapi_n_ = (n);                                       \
		kapi_llist_add(kapi_n_, kapi_n_, (h), KAPI_OP("llist_add", #n ", " #h)); \
	})
#define llist_add_batch(first, last, h) \
	kapi_llist_add((first), (last), (h), \
		KAPI_OP("llist_add_batch", #first ", " #last ", " #h))
#define llist_del_all(h) mach_xchg(&(h)->first, NULL, MACH_FULL, KAPI_OP("llist_del_all", #h))
#define llist_del_first(h) kapi_llist_del_first((h), KAPI_OP("llist_del_first", #h))
#define llist_empty(h) (!mach_load(&(h)->first, MACH_RELAXED, KAPI_OP("llist_empty", #h)))
#define llist_next(n) mach_plain_load(&(n)->next, KAPI_OP("llist_next", #n))
#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define llist_for_each(pos, node) for (pos = (node); pos; pos = llist_next(pos))

#endif
