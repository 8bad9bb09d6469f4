/*
 * The textbook shapes with their verdicts. Names are those of the litmus
 * literature (Alglave, Maranget, Tautschnig: Herding cats, TOPLAS 2014).
 */
#ifndef LITMUS_SHAPES_H
#define LITMUS_SHAPES_H

#include "program.h"

struct shape {
	const char *name;
	const char *code;     /* CPUs between '|', instructions between ';' */
	const char *asked;    /* "0:0=1 1:1=0 x=2": first read of CPU 0 is 1, ... */
	const char *verdicts; /* sc, tso, arm64: A allowed, F forbidden */
};

extern const struct shape shapes[];
extern const unsigned n_shapes;

/* False: the text makes no sense. */
bool shape_parse(const struct shape *s, struct program *p);
/* Whether some outcome of the set is the one asked for. */
bool shape_seen(const struct shape *s, const struct outcome_set *o);

#endif
