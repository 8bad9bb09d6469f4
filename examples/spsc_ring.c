/*
 * A ring between one producer and one consumer. The producer alone writes `head`, the
 * consumer alone writes `tail`. The ring has one slot, so that it is full at once.
 */
#include <kapi.h>

#define SLOTS 1u
#define ITEMS 2u

struct state {
	unsigned head, tail;
	int slot[SLOTS];
};

enum { BUG };
PARAMS {
	{ "bug", "1: an item is published without release; 2: a slot is given back without "
		 "release; 3: the producer does not look whether the ring is full", 0, 3, 0 },
};

ACTOR(producer)
{
	for (unsigned head = 0; head < ITEMS; head++) {
		/* the slot was read before it is written; pairs with the consumer's release */
		while (PARAM(BUG) != 3 && head - smp_load_acquire(&s->tail) == SLOTS)
			cpu_relax();
		WRITE_ONCE(s->slot[head % SLOTS], (int)head + 1);
		if (PARAM(BUG) == 1)
			WRITE_ONCE(s->head, head + 1);
		else /* the item before the head; pairs with the consumer's acquire */
			smp_store_release(&s->head, head + 1);
	}
	return 0;
}

ACTOR(consumer)
{
	unsigned wrong = 0;

	for (unsigned tail = 0; tail < ITEMS; tail++) {
		while (smp_load_acquire(&s->head) == tail)
			cpu_relax();
		wrong |= READ_ONCE(s->slot[tail % SLOTS]) != (int)tail + 1;
		if (PARAM(BUG) == 2)
			WRITE_ONCE(s->tail, tail + 1);
		else /* the load above before the tail; pairs with the producer's acquire */
			smp_store_release(&s->tail, tail + 1);
	}
	return wrong;
}

INIT
{
	(void)s;
}

CHECK
{
	(void)s;
	return r[1];
}

OUTCOMES {
	OK("in-order", "the consumer saw every item once, in order"),
	FORBIDDEN("wrong-item", "the consumer saw an item too early, or one overwritten"),
};

ACTORS {
	ACTOR_ROW(producer, "puts two items"),
	ACTOR_ROW(consumer, "takes two items"),
};

SCENARIO_DEFINE(spsc_ring) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "spsc-ring",
	.title = "one producer, one consumer, one slot",
	.story = "Two indexes, each written by one side, each published with release.",
	.source = "",
};
