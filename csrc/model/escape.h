/*
 * Nothing escapes the search: scenario memory is reserved and not mapped, so an
 * access that does not go through the vocabulary faults, and is reported as what
 * it is instead of being missed.
 */
#ifndef MODEL_ESCAPE_H
#define MODEL_ESCAPE_H

#include <stdbool.h>

/* Counted; every other fault goes to whoever had the handler before. */
bool escape_install(void);
void escape_remove(void);

#endif
