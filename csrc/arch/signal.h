/* What a signal context says of a fault, by architecture. */
#ifndef ARCH_SIGNAL_H
#define ARCH_SIGNAL_H

#include <stdbool.h>

struct fault_bits {
	bool known;   /* the context told present; else the page table must */
	bool write;
	bool present; /* there was a translation, it forbade the access */
};

#if defined(__x86_64__)
#include "arch/x86_64_signal.h"
#elif defined(__aarch64__)
#include "arch/aarch64_signal.h"
#endif

#endif
