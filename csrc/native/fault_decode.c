#include "native/fault_decode.h"

#include <ucontext.h>

#if defined(__x86_64__)

/* Page-fault error code: bit 0 the page was present, bit 1 it was a write. */
struct fault_bits fault_decode(const void *context)
{
	const ucontext_t *c = context;
	unsigned long code = (unsigned long)c->uc_mcontext.gregs[REG_ERR];

	return (struct fault_bits){ .known = true, .write = code & 2, .present = code & 1 };
}

#elif defined(__aarch64__)

#include <asm/sigcontext.h>

/* The syndrome is a record of the signal frame's extension area. WnR is bit 6;
 * the fault status code in bits 5..0 is 0b0001xx for translation faults and
 * 0b0011xx for permission faults (Arm ARM, ESR_EL1, data abort). */
struct fault_bits fault_decode(const void *context)
{
	const ucontext_t *c = context;
	const unsigned char *at = (const void *)c->uc_mcontext.__reserved;
	const unsigned char *end = at + sizeof(c->uc_mcontext.__reserved);

	while (at + sizeof(struct _aarch64_ctx) <= end) {
		const struct _aarch64_ctx *head = (const void *)at;

		if (head->magic == ESR_MAGIC) {
			uint64_t esr = ((const struct esr_context *)(const void *)at)->esr;

			return (struct fault_bits){ .known = true,
						    .write = esr >> 6 & 1,
						    .present = (esr & 0x3c) != 0x04 };
		}
		if (!head->magic || head->size < sizeof(*head))
			break;
		at += head->size;
	}
	return (struct fault_bits){ .known = false };
}

#else
#error "fault_decode.c: teach it this architecture's signal context"
#endif
