/* What the hardware says of a fault: write or read, hole or permission. */
#ifndef NATIVE_FAULT_DECODE_H
#define NATIVE_FAULT_DECODE_H

#include <stdbool.h>

struct fault_bits {
	bool known;   /* the context said; else the page table must */
	bool write;
	bool present; /* there was a translation, it forbade the access */
};

struct fault_bits fault_decode(const void *context);

#endif
