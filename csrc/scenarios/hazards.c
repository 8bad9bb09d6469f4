/* One sentence for each hazard; docs/hazards.md tells them at length. */
#include "scenarios/describe.h"

const struct hazard_text hazard_texts[] = {
	{ "H1", "try_get on a fake head read the head's count and then wrote to the read-only alias", 1 },
	{ "H2", "the count was loaded before the page became read-only, the compare-and-swap came after", 1 },
	{ "H3", "a spurious reference through an alias made a freeze fail", 8 },
	{ "H4", "the last reference was dropped through an alias, so the huge page was freed under a false identity", 5 },
	{ "H5", "the put looked for a folio, found none and leaked the reference it owned", 3 },
	{ "H6", "the fake-head test was older than the count: the page was remapped and unfrozen in between", 1 },
	{ "H7", "the count became non-zero before the flush, and a stale translation led to the old copy", 3 },
	{ "H8", "a frame was freed before the flush, and a stale translation wrote to its next owner", 2 },
	{ "H9", "a frame was freed before the flush, and a stale translation read its next owner's data", 2 },
	{ "H10", "a flush was left out or did not cover the entry that was changed", 2 },
	{ "H11", "a write to the old head page after the copy was lost", 6 },
	{ "H12", "a restored tail shows what belongs to the head", 4 },
	{ "H13", "the page-table entry was visible before the contents of the page", 4 },
	{ "H14", "a spurious reference made the freeze fail again and again", 8 },
	{ "H15", "unfreeze stored a count over a reference that was taken meanwhile", 3 },
	{ "H16", "an access met the hole between break and make", 7 },
	{ "H17", "the handler that waits for the window runs on the CPU that holds it open", 8 },
	{ "H18", "a live entry was changed without a break on a machine that needs one", 6 },
	{ "H19", "a CPU ran on through the window although the others were to be paused", 7 },
	{ "H20", "the reader held nothing that a grace period waits for, and compared a stale count", 1 },
	{ "H21", "GUP took its pin on an object that was no longer the one it looked up", 3 },
	{ "H22", "the head was read in two loads with a remap between them", 9 },
	{ "H23", "a flag was written to a tail that is mapped read-only", 1 },
	{ "H24", "two splitters met, and a page-table page was taken for a huge page", 8 },
	{ "H25", "a folio was frozen after the grace period of its batch, and a stale count was compared", 1 },
	{ "H26", "fake-head detection was off when the first page was remapped", 1 },
	{ "H27", "a failed restore left the huge page half restored", 5 },
	{ "H28", "a demoted page got heads where aliases still stood", 5 },
	{ "H29", "the same address re-entered the slot as a new folio", 9 },
	{ "H30", "an unconditional add wrote to a read-only tail", 1 },
	{ "H31", "two installers of the shared tail page both won", 3 },
};

_Static_assert(sizeof(hazard_texts) / sizeof(hazard_texts[0]) == HAZARD_ROWS,
	       "one sentence for each hazard");

const unsigned n_hazard_texts = sizeof(hazard_texts) / sizeof(hazard_texts[0]);
