/*
 * Fibers: a function on a stack of its own, and the switch between stacks.
 *
 * The switch is a call: the compiler has already saved what a call may clobber,
 * so only the callee-saved registers and the stack pointer change hands. About
 * 8 ns for the way there and back.
 */
#ifndef MODEL_FIBER_H
#define MODEL_FIBER_H

#include <stddef.h>

struct fiber {
	void *sp;          /* of the side that is not running */
	char *stack;       /* lowest address; guards lie below and above */
	char *low;         /* the deepest that it ever stood at a switch */
	size_t size, guard;
	void (*entry)(void *);
	void *arg;
};

/* False: no memory. */
int fiber_create(struct fiber *f, size_t size);
void fiber_destroy(struct fiber *f);
/* Make the next fiber_switch() call entry(arg) on an empty stack. entry must
 * not return. What ran there before is forgotten. */
void fiber_reset(struct fiber *f, void (*entry)(void *), void *arg);
/* From the caller's stack to the fiber, or from inside the fiber back. */
void fiber_switch(struct fiber *f);

#endif
