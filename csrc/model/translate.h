/* From a virtual address to a place. */
#ifndef MODEL_TRANSLATE_H
#define MODEL_TRANSLATE_H

#include "model/model.h"

/* Sets op->place (and op->walk). False: the access faulted and the CPU stopped. */
bool translate(struct model *m, struct op *op, uintptr_t address, bool write);

#endif
