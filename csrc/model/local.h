/*
 * What a CPU does next is a function of what it has read so far. The tree of
 * local states keeps that function: a node is a CPU about to make one request,
 * an edge is the answer it gets.
 *
 * The search walks edges. Only where an edge is missing does scenario code run:
 * the fiber is started again, fed the answers on the path from the root, and
 * caught at its next request. A complete search visits the same few hundred
 * local states hundreds of thousands of times, so going back to any point of
 * any run costs a store, and nothing is saved or copied.
 */
#ifndef MODEL_LOCAL_H
#define MODEL_LOCAL_H

#include "model/op.h"

#define LOCAL_NONE 0u /* node 0 stands for "not yet known" */

struct local {
	/* what the search looks at, in one cache line */
	struct op op;      /* first: local_of() */
	uint64_t answer;   /* on the edge from parent to here */
	uint32_t child;    /* first of them */
	uint32_t sibling;
	uint32_t idle;     /* local state before that this one repeats; LOCAL_NONE: none */
	uint32_t depends;  /* where its dependencies stand, see depend.h; 0: not yet asked */
	/* and the rest */
	uint32_t parent;
	uint16_t ordinal;  /* events of this CPU before this one */
	uint8_t cpu;
	uint64_t state;    /* fingerprint of the CPU's registers and stack; 0: not taken */
};

struct locals {
	struct local *at; /* reserved once, never moved */
	uint32_t n, max;
};

int locals_create(struct locals *ls, uint32_t max);
void locals_destroy(struct locals *ls);
/* A new node below parent, or LOCAL_NONE when the reserve is used up. */
uint32_t locals_add(struct locals *ls, uint32_t parent, uint64_t answer);

static inline const struct local *local_of(const struct op *op)
{
	return (const struct local *)op;
}

static inline uint32_t locals_find(const struct locals *ls, uint32_t node, uint64_t answer)
{
	uint32_t child = ls->at[node].child;

	while (child != LOCAL_NONE && ls->at[child].answer != answer)
		child = ls->at[child].sibling;
	return child;
}

#endif
