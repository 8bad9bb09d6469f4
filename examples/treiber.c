/*
 * Treiber's stack: the head is exchanged by compare-and-swap. A popper that slept between
 * its load and its swap may meet the same node with another successor (ABA). A tag in the
 * head, changed by every push and pop, tells the two apart.
 */
#include <kapi.h>

#define NODES 4 /* node 0 is "none" */
#define NODE(head) ((head) & 0xff)
#define TAG 0x100

struct state {
	unsigned long head;
	unsigned long next[NODES];
};

enum { BUG };
PARAMS {
	{ "bug", "1: no tag; 2: a push publishes without release", 0, 2, 0 },
};

static unsigned long tagged(unsigned long old, unsigned long node)
{
	return PARAM(BUG) == 1 ? node : ((old & ~0xfful) + TAG) | node;
}

static unsigned pop(struct state *s)
{
	unsigned long old, next;

	do {
		old = smp_load_acquire(&s->head); /* then its next; pairs with push() */
		if (!NODE(old))
			return 0;
		next = READ_ONCE(s->next[NODE(old)]);
	} while (cmpxchg(&s->head, old, tagged(old, next)) != old);
	return NODE(old);
}

static void push(struct state *s, unsigned long node)
{
	unsigned long old, seen;

	do {
		old = READ_ONCE(s->head);
		WRITE_ONCE(s->next[node], NODE(old));
		if (PARAM(BUG) == 2)
			seen = cmpxchg_relaxed(&s->head, old, tagged(old, node));
		else /* next before head; pairs with the acquire in pop() */
			seen = cmpxchg_release(&s->head, old, tagged(old, node));
	} while (seen != old);
}

ACTOR(one)
{
	return pop(s);
}

/* Pops two, and gives the first of them back: the same head, another successor. */
ACTOR(two)
{
	unsigned back = pop(s), kept = pop(s);

	if (back)
		push(s, back);
	return kept;
}

INIT
{
	WRITE_ONCE(s->head, 1);
	WRITE_ONCE(s->next[1], 2);
	WRITE_ONCE(s->next[2], 3);
}

/* Every node that was popped and kept is gone from the stack, and was popped once. */
CHECK
{
	unsigned long node = NODE(READ_ONCE(s->head));

	if (r[0] && r[0] == r[1])
		return 1;
	for (int i = 0; node && i < NODES; i++) {
		if (node == r[0] || node == r[1])
			return 1;
		node = READ_ONCE(s->next[node]);
	}
	return 0;
}

OUTCOMES {
	OK("once", "every node is in one place"),
	FORBIDDEN("twice", "a node that was popped is still in the stack, or was popped twice"),
};

ACTORS {
	ACTOR_ROW(one, "pops a node"),
	ACTOR_ROW(two, "pops two nodes and pushes the first"),
};

SCENARIO_DEFINE(treiber) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "treiber",
	.title = "a lock-free stack with a tag against ABA",
	.story = "A pop sleeps while its node is popped and pushed again.",
	.source = "",
};
