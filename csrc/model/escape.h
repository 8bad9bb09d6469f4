/*
 * Nothing escapes the search: scenario memory is reserved and not mapped, so an
 * access that does not go through the vocabulary faults, and is reported as what
 * it is instead of being missed. A division by zero, a trap and a full stack of a
 * scenario's code are reported the same way.
 */
#ifndef MODEL_ESCAPE_H
#define MODEL_ESCAPE_H

#include <stdbool.h>

/* Counted, and for the calling thread, which searches; every other fault goes to
 * whoever had the handler before. */
bool escape_install(void);
void escape_remove(void);

#endif
