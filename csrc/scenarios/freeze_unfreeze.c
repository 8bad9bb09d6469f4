/* Freezing a count excludes everybody; unfreezing lets them in again. */
#include <kapi.h>

struct state {
	atomic_t ref;
	int work; /* plain, written only while frozen: 1 in the middle, 2 done */
};

enum { BUG };
enum bug { GOOD, READ_THEN_SET, UNFREEZE_UNFROZEN };

PARAMS {
	{ "bug", "0 none, 1 freeze reads and then sets, 2 unfreeze stores a count that was "
	  "never frozen", 0, 2, 0 },
};

enum { EXCLUDED, SAW_DONE, GOT_FIRST, LOST, INTRUDED };

OUTCOMES {
	[EXCLUDED] = OK("refused", "the count was frozen and the get refused"),
	[SAW_DONE] = OK("after", "the get came after the unfreeze and saw the finished work"),
	[GOT_FIRST] = OK("before", "the get came first, so the freeze failed or came later"),
	[LOST] = OUTCOME("lost-reference", FORBIDDEN, 15, 3,
			 "unfreeze stored a count over a reference that was taken meanwhile"),
	[INTRUDED] = OUTCOME("intruded", FORBIDDEN, 0, 4,
			     "a reference was taken while the freezer believed itself alone"),
};

enum { REFUSED, BEFORE, MIDDLE, DONE };

static inline bool freeze(struct state *s)
{
	if (PARAM(BUG) == UNFREEZE_UNFROZEN)
		return true;
	if (PARAM(BUG) == READ_THEN_SET) {
		if (atomic_read(&s->ref) != 1)
			return false;
		atomic_set(&s->ref, 0);
		return true;
	}
	return atomic_cmpxchg(&s->ref, 1, 0) == 1;
}

ACTOR(freezer)
{
	if (!freeze(s))
		return 0;
	PLAIN_WRITE(s->work, 1);
	PLAIN_WRITE(s->work, 2);
	/* release: the work before the count; pairs with the getter's full get */
	atomic_set_release(&s->ref, 1);
	return 1;
}

ACTOR(getter)
{
	unsigned seen;

	if (!atomic_inc_not_zero(&s->ref))
		return REFUSED;
	seen = BEFORE + (unsigned)PLAIN_READ(s->work);
	(void)atomic_dec_and_test(&s->ref);
	return seen;
}

INIT
{
	atomic_set(&s->ref, 1);
}

CHECK
{
	if (atomic_read(&s->ref) != 1)
		return LOST;
	if (r[1] == MIDDLE)
		return INTRUDED;
	return r[1] == REFUSED ? EXCLUDED : r[1] == DONE ? SAW_DONE : GOT_FIRST;
}

ACTORS {
	ACTOR_ROW(freezer, "freezes the count from 1 to 0, works alone, unfreezes to 1"),
	ACTOR_ROW(getter, "gets unless the count is 0, looks at the work, puts"),
};

SCENARIO_DEFINE(freeze_unfreeze) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "freeze-unfreeze",
	.title = "page_ref_freeze and page_ref_unfreeze against a speculative get",
	.story = "Freezing swaps the count from 1 to 0, and only if it is 1: an extra reference "
		 "makes it fail. While the count is 0 no speculative get succeeds, so the "
		 "freezer may change what it likes. Unfreezing is a plain release store, which "
		 "is right only because nobody can have changed a count of 0.",
	.source = "page_ref_freeze(), page_ref_unfreeze(): include/linux/page_ref.h",
};
