/*
 * What one CPU asks of the machine next: the only thing that passes between a
 * scenario's code and the search.
 *
 * A memory operation becomes events of an execution graph: a read, a write, or
 * (read-modify-write) a read and then a write, each once for every cell of memory
 * that it covers (see place.h).
 */
#ifndef MODEL_OP_H
#define MODEL_OP_H

#include "kapi/contract.h"

enum op_kind {
	OP_LOAD,
	OP_STORE,
	OP_ADD,     /* the read-modify-writes: value is the operand */
	OP_OR,
	OP_AND,
	OP_XOR,
	OP_XCHG,
	OP_CAS,     /* writes value if it reads old */
	OP_LOCK,    /* waits for 0, writes 1 */
	OP_AWAIT,   /* a load that waits for at least value */
	OP_FENCE,   /* value: enum mach_fence */
	OP_FLUSH,   /* a TLB flush of one page-table entry is complete */
	OP_CHOICE,  /* the environment picks one of 0 .. value - 1 */
	OP_RELAX,   /* end of a turn of a retry loop */
	OP_VIOLATE, /* this CPU met a violation and stops */
	OP_END,     /* value: what the actor returned */
};

#define OPF_PLAIN 0x01u /* unmarked: a race with another access is a bug */
#define OPF_WALK 0x02u  /* a page walk: reads memory, may be as old as the last flush */
#define OPF_ENTER 0x04u /* a section begins: what follows comes after, no more */
#define OPF_LEAVE 0x08u /* a section ends: what precedes comes before, no more */
#define OPF_HIDDEN 0x10u /* breaks an entry while every other CPU is paused */
#define OPF_ARGUMENT 0x20u /* no request: an argument of the final check */
#define OPF_UNLOCK 0x40u /* frees the lock that this CPU took */

enum violation {
	VIOLATION_HAZARD,   /* mach_violate(): value is hazard << 8 | invariant */
	VIOLATION_RACE,     /* two accesses that race, one of them plain */
	VIOLATION_DEADLOCK, /* every CPU that is not done waits */
	VIOLATION_SPIN,     /* a retry loop that nothing can end any more */
	VIOLATION_ESCAPE,   /* an access that did not go through the vocabulary;
			     * value is the address of its code, as of the next two */
	VIOLATION_STACK,    /* a CPU's stack is full */
	VIOLATION_TRAP,     /* a division by zero, an instruction that stops it */
	VIOLATION_SIZE,     /* an access that is not aligned to its size: value */
	VIOLATION_OUTSIDE,  /* an access past the scenario's state: value is the offset */
	VIOLATION_KINDS
};

#define OP_CELLS 8u /* an access has eight bytes at most, each may be a cell */

struct op {
	uint8_t kind, order, flags;
	uint8_t size : 4;    /* bytes of the whole access */
	uint8_t cells : 4;   /* how many cells it covers, see place.h */
	uint16_t place;      /* the first of them */
	int16_t walk;        /* event of this CPU that translated the address; -1 */
	uint64_t address;    /* as the code has it; 0: no access of the scenario's */
	uint64_t value, old;
	const struct site *site;
};

/* Of OP_VIOLATE: value is hazard and invariant, or the address of the code that did it. */
static inline int op_hazard(const struct op *op)
{
	return op->old >= VIOLATION_ESCAPE ? 0 : (int)(op->value >> 8);
}

static inline int op_invariant(const struct op *op)
{
	return op->old >= VIOLATION_ESCAPE ? 0 : (int)(op->value & 255);
}

static inline bool op_reads(const struct op *op)
{
	return op->kind != OP_STORE && op->kind <= OP_AWAIT;
}

/* Whether it becomes an event of the graph. */
static inline bool op_event(const struct op *op)
{
	return op->kind <= OP_AWAIT || op->kind == OP_FLUSH || op->kind == OP_CHOICE;
}

static inline bool op_rmw(const struct op *op)
{
	return op->kind >= OP_ADD && op->kind <= OP_LOCK;
}

/* Whether a read-modify-write that read seen goes on to write. */
static inline bool op_writes_after(const struct op *op, uint64_t seen)
{
	return (op->kind >= OP_ADD && op->kind <= OP_XCHG) ||
	       (op->kind == OP_CAS && seen == op->old) ||
	       (op->kind == OP_LOCK && seen == 0);
}

/* Whether a CPU that read seen has to wait for another value. */
static inline bool op_waits(const struct op *op, uint64_t seen)
{
	return (op->kind == OP_LOCK && seen != 0) ||
	       (op->kind == OP_AWAIT && seen < op->value);
}

static inline uint64_t op_mask(const struct op *op, uint64_t value)
{
	return op->size >= 8 ? value : value & ((1ull << (op->size * 8)) - 1);
}

static inline uint64_t op_written(const struct op *op, uint64_t seen)
{
	switch (op->kind) {
	case OP_ADD:
		return op_mask(op, seen + op->value);
	case OP_OR:
		return op_mask(op, seen | op->value);
	case OP_AND:
		return op_mask(op, seen & op->value);
	case OP_XOR:
		return op_mask(op, seen ^ op->value);
	default:
		return op_mask(op, op->value);
	}
}

#endif
