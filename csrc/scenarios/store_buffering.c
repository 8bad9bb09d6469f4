/* Store buffering, the litmus test that shows whether two CPUs really meet. */
#include <kapi.h>

struct state {
	int x, y;
};

enum { FENCE };

PARAMS {
	{ "fence", "1: a full barrier between the store and the load", 0, 1, 0 },
};

enum { BOTH_ONE, FIRST_LATE, SECOND_LATE, BOTH_ZERO, FORBIDDEN_ZERO };

OUTCOMES {
	[BOTH_ONE] = OK("both-one", "each CPU saw the other's store"),
	[FIRST_LATE] = OK("0-1", "only the second CPU saw the other's store"),
	[SECOND_LATE] = OK("1-0", "only the first CPU saw the other's store"),
	[BOTH_ZERO] = INTERESTING("both-zero", "neither CPU saw the other's store: both stores "
				  "waited in a buffer, so the CPUs met within nanoseconds"),
	[FORBIDDEN_ZERO] = FORBIDDEN("both-zero-fenced",
				     "neither CPU saw the other's store in spite of smp_mb()"),
};

ACTOR(first)
{
	WRITE_ONCE(s->x, 1);
	if (PARAM(FENCE))
		smp_mb(); /* store before load; pairs with the one in second() */
	return (unsigned)READ_ONCE(s->y);
}

ACTOR(second)
{
	WRITE_ONCE(s->y, 1);
	if (PARAM(FENCE))
		smp_mb(); /* store before load; pairs with the one in first() */
	return (unsigned)READ_ONCE(s->x);
}

INIT
{
	(void)s;
}

CHECK
{
	(void)s;
	if (!r[0] && !r[1])
		return PARAM(FENCE) ? FORBIDDEN_ZERO : BOTH_ZERO;
	return r[0] ? r[1] ? BOTH_ONE : SECOND_LATE : FIRST_LATE;
}

ACTORS {
	ACTOR_ROW(first, "stores x, loads y"),
	ACTOR_ROW(second, "stores y, loads x"),
};

SCENARIO_DEFINE(store_buffering) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.flags = SCENARIO_ORDERING,
	.name = "store-buffering",
	.title = "SB: the self-test of the rendezvous",
	.story = "Two CPUs store and then load what the other stored. Both loads can return 0 "
		 "only when the two runs overlap by less than a store takes to drain. The share "
		 "of that outcome therefore says how closely the rendezvous brings two CPUs "
		 "together on this host, and hunts report it.",
	.source = "SB: tools/memory-model/litmus-tests; litmus7's self-test",
};
