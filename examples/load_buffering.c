/*
 * LB: two CPUs load, then store what the other one loads. If a load may still wait while
 * the store after it is done, both see the other's store. A branch on the loaded value
 * orders the store (control dependency): no store is made on speculation.
 */
#include <kapi.h>

struct state {
	int x, y;
};

enum { BUG };
PARAMS {
	{ "bug", "1: the stores do not depend on the loads", 0, 1, 0 },
};

ACTOR(first)
{
	int seen = READ_ONCE(s->x);

	/* load of x before store to y, by control dependency */
	if (seen || PARAM(BUG) == 1)
		WRITE_ONCE(s->y, 1);
	return seen;
}

ACTOR(second)
{
	int seen = READ_ONCE(s->y);

	if (PARAM(BUG) == 1 || seen)
		WRITE_ONCE(s->x, 1);
	return seen;
}

INIT
{
	(void)s;
}

CHECK
{
	(void)s;
	return r[0] && r[1];
}

OUTCOMES {
	OK("in-order", "at least one load came before the other CPU's store"),
	FORBIDDEN("both-from-the-future", "each load saw a store that came after the other load"),
};

ACTORS {
	ACTOR_ROW(first, "loads x, stores y"),
	ACTOR_ROW(second, "loads y, stores x"),
};

SCENARIO_DEFINE(load_buffering) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "load-buffering",
	.title = "load, then store, on two CPUs",
	.story = "arm64 may let a store pass an earlier load that it does not depend on.",
	.source = "",
};
