/* A count is conserved: as many puts as gets, and the last one frees, once. */
#include <kapi.h>

struct state {
	atomic_t ref;
	atomic_t freed; /* how often the object was freed */
};

enum { BUG };
enum bug { GOOD, SPLIT_INCREMENT, DOUBLE_PUT };

PARAMS {
	{ "bug", "0 none, 1 the increment is a load and a store, 2 the user puts twice", 0, 2, 0 },
};

enum { REFUSED, FREED_BY_OWNER, FREED_BY_USER, NOT_FREED, FREED_TWICE };

OUTCOMES {
	[REFUSED] = OK("refused", "the object was gone and the get refused"),
	[FREED_BY_OWNER] = OK("freed-by-owner", "the user got and put in time, the owner was last"),
	[FREED_BY_USER] = OK("freed-by-user", "the owner put first, the user was last"),
	[NOT_FREED] = OUTCOME("count-off", FORBIDDEN, 0, 3,
			      "all references are dropped and the count is not 0"),
	[FREED_TWICE] = OUTCOME("freed-twice", FORBIDDEN, 0, 5, "the object was freed more than once"),
};

enum { GOT = 1, WAS_LAST = 2 };

static inline unsigned put(struct state *s)
{
	if (!atomic_dec_and_test(&s->ref))
		return 0;
	atomic_inc(&s->freed);
	return WAS_LAST;
}

static inline bool get(struct state *s)
{
	int count;

	if (PARAM(BUG) != SPLIT_INCREMENT)
		return atomic_inc_not_zero(&s->ref);
	count = atomic_read(&s->ref);
	if (!count)
		return false;
	atomic_set(&s->ref, count + 1); /* a put in between is lost */
	return true;
}

ACTOR(owner)
{
	return put(s);
}

ACTOR(user)
{
	unsigned result;

	if (!get(s))
		return 0;
	result = GOT | put(s);
	if (PARAM(BUG) == DOUBLE_PUT)
		result |= put(s);
	return result;
}

INIT
{
	atomic_set(&s->ref, 1);
}

CHECK
{
	if (atomic_read(&s->freed) > 1)
		return FREED_TWICE;
	if (atomic_read(&s->ref) || !atomic_read(&s->freed))
		return NOT_FREED;
	if (!(r[1] & GOT))
		return REFUSED;
	return r[1] & WAS_LAST ? FREED_BY_USER : FREED_BY_OWNER;
}

ACTORS {
	ACTOR_ROW(owner, "drops the first reference"),
	ACTOR_ROW(user, "gets unless the count is 0, then puts"),
};

SCENARIO_DEFINE(refcount_conservation) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "refcount-conservation",
	.title = "every reference is dropped once, and the last drop frees once",
	.story = "An owner drops its reference while a user takes and drops one. Whoever is "
		 "last frees; a get after that must refuse. With the increment split into a "
		 "load and a store the owner's put can fall between them and is lost.",
	.source = "Documentation/core-api/refcount-vs-atomic.rst",
};
