/* Two CPUs split the same huge entry of the vmemmap: one table goes in, filled from the leaf. */
#include <kapi.h>

#define HUGE 10  /* the frame that the huge entry maps; its pages are HUGE + 0, HUGE + 1 */
#define PAGES 2  /* PTEs of a table, one for each splitter */
#define MOVED 20 /* MOVED + i: where splitter i remaps its page to */

struct table {
	int pte[PAGES];
};

struct state {
	spinlock_t lock;  /* init_mm.page_table_lock */
	uintptr_t pmd;    /* a leaf: HUGE, odd by its low bit; else the address of a table */
	struct table table[PAGES]; /* what the splitters bring */
};

#define LEAF (2 * HUGE + 1)
#define IS_LEAF(pmd) ((pmd) & 1)

enum { BUG };
enum bug { GOOD, NO_SECOND_LOOK, LEAF_READ_TWICE };

PARAMS {
	{ "bug", "0 none, 1 the entry is not looked at again under the lock, 2 nor is the frame from "
	  "the look that found a leaf", 0, 2, 0 },
};

enum { SPLIT, LOST_REMAP, TABLE_AS_FRAME };

OUTCOMES {
	[SPLIT] = OK("split", "one table is in, with what both remapped through it"),
	[LOST_REMAP] = OUTCOME("lost-remap", FORBIDDEN, 24, 6,
		"a second table replaced the first, and what was remapped through that is undone"),
	[TABLE_AS_FRAME] = OUTCOME("table-as-frame", FORBIDDEN, 24, 2,
		"a page-table page was taken for the huge page: the entries show what was never theirs"),
};

/* The frame of a leaf; of a table what its address comes to, as pmd_page() has it. */
static inline int frame_of(uintptr_t pmd)
{
	return IS_LEAF(pmd) ? (int)(pmd >> 1) : -1;
}

/* vmemmap_split_pmd(): fill a table, then look again under the lock, since another CPU
 * may have split the entry meanwhile. */
static inline void split(struct state *s, struct table *own)
{
	uintptr_t pmd = READ_ONCE(s->pmd);
	int frame, i;

	if (!IS_LEAF(pmd))
		return;
	checkpoint("a leaf, without the lock");
	frame = frame_of(PARAM(BUG) == LEAF_READ_TWICE ? READ_ONCE(s->pmd) : pmd);
	for (i = 0; i < PAGES; i++)
		WRITE_ONCE(own->pte[i], frame + i);
	spin_lock(&s->lock);
	if (PARAM(BUG) != GOOD || IS_LEAF(READ_ONCE(s->pmd)))
		/* release: the entries before the table is found; pairs with the walk */
		smp_store_release(&s->pmd, (uintptr_t)own);
	spin_unlock(&s->lock);
}

static inline void remap(struct state *s, int i)
{
	struct table *table;

	spin_lock(&s->lock);
	table = (struct table *)READ_ONCE(s->pmd);
	WRITE_ONCE(table->pte[i], MOVED + i);
	spin_unlock(&s->lock);
}

ACTOR(first)
{
	split(s, &s->table[0]);
	remap(s, 0);
	return 0;
}

ACTOR(second)
{
	split(s, &s->table[1]);
	remap(s, 1);
	return 0;
}

INIT
{
	WRITE_ONCE(s->pmd, LEAF);
}

CHECK
{
	struct table *table = (struct table *)READ_ONCE(s->pmd);
	int i, frame;
	bool lost = false;

	(void)r;
	for (i = 0; i < PAGES; i++) {
		frame = READ_ONCE(table->pte[i]);
		if (frame != MOVED + i && frame != HUGE + i)
			return TABLE_AS_FRAME;
		lost = lost || frame == HUGE + i;
	}
	return lost ? LOST_REMAP : SPLIT;
}

ACTORS {
	ACTOR_ROW(first, "splits the huge entry and remaps its first page"),
	ACTOR_ROW(second, "splits the same entry and remaps its second page"),
};

SCENARIO_DEFINE(split_table) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "split-table",
	.title = "one of two splitters installs its page table, the other uses it",
	.story = "The vmemmap of a huge page is mapped by a huge entry itself. HVO splits it first: "
		 "it fills a table from the leaf, without the lock, and puts it in under the lock. "
		 "Two huge pages share that entry, so another CPU may have split it meanwhile; "
		 "looking again under the lock tells. Without that the second table replaces the "
		 "first and undoes its remaps; and where the frame is read a second time, it may be "
		 "a page-table page that is taken for the huge page (H24).",
	.source = "vmemmap_split_pmd(): mm/hugetlb_vmemmap.c, Muchun Song 2023",
};
