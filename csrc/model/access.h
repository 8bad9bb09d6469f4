/*
 * The one door through which a scenario's accesses come: model_access() notes the
 * registers that a call must preserve and hands them on, so that the local state of
 * the CPU (those registers and the stack above them) can be compared with an earlier
 * one. What our own code leaves below the caller's frame is zeroed on the way out:
 * the caller's later frames start from the same bytes in every run.
 */
#ifndef MODEL_ACCESS_H
#define MODEL_ACCESS_H

#include <stdint.h>

struct site;

enum access_kind {
	ACCESS_LOAD, ACCESS_STORE, ACCESS_ADD, ACCESS_OR, ACCESS_AND, ACCESS_XOR,
	ACCESS_XCHG, ACCESS_CAS,
	ACCESS_LOCK,   /* waits for 0, writes 1 */
	ACCESS_UNLOCK, /* a store of the CPU that holds the lock */
	ACCESS_RELAX,  /* no access: end of a turn of a retry loop */
};

/* how: kind, size, order, plain, a byte each. */
#define ACCESS_HOW(kind, size, order, plain)                             \
	((unsigned)(kind) | (unsigned)(size) << 8 | (unsigned)(order) << 16 | \
	 (unsigned)(plain) << 24)
#define ACCESS_KIND(how) ((how) & 0xff)
#define ACCESS_SIZE(how) ((how) >> 8 & 0xff)
#define ACCESS_ORDER(how) ((how) >> 16 & 0xff)
#define ACCESS_PLAIN(how) ((how) >> 24)

#ifndef KAPI_PLUGIN
/* value: what is written, or the operand; old: what a compare expects. */
uint64_t model_access(const volatile void *p, uint64_t value, uint64_t old, unsigned how,
		      const struct site *site);
#endif

/* memory.c. frame: the lowest address of the caller's saved registers. */
uint64_t model_accessed(const volatile void *p, uint64_t value, uint64_t old, unsigned how,
			const struct site *site, const void *frame);

#endif
