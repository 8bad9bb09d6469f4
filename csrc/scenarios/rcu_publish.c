/* Publish a new object, wait for a grace period, reuse the old one. */
#include <kapi.h>

#define POISON 99

struct state {
	int current;   /* index of the published object */
	int value[2];
};

enum { BUG };
enum bug { GOOD, NO_GRACE_PERIOD, READER_OUTSIDE };

PARAMS {
	{ "bug", "0 none, 1 no grace period before the reuse, 2 the reader leaves its section "
	  "before it uses the pointer", 0, 2, 0 },
};

enum { OLD, NEW, REUSED };

OUTCOMES {
	[OLD] = OK("old", "the reader used the old object while it was still kept for it"),
	[NEW] = OK("new", "the reader used the new object"),
	[REUSED] = OUTCOME("reused", FORBIDDEN, 0, 2, "the reader used the old object after its reuse"),
};

ACTOR(writer)
{
	WRITE_ONCE(s->value[1], 2);
	rcu_assign_pointer(s->current, 1);
	if (PARAM(BUG) != NO_GRACE_PERIOD)
		synchronize_rcu();
	WRITE_ONCE(s->value[0], POISON);
	return 0;
}

ACTOR(reader)
{
	int i, value;

	rcu_read_lock();
	i = rcu_dereference(s->current);
	if (PARAM(BUG) == READER_OUTSIDE)
		rcu_read_unlock();
	value = READ_ONCE(s->value[i]);
	if (PARAM(BUG) != READER_OUTSIDE)
		rcu_read_unlock();
	return value == POISON ? REUSED : i ? NEW : OLD;
}

INIT
{
	WRITE_ONCE(s->value[0], 1);
}

CHECK
{
	(void)s;
	return r[1];
}

ACTORS {
	ACTOR_ROW(writer, "publishes a new object, waits for a grace period, reuses the old one"),
	ACTOR_ROW(reader, "follows the pointer inside an RCU read section"),
};

SCENARIO_DEFINE(rcu_publish) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "rcu-publish",
	.title = "RCU: an object is reused only after a grace period",
	.story = "A reader that found the old object inside a read section may use it until the "
		 "section ends; the writer's grace period waits for that. Without the grace "
		 "period, or with the use outside the section, the reader meets the reuse.",
	.source = "Documentation/RCU/whatisRCU.rst",
};
