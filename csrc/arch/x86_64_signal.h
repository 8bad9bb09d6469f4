/* Page-fault error code: bit 0 the page was present, bit 1 it was a write. */
#ifndef ARCH_X86_64_SIGNAL_H
#define ARCH_X86_64_SIGNAL_H
#ifndef ARCH_SIGNAL_H
#error "include arch/signal.h"
#endif

#include <ucontext.h>

static inline struct fault_bits arch_fault_bits(const void *context)
{
	const ucontext_t *c = context;
	unsigned long code = (unsigned long)c->uc_mcontext.gregs[REG_ERR];

	return (struct fault_bits){ .known = true, .write = code & 2, .present = code & 1 };
}

#endif
