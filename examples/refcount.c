/*
 * A reference count: a lookup takes a reference unless the count is 0, and whoever brings
 * it to 0 frees. What was done under a reference comes before the free.
 */
#include <kapi.h>

struct state {
	atomic_t count, frees;
	int data;
};

enum { BUG };
PARAMS {
	{ "bug", "1: the get tests, then increments; 2: the put is relaxed", 0, 2, 0 },
};

enum { POISON = 0x6b };

static bool get(struct state *s)
{
	if (PARAM(BUG) != 1)
		return atomic_inc_not_zero(&s->count);
	if (!atomic_read(&s->count))
		return false;
	atomic_inc(&s->count);
	return true;
}

static void put(struct state *s)
{
	int left;

	if (PARAM(BUG) == 2)
		left = atomic_add_return_relaxed(-1, &s->count);
	else /* what I did comes before, the free after; pairs with the other CPUs' puts */
		left = atomic_dec_return(&s->count);
	if (left)
		return;
	atomic_inc(&s->frees);
	WRITE_ONCE(s->data, POISON);
}

ACTOR(user)
{
	if (!get(s))
		return 0;
	WRITE_ONCE(s->data, 1);
	put(s);
	return 1;
}

ACTOR(owner)
{
	put(s);
	return 0;
}

INIT
{
	atomic_set(&s->count, 1);
}

CHECK
{
	(void)r;
	if (atomic_read(&s->frees) != 1)
		return 1;
	return READ_ONCE(s->data) == POISON ? 0 : 2;
}

OUTCOMES {
	OK("freed-once", "freed once, and nobody wrote afterwards"),
	FORBIDDEN("revived", "a freed object was given a reference and freed again"),
	FORBIDDEN("use-after-free", "a write under a reference came after the free"),
};

ACTORS {
	ACTOR_ROW(user, "takes a reference, writes, drops it"),
	ACTOR_ROW(owner, "drops the first reference"),
};

SCENARIO_DEFINE(refcount) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "refcount",
	.title = "get unless zero, put and free",
	.story = "A lookup races with the last put.",
	.source = "",
};
