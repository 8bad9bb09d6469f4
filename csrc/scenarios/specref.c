/*
 * The classic speculative reference, the program behind the counts and rates
 * that testers are compared by: with bug=0 a complete search has exactly 14, 644
 * and 148,140 executions for 1, 2 and 3 readers.
 */
#include <kapi.h>

struct state {
	atomic_t ref;
	int slot;        /* 1: published */
	unsigned int id; /* plain: the object's identity, 1 while it is the slot's */
};

enum { READERS, BUG };
enum bug { GOOD, NO_RECHECK, UNCONDITIONAL_ADD, RELAXED_REINIT, ACQUIRE_ONLY_DROP };

PARAMS {
	{ "readers", "how many readers look up", 1, 3, 1 },
	{ "bug", "0 none, 1 no recheck, 2 unconditional add, 3 relaxed re-initialisation, "
	  "4 that and an acquire-only drop", 0, 4, 0 },
};

enum result { EMPTY, REFUSED, PUT_BACK, CURRENT, UNDERFLOW, STALE, N_RESULTS };

OUTCOMES {
	[EMPTY] = OK("empty", "the slot was empty, the reader did nothing"),
	[REFUSED] = OK("refused", "the count was 0 and try_get refused"),
	[PUT_BACK] = OK("put-back", "a reference was taken, the recheck failed, it was put back"),
	[CURRENT] = OK("current", "the reader used the object that the slot showed"),
	[UNDERFLOW] = OUTCOME("underflow", FORBIDDEN, 0, 3,
			      "a reference was dropped that nobody held"),
	[STALE] = OUTCOME("stale", FORBIDDEN, 0, 9,
			  "the reader used an object that was freed and reused"),
};

static inline bool get_unless_zero(struct state *s)
{
	if (PARAM(BUG) == UNCONDITIONAL_ADD) {
		atomic_fetch_add(1, &s->ref);
		return true;
	}
	/* acquire: the identity is read after the reference is held; pairs with
	 * the release of the count in writer() */
	return atomic_add_unless_acquire(&s->ref, 1, 0);
}

/* False: there was nothing to drop. */
static inline bool put(struct state *s)
{
	int old = atomic_fetch_add(-1, &s->ref);

	if (old == 1)
		PLAIN_WRITE(s->id, 99);
	return old > 0;
}

ACTOR(writer)
{
	int old;

	smp_store_release(&s->slot, 0);
	old = PARAM(BUG) == ACQUIRE_ONLY_DROP ? atomic_fetch_add_acquire(-1, &s->ref)
					      : atomic_fetch_add(-1, &s->ref);
	if (old != 1)
		return CURRENT; /* a reader is last */
	PLAIN_WRITE(s->id, 99); /* freed */
	PLAIN_WRITE(s->id, 2);  /* and reused */
	if (PARAM(BUG) >= RELAXED_REINIT)
		atomic_set(&s->ref, 1);
	else
		atomic_set_release(&s->ref, 1); /* identity first; pairs with the get */
	return put(s) ? CURRENT : UNDERFLOW;
}

ACTOR(reader)
{
	enum result result = PUT_BACK;

	/* acquire: the slot before the object; pairs with the release in writer() */
	if (!smp_load_acquire(&s->slot))
		return EMPTY;
	if (!get_unless_zero(s))
		return REFUSED;
	if (PARAM(BUG) == NO_RECHECK || READ_ONCE(s->slot))
		result = PLAIN_READ(s->id) == 1 ? CURRENT : STALE;
	if (!put(s) && result != STALE)
		result = UNDERFLOW;
	return result;
}

INIT
{
	atomic_set(&s->ref, 1);
	WRITE_ONCE(s->slot, 1);
	WRITE_ONCE(s->id, 1);
}

CHECK
{
	unsigned worst = r[0] == UNDERFLOW ? UNDERFLOW : EMPTY;
	int i;

	(void)s;
	for (i = 1; i <= PARAM(READERS); i++)
		worst = r[i] > worst ? r[i] : worst;
	return worst;
}

ACTORS {
	ACTOR_ROW(writer, "empties the slot, drops the slot's reference, reuses the object"),
	ACTOR_ROW_TIMES(reader, "loads the slot, tries to get, rechecks, uses, puts", READERS),
};

SCENARIO_DEFINE(specref) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "specref",
	.title = "the classic speculative reference: get unless zero, recheck, put",
	.story = "An object is found through a slot without a lock. The reader takes a "
		 "reference unless the count is 0, then looks at the slot again: only if it "
		 "still shows the object is it the one that was looked up. Meanwhile the "
		 "writer empties the slot, drops its reference and, if that was the last, "
		 "reuses the object under another identity.\n\n"
		 "Leave out the recheck, and a reader that slept between the slot and the "
		 "count uses an object that became another one.",
	.source = "the lookup of mm/filemap.c in outline; SLAB_TYPESAFE_BY_RCU's rules",
};
