/*
 * A ticket lock: take the next number, wait until it is served. Two CPUs add one to a
 * counter under it.
 */
#include <kapi.h>

struct state {
	atomic_t next;
	int served, counter;
};

enum { BUG };
PARAMS {
	{ "bug", "1: unlock without release; 2: the wait without acquire; 3: the number is "
		 "taken by a load and a store", 0, 3, 0 },
};

static int served(struct state *s)
{
	if (PARAM(BUG) == 2)
		return READ_ONCE(s->served);
	return smp_load_acquire(&s->served); /* then the section; pairs with unlock() */
}

static int lock(struct state *s)
{
	int mine;

	if (PARAM(BUG) == 3) {
		mine = atomic_read(&s->next);
		atomic_set(&s->next, mine + 1);
	} else {
		mine = atomic_fetch_add_relaxed(1, &s->next);
	}
	while (served(s) != mine)
		cpu_relax();
	return mine;
}

static void unlock(struct state *s, int mine)
{
	if (PARAM(BUG) == 1)
		WRITE_ONCE(s->served, mine + 1);
	else /* the section before; pairs with the acquire in served() */
		smp_store_release(&s->served, mine + 1);
}

static unsigned add_one(struct state *s)
{
	int mine = lock(s);

	WRITE_ONCE(s->counter, READ_ONCE(s->counter) + 1);
	unlock(s, mine);
	return 0;
}

ACTOR(first)
{
	return add_one(s);
}

ACTOR(second)
{
	return add_one(s);
}

INIT
{
	(void)s;
}

CHECK
{
	(void)r;
	return READ_ONCE(s->counter) != 2;
}

OUTCOMES {
	OK("two", "both additions count"),
	FORBIDDEN("lost-update", "an addition is lost: the sections overlapped"),
};

ACTORS {
	ACTOR_ROW(first, "adds one"),
	ACTOR_ROW(second, "adds one"),
};

SCENARIO_DEFINE(ticket_lock) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "ticket-lock",
	.title = "a fair spinlock of two numbers",
	.story = "Two CPUs take tickets and increment a counter in turn.",
	.source = "",
};
