/* From a virtual address to a place, by a page walk; and what faults mean. */
#ifndef MODEL_TRANSLATE_H
#define MODEL_TRANSLATE_H

#include "model/model.h"

/* Sets the cells and op->walk. Returns only when the access may go on. */
void translate(struct model *m, struct op *op, uintptr_t address, bool write);

/* What an access through the window met: stops this CPU if it was a frame that
 * is no longer, or not yet, the one that it was to be. */
void translate_answer(struct model *m, const struct op *op, uint64_t answer, bool write);

/* A plain operation on a page-table entry or a word of a frame. */
uint64_t direct_word(struct model *m, enum op_kind kind, enum place_kind place, uint64_t offset,
		     unsigned size, uint64_t value, const struct site *site);

/* Where an interrupt may arrive. */
void interrupt_point(const struct site *site);

#endif
