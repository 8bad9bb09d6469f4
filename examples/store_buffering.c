/*
 * SB: two CPUs store, then look at what the other one stored. At least one must see the
 * other's store: the pattern of "I sleep, are there wakers?" and of Dekker's lock.
 */
#include <kapi.h>

struct state {
	int x, y;
};

enum { BUG };
PARAMS {
	{ "bug", "1: no barrier between the store and the load", 0, 1, 0 },
};

ACTOR(first)
{
	WRITE_ONCE(s->x, 1);
	if (PARAM(BUG) != 1)
		smp_mb(); /* store to x before load of y; pairs with the one in second() */
	return READ_ONCE(s->y);
}

ACTOR(second)
{
	WRITE_ONCE(s->y, 1);
	if (PARAM(BUG) != 1)
		smp_mb(); /* store to y before load of x; pairs with the one in first() */
	return READ_ONCE(s->x);
}

INIT
{
	(void)s;
}

CHECK
{
	(void)s;
	return !r[0] && !r[1];
}

OUTCOMES {
	OK("seen", "at least one CPU saw the other's store"),
	FORBIDDEN("both-missed", "neither CPU saw the other's store"),
};

ACTORS {
	ACTOR_ROW(first, "stores x, loads y"),
	ACTOR_ROW(second, "stores y, loads x"),
};

SCENARIO_DEFINE(store_buffering) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "store-buffering",
	.title = "store, full barrier, load on two CPUs",
	.story = "x86 and arm64 may both let a load pass an earlier store to another address.",
	.source = "",
};
