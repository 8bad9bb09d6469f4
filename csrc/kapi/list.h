/*
 * Circular lists. As in the kernel, the forms without _rcu are for lists that a lock guards:
 * they access plainly what their writer alone touches, so a race with them is reported. The
 * _rcu forms let readers walk meanwhile.
 */
#ifndef KAPI_LIST_H
#define KAPI_LIST_H

#include "kapi/rcu.h"

struct list_head {
	struct list_head *next, *prev;
};

/* What a removed entry points to: no address, and no NULL. */
#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)

KAPI_INLINE void kapi_list_init(struct list_head *l, const struct site *site)
{
	mach_store(&l->next, l, MACH_RELAXED, site);
	mach_plain_store(&l->prev, l, site);
}

KAPI_INLINE void kapi_list_insert(struct list_head *new, struct list_head *prev,
				  struct list_head *next, enum mach_order order,
				  const struct site *site)
{
	mach_plain_store(&next->prev, new, site);
	mach_plain_store(&new->next, next, site);
	mach_plain_store(&new->prev, prev, site);
	/* release, of the _rcu forms: the entry before the pointer to it; pairs with
	 * rcu_dereference() */
	mach_store(&prev->next, new, order, site);
}

KAPI_INLINE void kapi_list_add(struct list_head *new, struct list_head *head,
			       enum mach_order order, const struct site *site)
{
	kapi_list_insert(new, head, mach_plain_load(&head->next, site), order, site);
}

KAPI_INLINE void kapi_list_add_tail(struct list_head *new, struct list_head *head,
				    enum mach_order order, const struct site *site)
{
	kapi_list_insert(new, mach_plain_load(&head->prev, site), head, order, site);
}

KAPI_INLINE void kapi_list_unlink(struct list_head *entry, const struct site *site)
{
	struct list_head *next = mach_plain_load(&entry->next, site);
	struct list_head *prev = mach_plain_load(&entry->prev, site);

	mach_plain_store(&next->prev, prev, site);
	mach_store(&prev->next, next, MACH_RELAXED, site);
}

KAPI_INLINE void kapi_list_del(struct list_head *entry, const struct site *site)
{
	kapi_list_unlink(entry, site);
	mach_plain_store(&entry->next, (struct list_head *)LIST_POISON1, site);
	mach_plain_store(&entry->prev, (struct list_head *)LIST_POISON2, site);
}

/* A reader may stand on it still: next stays. */
KAPI_INLINE void kapi_list_del_rcu(struct list_head *entry, const struct site *site)
{
	kapi_list_unlink(entry, site);
	mach_plain_store(&entry->prev, (struct list_head *)LIST_POISON2, site);
}

KAPI_INLINE void kapi_list_del_init(struct list_head *entry, const struct site *site)
{
	kapi_list_unlink(entry, site);
	kapi_list_init(entry, site);
}

KAPI_INLINE void kapi_list_replace_rcu(struct list_head *old, struct list_head *new,
				       const struct site *site)
{
	struct list_head *next = mach_plain_load(&old->next, site);
	struct list_head *prev = mach_plain_load(&old->prev, site);

	mach_plain_store(&new->next, next, site);
	mach_plain_store(&new->prev, prev, site);
	/* release: as in kapi_list_insert() */
	mach_store(&prev->next, new, MACH_RELEASE, site);
	mach_plain_store(&next->prev, new, site);
	mach_plain_store(&old->prev, (struct list_head *)LIST_POISON2, site);
}

#define INIT_LIST_HEAD(l) kapi_list_init((l), KAPI_SITE("INIT_LIST_HEAD(" #l ")"))
#define list_add(new, head) \
	kapi_list_add((new), (head), MACH_RELAXED, KAPI_OP("list_add", #new ", " #head))
#define list_add_tail(new, head) \
	kapi_list_add_tail((new), (head), MACH_RELAXED, KAPI_OP("list_add_tail", #new ", " #head))
#define list_del(entry) kapi_list_del((entry), KAPI_OP("list_del", #entry))
#define list_del_init(entry) kapi_list_del_init((entry), KAPI_OP("list_del_init", #entry))
#define list_add_rcu(new, head) \
	kapi_list_add((new), (head), MACH_RELEASE, KAPI_OP("list_add_rcu", #new ", " #head))
#define list_add_tail_rcu(new, head) \
	kapi_list_add_tail((new), (head), MACH_RELEASE, \
		KAPI_OP("list_add_tail_rcu", #new ", " #head))
#define list_del_rcu(entry) kapi_list_del_rcu((entry), KAPI_OP("list_del_rcu", #entry))
#define list_replace_rcu(old, new) \
	kapi_list_replace_rcu((old), (new), KAPI_OP("list_replace_rcu", #old ", " #new))
#define list_empty(head) \
	({                                                                              \
		struct list_head *kapi_l_ = (head);                                     \
		mach_load(&kapi_l_->next, MACH_RELAXED, KAPI_OP("list_empty", #head)) == kapi_l_; \
	})

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_entry_rcu(ptr, type, member) container_of(rcu_dereference(ptr), type, member)
#define list_first_entry(head, type, member) \
	list_entry(mach_plain_load(&(head)->next, KAPI_OP("list_first_entry", #head)), type, member)
#define list_first_entry_or_null(head, type, member)                                    \
	({                                                                              \
		struct list_head *kapi_l_ = (head);                                     \
		struct list_head *kapi_first_ = mach_load(&kapi_l_->next, MACH_RELAXED, \
			KAPI_OP("list_first_entry_or_null", #head));                    \
		kapi_first_ == kapi_l_ ? NULL : list_entry(kapi_first_, type, member);  \
	})
#define KAPI_LIST_NEXT(pos, member) \
	list_entry(mach_plain_load(&(pos)->member.next, KAPI_SITE("the next entry of " #member)), \
		   __typeof__(*(pos)), member)
#define KAPI_LIST_NEXT_RCU(pos, member) \
	list_entry(mach_load(&(pos)->member.next, MACH_RELAXED, \
			     KAPI_SITE("the next entry of " #member)), __typeof__(*(pos)), member)

/* head is looked at in each turn, and is to be a name. */
#define list_for_each_entry(pos, head, member)                                          \
	for (pos = list_first_entry(head, __typeof__(*pos), member);                    \
	     &pos->member != (head); pos = KAPI_LIST_NEXT(pos, member))
#define list_for_each_entry_safe(pos, after, head, member)                              \
	for (pos = list_first_entry(head, __typeof__(*pos), member),                    \
	     after = &pos->member != (head) ? KAPI_LIST_NEXT(pos, member) : pos;        \
	     &pos->member != (head);                                                    \
	     pos = after, after = &pos->member != (head) ? KAPI_LIST_NEXT(pos, member) : pos)
#define list_for_each_entry_rcu(pos, head, member, ...)                                 \
	for (pos = list_entry_rcu((head)->next, __typeof__(*pos), member);              \
	     &pos->member != (head); pos = KAPI_LIST_NEXT_RCU(pos, member))

#endif
