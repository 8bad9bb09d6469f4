/*
 * MP: data is written, then a flag says so. Whoever sees the flag must see the data. It
 * takes an order on both sides.
 */
#include <kapi.h>

struct state {
	int data, flag;
};

enum { BUG };
PARAMS {
	{ "bug", "1: the flag is stored without release; 2: it is loaded without acquire, "
		 "and a branch does not order two loads", 0, 2, 0 },
};

enum { EARLY = 1, STALE };

ACTOR(writer)
{
	WRITE_ONCE(s->data, 1);
	if (PARAM(BUG) == 1)
		WRITE_ONCE(s->flag, 1);
	else
		smp_store_release(&s->flag, 1); /* data first; pairs with the acquire below */
	return 0;
}

ACTOR(reader)
{
	int flag;

	if (PARAM(BUG) == 2)
		flag = READ_ONCE(s->flag);
	else
		flag = smp_load_acquire(&s->flag); /* then data; pairs with the release above */
	if (!flag)
		return EARLY;
	return READ_ONCE(s->data) ? 0 : STALE;
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
	[0] = OK("delivered", "the flag and the data were seen"),
	[EARLY] = OK("early", "the flag was not there yet"),
	[STALE] = FORBIDDEN("stale", "the flag was seen, the data was not"),
};

ACTORS {
	ACTOR_ROW(writer, "writes the data, then the flag"),
	ACTOR_ROW(reader, "reads the flag, then the data"),
};

SCENARIO_DEFINE(message_passing) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "message-passing",
	.title = "data, then a flag, read the other way round",
	.story = "A store-release and a load-acquire order the two stores and the two loads.",
	.source = "",
};
