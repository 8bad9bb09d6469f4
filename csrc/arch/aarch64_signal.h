/*
 * The syndrome is a record in the extension area of the signal frame, there only
 * where the kernel (or an emulator) writes it. WnR is bit 6; the fault status code
 * in bits 5..0 is 0b0001xx for translation faults, 0b0011xx for permission faults
 * (Arm ARM, ESR_EL1, data abort).
 */
#ifndef ARCH_AARCH64_SIGNAL_H
#define ARCH_AARCH64_SIGNAL_H
#ifndef ARCH_SIGNAL_H
#error "include arch/signal.h"
#endif

#include <asm/sigcontext.h>
#include <stdint.h>
#include <ucontext.h>

static inline struct fault_bits arch_fault_bits(const void *context)
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

#endif
