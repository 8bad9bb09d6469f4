/*
 * The syndrome is a record in the extension area of the signal frame, there only
 * where the kernel (or an emulator) writes it. WnR is bit 6; the fault status code
 * in bits 5..0 is 0b0001xx for translation faults, 0b0011xx for permission faults
 * (Arm ARM, ESR_EL1, data abort). An atomic that faults while it reads reports a
 * read if a read would have faulted too, so WnR without permission is a hole.
 *
 * Without the record the instruction at the pc says whether it writes. Nothing says
 * then whether there was a translation.
 */
#ifndef ARCH_AARCH64_SIGNAL_H
#define ARCH_AARCH64_SIGNAL_H
#ifndef ARCH_SIGNAL_H
#error "include arch/signal.h"
#endif

#include <asm/sigcontext.h>
#include <stdint.h>
#include <ucontext.h>

/* Whether this load or store writes (Arm ARM, "Loads and Stores" encodings). */
static inline bool arch_insn_writes(uint32_t insn)
{
	bool vector = insn >> 26 & 1, load = insn >> 22 & 1;

	if ((insn & 0xffffffe0) == 0xd50b7420)
		return true; /* dc zva, by which memset clears */
	if (!(insn >> 27 & 1) || insn >> 25 & 1)
		return false; /* no load or store */
	if (!(insn >> 28 & 1)) {
		if (insn >> 29 & 1)
			return !load; /* ldp, stp: bits 29..27 are 101 */
		/* bits 29..27 are 001: SIMD structures, exclusive and ordered; of these
		 * cas (bits 23 and 21) and casp (bit 31 clear, bits 23..21 0L1, Rt2 all
		 * ones) use bit 22 for acquire, and always write */
		if (!vector && insn >> 21 & 1 && (insn & 0x7c00) == 0x7c00 &&
		    (insn >> 23 & 1 || !(insn >> 31)))
			return true;
		return !load;
	}
	if (!(insn >> 29 & 1)) /* bits 29..27 are 011: literals, ldapur and stlur */
		return insn >> 24 & 1 && !(insn >> 21 & 7);
	if (!vector && !(insn >> 24 & 1) && insn >> 21 & 1 && !(insn >> 10 & 3))
		return (insn & 0xf000) != 0xc000; /* ldadd, swp, ...; but not ldapr */
	return vector ? !load : !(insn >> 22 & 3);
}

static inline struct fault_bits arch_fault_bits(const void *context)
{
	const ucontext_t *c = context;
	const unsigned char *at = (const void *)c->uc_mcontext.__reserved;
	const unsigned char *end = at + sizeof(c->uc_mcontext.__reserved);
	const uint32_t *pc = (const void *)c->uc_mcontext.pc;

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
	return (struct fault_bits){ .known = false, .write = arch_insn_writes(*pc) };
}

#endif
