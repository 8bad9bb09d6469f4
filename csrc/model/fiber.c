#include "model/fiber.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <string.h>

/* No frame of sane code jumps over it; a multiple of every size of base pages. */
#define GUARD ((size_t)1 << 20)

/* void fiber_swap(void **from, void *to): push, store sp, load sp, pop, return.
 * Floating-point control words are nobody's business here. */
#if defined(__x86_64__)
#define FRAME_WORDS 7 /* rbx rbp r12 r13 r14 r15, return address */
#define FRAME_RETURN 6
#define FRAME_PAD 1   /* at a function's first instruction sp is 8 below 16-alignment */
__asm__(".pushsection .text\n"
	".globl model_fiber_swap\n"
	".hidden model_fiber_swap\n"
	".type model_fiber_swap,@function\n"
	"model_fiber_swap:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n"
	"	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n"
	"	pop %r12\n	pop %rbx\n	pop %rbp\n"
	"	ret\n"
	".size model_fiber_swap,.-model_fiber_swap\n"
	".popsection\n");
#elif defined(__aarch64__)
#define FRAME_WORDS 20 /* x19-x28, x29, x30, d8-d15 */
#define FRAME_RETURN 11
#define FRAME_PAD 0
__asm__(".pushsection .text\n"
	".globl model_fiber_swap\n"
	".hidden model_fiber_swap\n"
	".type model_fiber_swap,%function\n"
	"model_fiber_swap:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp]\n	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n	str x9, [x0]\n	mov sp, x1\n"
	"	ldp x19, x20, [sp]\n	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n	ret\n"
	".size model_fiber_swap,.-model_fiber_swap\n"
	".popsection\n");
#else
#error "fibers: no stack switch for this architecture"
#endif

__attribute__((visibility("hidden"))) void model_fiber_swap(void **from, void *to);

/* The fiber that the first switch enters: the entry has no other way to learn it. */
static __thread struct fiber *entering;

static void fiber_start(void)
{
	struct fiber *f = entering;

	f->entry(f->arg);
	__builtin_trap(); /* the entry returned: there is nowhere to return to */
}

int fiber_create(struct fiber *f, size_t size)
{
	size_t guard = GUARD;
	char *p = mmap(NULL, size + 2 * guard, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return 0;
	mprotect(p + guard, size, PROT_READ | PROT_WRITE);
	f->stack = p + guard;
	f->low = NULL;
	f->size = size;
	f->guard = guard;
	return 1;
}

void fiber_destroy(struct fiber *f)
{
	if (f->stack)
		munmap(f->stack - f->guard, f->size + 2 * f->guard);
	f->stack = NULL;
}

/* How far below the deepest stop of a fiber its code may have left something. */
#define BELOW 6144

void fiber_reset(struct fiber *f, void (*entry)(void *), void *arg)
{
	uintptr_t top = ((uintptr_t)f->stack + f->size) & ~(uintptr_t)15;
	void **frame = (void **)top - FRAME_WORDS - FRAME_PAD;

	/* the same bytes in every run: what a CPU leaves on its stack is part of its state */
	if (f->low) {
		char *from = f->low - f->stack > BELOW ? f->low - BELOW : f->stack;

		memset(from, 0, (size_t)((char *)top - from));
	}
	for (int i = 0; i < FRAME_WORDS + FRAME_PAD; i++)
		frame[i] = NULL;
	frame[FRAME_RETURN] = (void *)(uintptr_t)fiber_start;
	f->entry = entry;
	f->arg = arg;
	f->sp = frame;
}

static bool on_fiber(const struct fiber *f)
{
	const char *here = __builtin_frame_address(0);

	return here >= f->stack && here < f->stack + f->size;
}

void fiber_switch(struct fiber *f)
{
	void *to = f->sp;

	entering = f;
	model_fiber_swap(&f->sp, to);
	/* on the caller's side again: sp is where the fiber stopped */
	if (!on_fiber(f))
		f->low = !f->low || (char *)f->sp < f->low ? f->sp : f->low;
}
