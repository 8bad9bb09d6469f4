/*
 * A list that readers walk without a lock. The writer puts a new node in the place of the
 * old one, waits until no reader can hold the old one, and frees it.
 */
#include <kapi.h>

struct node {
	int value;
	struct node *next;
};

struct state {
	struct node *head;
	struct node old, fresh, last;
};

enum { BUG };
PARAMS {
	{ "bug", "1: no grace period before the free; 2: the node is published without release; "
		 "3: the reader is in no read section", 0, 3, 0 },
};

enum { POISON = 0x6b };
enum { GOOD, HALF, FREED };

ACTOR(reader)
{
	unsigned seen = GOOD;
	struct node *node;

	if (PARAM(BUG) != 3)
		rcu_read_lock();
	/* the dependency orders the load of the pointer before those through it */
	for (node = rcu_dereference(s->head); node; node = rcu_dereference(node->next)) {
		int value = READ_ONCE(node->value);

		if (value == 0)
			seen = HALF;
		else if (value == POISON)
			seen = FREED;
	}
	if (PARAM(BUG) != 3)
		rcu_read_unlock();
	return seen;
}

ACTOR(writer)
{
	WRITE_ONCE(s->fresh.value, 2);
	WRITE_ONCE(s->fresh.next, &s->last);
	if (PARAM(BUG) == 2)
		WRITE_ONCE(s->head, &s->fresh);
	else /* the node before the pointer; pairs with the reader's rcu_dereference() */
		rcu_assign_pointer(s->head, &s->fresh);
	if (PARAM(BUG) != 1)
		synchronize_rcu(); /* sections that may hold the old node are over */
	WRITE_ONCE(s->old.value, POISON);
	return 0;
}

INIT
{
	WRITE_ONCE(s->last.value, 3);
	WRITE_ONCE(s->old.value, 1);
	WRITE_ONCE(s->old.next, &s->last);
	WRITE_ONCE(s->head, &s->old);
}

CHECK
{
	(void)s;
	return r[0];
}

OUTCOMES {
	[GOOD] = OK("good", "the reader saw nodes that were initialised and not freed"),
	[HALF] = FORBIDDEN("half", "the reader saw a node before its contents"),
	[FREED] = FORBIDDEN("freed", "the reader saw a freed node"),
};

ACTORS {
	ACTOR_ROW(reader, "walks the list"),
	ACTOR_ROW(writer, "replaces the first node and frees it"),
};

SCENARIO_DEFINE(rcu_list) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "rcu-list",
	.title = "replace a node under readers",
	.story = "Publish, wait for a grace period, free.",
	.source = "",
};
