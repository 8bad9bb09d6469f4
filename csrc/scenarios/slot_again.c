/* The same page comes back into its slot as another folio, and the recheck passes, rightly. */
#include <kapi.h>

struct state {
	int slot;     /* 1 while the page stands in it */
	atomic_t ref;
	int folio;    /* which one the page is: 1, then 2 */
};

enum { BUG };
enum bug { GOOD, COUNT_FIRST };

PARAMS {
	{ "bug", "0 none, 1 the count is set before the page is the new folio", 0, 1, 0 },
};

enum { EMPTY, REFUSED, PUT_BACK, SAME_FOLIO, NEW_FOLIO, CHANGED };

OUTCOMES {
	[EMPTY] = OK("empty", "there was nothing in the slot"),
	[REFUSED] = OK("refused", "the count was 0"),
	[PUT_BACK] = OK("put-back", "the slot was empty at the recheck"),
	[SAME_FOLIO] = OK("same-folio", "the reader used the folio that it found"),
	[NEW_FOLIO] = OK("new-folio", "the page had come back as another folio, which is what is in "
				      "the slot"),
	[CHANGED] = OUTCOME("changed", FORBIDDEN, 29, 9,
		"the folio changed while the reader held a reference to what was in the slot"),
};

/* Truncates the folio; if that frees the page, it becomes another in the same slot. */
ACTOR(owner)
{
	WRITE_ONCE(s->slot, 0);
	if (!atomic_dec_and_test(&s->ref))
		return 0;
	if (PARAM(BUG) == COUNT_FIRST)
		atomic_set_release(&s->ref, 1);
	WRITE_ONCE(s->folio, 2);
	/* release: the folio before its count; pairs with the full order of a get */
	if (PARAM(BUG) != COUNT_FIRST)
		atomic_set_release(&s->ref, 1);
	/* release: the folio before it is found; pairs with the reader's recheck */
	smp_store_release(&s->slot, 1);
	return 1;
}

ACTOR(reader)
{
	unsigned result = PUT_BACK;
	int folio;

	if (!READ_ONCE(s->slot))
		return EMPTY;
	checkpoint("slot loaded, before try_get");
	if (!atomic_inc_not_zero(&s->ref))
		return REFUSED;
	folio = READ_ONCE(s->folio);
	if (READ_ONCE(s->slot)) {
		result = folio == 1 ? SAME_FOLIO : NEW_FOLIO;
		if (READ_ONCE(s->folio) != folio)
			result = CHANGED;
	}
	/* fully ordered, as every put is: the uses before it are over when the owner sees it.
	 * A relaxed one lets the last look at the folio pass it on arm64 */
	(void)atomic_dec_and_test(&s->ref);
	return result;
}

INIT
{
	WRITE_ONCE(s->slot, 1);
	WRITE_ONCE(s->folio, 1);
	/* one for the slot, and one that the owner keeps for what comes next */
	atomic_set(&s->ref, 1);
}

CHECK
{
	(void)s;
	return r[1];
}

ACTORS {
	ACTOR_ROW(owner, "truncates a folio and puts the same page back into the slot as another"),
	ACTOR_ROW(reader, "looks the slot up, gets, looks again, uses what it found"),
};

SCENARIO_DEFINE(slot_again) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "slot-again",
	.title = "the same address comes back into its slot as another folio",
	.story = "The recheck compares addresses. A page that was truncated, freed, allocated again "
		 "and put into the same slot passes it, and should: the reader holds a reference to "
		 "what the slot shows now. That is no ABA problem as long as the page is the new "
		 "folio before its count says so (H29).",
	.source = "filemap_get_entry(): mm/filemap.c; SLAB_TYPESAFE_BY_RCU: include/linux/slab.h",
};
