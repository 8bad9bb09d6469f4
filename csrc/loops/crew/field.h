/*
 * Huge pages whose struct pages are remapped under readers: a crew with a window, a
 * page-cache slot for each huge page, and the journeys that HVO makes with them, in
 * batches. A huge page that is not on a journey stands in its slot with one reference;
 * on a journey its slot is empty and its count 0, as in the kernel.
 */
#ifndef LOOPS_FIELD_H
#define LOOPS_FIELD_H

#include "loops/crew/crew.h"

struct field {
	struct crew crew;
	const struct loop_run *run;
	unsigned blocks;        /* huge pages */
	unsigned vmemmap_pages; /* of each */
	uintptr_t *slots;
	struct hvo_old *old;
	uint64_t freeze_retries;
	bool half_way;          /* on a journey's second half: told to stop, it ends first */
	bool no_frame;          /* a journey found no frame: its figures say nothing */
	unsigned stuck;         /* huge page + 1 that could not be frozen for PATIENCE_NS */
};

/* f is zeroed by the caller, who also destroys it when this fails. */
int field_create(struct field *f, const struct loop_run *run, const struct regime *regime,
		 bool gigantic, unsigned blocks, vms_error *err);
void field_destroy(struct field *f);

/* The whole window as one mapping of frames in a row, for what works on ranges of it;
 * frames are neither taken nor freed after this. */
void field_lay_out(struct field *f);

/* The calling CPU's block 0 is that block from now on. */
void field_aim(struct field *f, unsigned block);

/* Empty the slots of the first n blocks and freeze them. False: told to stop while
 * somebody held a reference; nothing was changed. */
bool field_withdraw(struct field *f, unsigned n);
/* Unfreeze them and put them back into their slots. */
void field_hand_out(struct field *f, unsigned n);

/* On the first n blocks, withdrawn; frames have been stocked for them. */
void field_optimise(struct field *f, unsigned n);
void field_restore(struct field *f, unsigned n);

/* Every huge page has its one reference; with nobody at work. */
const char *field_check_counts(struct field *f, struct loop_run *run);
/* After the end: every reference was given back, every block stands as it began. */
const char *field_check(struct field *f, struct loop_run *run);

static inline struct field *field_of(const struct loop_run *run)
{
	return run->shared;
}

#endif
