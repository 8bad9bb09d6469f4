/*
 * Double-checked initialisation: the first to come initialises under a lock; later ones
 * look at a flag and take no lock. Two CPUs come at once.
 */
#include <kapi.h>

struct state {
	spinlock_t lock;
	int ready, value;
	atomic_t initialised;
};

enum { BUG };
PARAMS {
	{ "bug", "1: the flag is looked at without acquire; 2: it is set without release; 3: no "
		 "second look under the lock", 0, 3, 0 },
};

static int is_ready(struct state *s)
{
	if (PARAM(BUG) == 1)
		return READ_ONCE(s->ready);
	return smp_load_acquire(&s->ready); /* then the value; pairs with initialise() */
}

static void initialise(struct state *s)
{
	atomic_inc(&s->initialised);
	WRITE_ONCE(s->value, 42);
	if (PARAM(BUG) == 2)
		WRITE_ONCE(s->ready, 1);
	else /* the value before the flag; pairs with is_ready() */
		smp_store_release(&s->ready, 1);
}

static unsigned use(struct state *s)
{
	if (!is_ready(s)) {
		spin_lock(&s->lock);
		if (PARAM(BUG) == 3 || !READ_ONCE(s->ready))
			initialise(s);
		spin_unlock(&s->lock);
	}
	return READ_ONCE(s->value);
}

ACTOR(first)
{
	return use(s);
}

ACTOR(second)
{
	return use(s);
}

INIT
{
	(void)s;
}

CHECK
{
	if (atomic_read(&s->initialised) != 1)
		return 2;
	return r[0] != 42 || r[1] != 42;
}

OUTCOMES {
	OK("used", "initialised once, and both saw it"),
	FORBIDDEN("not-initialised", "the flag was seen, the value was not"),
	FORBIDDEN("initialised-twice", "both initialised"),
};

ACTORS {
	ACTOR_ROW(first, "uses the value"),
	ACTOR_ROW(second, "uses the value"),
};

SCENARIO_DEFINE(double_checked_init) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "double-checked-init",
	.title = "initialise once, without a lock afterwards",
	.story = "A flag is looked at twice: before the lock and under it.",
	.source = "",
};
