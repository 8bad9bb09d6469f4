/* GUP's pin: the bias goes on top of a reference that was rechecked, and on no other. */
#include <kapi.h>

#define GUP_PIN_COUNTING_BIAS 1024

enum { MAPPED = 1, REUSED };

struct state {
	int pte;      /* 1 while the page is mapped */
	atomic_t ref;
	int identity; /* MAPPED, then REUSED by somebody else */
};

enum { BUG };
enum bug { GOOD, NO_RECHECK, BIAS_FIRST };

PARAMS {
	{ "bug", "0 none, 1 the PTE is not looked at again, 2 the bias is added before it is", 0, 2, 0 },
};

enum { NOT_MAPPED, REFUSED, PUT_BACK, PINNED, PINNED_OTHER, BIAS_ON_OTHER, COUNT_OFF };

OUTCOMES {
	[NOT_MAPPED] = OK("not-mapped", "the PTE was empty"),
	[REFUSED] = OK("refused", "the page was mapped and its count 0 by then"),
	[PUT_BACK] = OK("put-back", "the PTE had changed after the get: the reference was put back"),
	[PINNED] = OK("pinned", "the page that the PTE shows was pinned"),
	[PINNED_OTHER] = OUTCOME("pinned-other", FORBIDDEN, 21, 9,
		"the pin is on an object that the PTE never showed"),
	[BIAS_ON_OTHER] = OUTCOME("bias-on-other", FORBIDDEN, 21, 3,
		"the next owner found its page pinned: the bias was added before the recheck"),
	[COUNT_OFF] = OUTCOME("count-off", FORBIDDEN, 0, 3,
		"everything is put and the next owner's reference is not the only one"),
};

/* The last reference frees the page, and it is somebody else's at once. */
static inline bool put_refs(struct state *s, int refs)
{
	if (!atomic_sub_and_test(refs, &s->ref))
		return false;
	WRITE_ONCE(s->identity, REUSED);
	/* release: the identity before the count; pairs with the full order of a get */
	atomic_set_release(&s->ref, 1);
	return true;
}

ACTOR(unmapper)
{
	WRITE_ONCE(s->pte, 0);
	return put_refs(s, 1) && atomic_read(&s->ref) >= GUP_PIN_COUNTING_BIAS ? BIAS_ON_OTHER : 0;
}

/* try_grab_folio_fast(): the reference, the PTE again, and only then the bias. */
static inline unsigned grab(struct state *s)
{
	int refs = 1;

	if (!READ_ONCE(s->pte))
		return NOT_MAPPED;
	checkpoint("PTE loaded, before try_get");
	if (!atomic_inc_not_zero(&s->ref))
		return REFUSED;
	if (PARAM(BUG) == BIAS_FIRST) {
		refs = GUP_PIN_COUNTING_BIAS;
		atomic_add(refs - 1, &s->ref);
	}
	checkpoint("got a reference, before the recheck");
	if (PARAM(BUG) != NO_RECHECK && !READ_ONCE(s->pte)) {
		put_refs(s, refs);
		return PUT_BACK;
	}
	if (refs == 1)
		atomic_add(GUP_PIN_COUNTING_BIAS - 1, &s->ref);
	return PINNED;
}

ACTOR(gup)
{
	unsigned result;

	local_irq_disable();
	result = grab(s);
	local_irq_enable();
	if (result != PINNED)
		return result;
	if (READ_ONCE(s->identity) != MAPPED)
		result = PINNED_OTHER;
	put_refs(s, GUP_PIN_COUNTING_BIAS);
	return result;
}

INIT
{
	WRITE_ONCE(s->pte, 1);
	WRITE_ONCE(s->identity, MAPPED);
	atomic_set(&s->ref, 1);
}

CHECK
{
	if (r[0])
		return r[0];
	return atomic_read(&s->ref) == 1 ? r[1] : COUNT_OFF;
}

ACTORS {
	ACTOR_ROW(unmapper, "unmaps the page and drops it; the last to drop it reuses it"),
	ACTOR_ROW(gup, "GUP-fast with FOLL_PIN: gets, looks at the PTE again, adds the bias, unpins"),
};

SCENARIO_DEFINE(pin_bias) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "pin-bias",
	.title = "FOLL_PIN adds its bias to a reference that was rechecked",
	.story = "A pin of a small folio is one reference and 1023 more. The first is speculative: "
		 "the page may be somebody else's when it is taken, and looking at the PTE again "
		 "shows it. Interrupts off do not help, since nothing of the page's reuse waits for "
		 "them. Added before that look, the bias stands on the next owner's count for a "
		 "while, who finds a page pinned for DMA; without the look it stays there (H21).",
	.source = "try_grab_folio_fast(), gup_fast_pte_range(): mm/gup.c",
};
