/*
 * Random walks under sc without a graph: one memory, one CPU at a time, local
 * states from the tree. Happens-before is kept in vector clocks so that races of
 * plain accesses are still seen (FastTrack's idea: Flanagan and Freund, PLDI 2009).
 */
#ifndef MODEL_WALK_H
#define MODEL_WALK_H

#include "model/explore.h"

/* Whether this search can be done here: sc, random, and no translations. */
bool walk_possible(const struct explore *x);
void walk_runs(struct explore *x);

#endif
