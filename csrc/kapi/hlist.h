/* Lists of one pointer a head, for hash tables. What list.h says of _rcu holds here. */
#ifndef KAPI_HLIST_H
#define KAPI_HLIST_H

#include "kapi/list.h"

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define HLIST_HEAD_INIT { NULL }

KAPI_INLINE void kapi_hlist_add(struct hlist_node *n, struct hlist_head *h,
				enum mach_order order, const struct site *site)
{
	struct hlist_node *first = mach_plain_load(&h->first, site);

	mach_plain_store(&n->next, first, site);
	mach_plain_store(&n->pprev, &h->first, site);
	/* release, of the _rcu form: the entry before the pointer to it; pairs with
	 * rcu_dereference() */
	mach_store(&h->first, n, order, site);
	if (first)
		mach_plain_store(&first->pprev, &n->next, site);
}

KAPI_INLINE void kapi_hlist_unlink(struct hlist_node *n, const struct site *site)
{
	struct hlist_node *next = mach_plain_load(&n->next, site);
	struct hlist_node **pprev = mach_plain_load(&n->pprev, site);

	mach_store(pprev, next, MACH_RELAXED, site);
	if (next)
		mach_plain_store(&next->pprev, pprev, site);
}

KAPI_INLINE void kapi_hlist_del(struct hlist_node *n, const struct site *site)
{
	kapi_hlist_unlink(n, site);
	mach_plain_store(&n->next, (struct hlist_node *)LIST_POISON1, site);
	mach_plain_store(&n->pprev, (struct hlist_node **)LIST_POISON2, site);
}

/* A reader may stand on it still: next stays. */
KAPI_INLINE void kapi_hlist_del_rcu(struct hlist_node *n, const struct site *site)
{
	kapi_hlist_unlink(n, site);
	mach_plain_store(&n->pprev, (struct hlist_node **)LIST_POISON2, site);
}

#define INIT_HLIST_HEAD(h) \
	mach_plain_store(&(h)->first, NULL, KAPI_OP("INIT_HLIST_HEAD", #h))
#define INIT_HLIST_NODE(n)                                                              \
	do {                                                                            \
		struct hlist_node *kapi_n_ = (n);                                       \
		mach_plain_store(&kapi_n_->next, NULL, KAPI_OP("INIT_HLIST_NODE", #n)); \
		mach_plain_store(&kapi_n_->pprev, NULL, KAPI_OP("INIT_HLIST_NODE", #n)); \
	} while (0)
#define hlist_add_head(n, h) \
	kapi_hlist_add((n), (h), MACH_RELAXED, KAPI_OP("hlist_add_head", #n ", " #h))
#define hlist_add_head_rcu(n, h) \
	kapi_hlist_add((n), (h), MACH_RELEASE, KAPI_OP("hlist_add_head_rcu", #n ", " #h))
#define hlist_del(n) kapi_hlist_del((n), KAPI_OP("hlist_del", #n))
#define hlist_del_rcu(n) kapi_hlist_del_rcu((n), KAPI_OP("hlist_del_rcu", #n))
#define hlist_empty(h) (!mach_load(&(h)->first, MACH_RELAXED, KAPI_OP("hlist_empty", #h)))
#define hlist_unhashed(n) (!mach_plain_load(&(n)->pprev, KAPI_OP("hlist_unhashed", #n)))

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)                                             \
	({                                                                              \
		__auto_type kapi_node_ = (ptr);                                         \
		kapi_node_ ? hlist_entry(kapi_node_, type, member) : NULL;              \
	})
#define hlist_for_each_entry(pos, head, member)                                         \
	for (pos = hlist_entry_safe(mach_plain_load(&(head)->first,                     \
						    KAPI_SITE("the first entry")),      \
				    __typeof__(*pos), member);                          \
	     pos;                                                                       \
	     pos = hlist_entry_safe(mach_plain_load(&pos->member.next,                  \
						    KAPI_SITE("the next entry")),       \
				    __typeof__(*pos), member))
#define hlist_for_each_entry_rcu(pos, head, member, ...)                                \
	for (pos = hlist_entry_safe(rcu_dereference((head)->first), __typeof__(*pos), member); \
	     pos;                                                                       \
	     pos = hlist_entry_safe(rcu_dereference(pos->member.next), __typeof__(*pos), member))

#endif
