/*
 * A local state as a random walk uses it: its request in 64 bytes, one cache line,
 * with what the request does to memory written as arithmetic and not as cases, and
 * the local states that follow by their answers' low bits. Which CPU moves is drawn,
 * so a branch on the kind of its request would be foretold wrongly most of the time.
 *
 * Made when a walk first comes there. The tree of local states stays the truth: a
 * next state that is not here is looked for there.
 */
#ifndef MODEL_WALK_CODE_H
#define MODEL_WALK_CODE_H

#include "model/explore.h"

#define CODES (1u << 18) /* local states of a higher number are made again each time */
#define CODE_NEXT 8u
#define CODE_NOWHERE PLACES_MAX /* of what touches no memory: a word that stays 0 */

#define CODE_READS 0x01u
#define CODE_WRITES 0x02u  /* always */
#define CODE_WRITES_IF 0x04u /* it reads old */
#define CODE_PLAIN 0x08u
#define CODE_WAITS 0x10u   /* may have to wait */
#define CODE_END 0x20u
#define CODE_OTHER 0x40u   /* neither an access nor an end */

struct code {
	uint64_t value, old;
	uint64_t came;     /* the answer that led here */
	uint32_t next[CODE_NEXT];
	uint16_t place;
	uint8_t flags;
	uint8_t add;       /* 1: what was read is added to value, 0: it is not */
	uint8_t unused;    /* high bits of a word that are not the access's */
	uint8_t kind;
	uint16_t pass;     /* of the search that made it; others do not count */
};

static inline uint8_t code_flags(const struct op *op)
{
	if (op->kind == OP_END)
		return CODE_END;
	if (op->kind > OP_AWAIT || op->cells > 1 || op->kind == OP_OR || op->kind == OP_AND ||
	    op->kind == OP_XOR || local_of(op)->idle != LOCAL_NONE)
		return CODE_OTHER;
	return (uint8_t)((op_reads(op) ? CODE_READS : 0) |
			 (op->flags & OPF_PLAIN ? CODE_PLAIN : 0) |
			 (op->kind == OP_STORE || op->kind == OP_ADD || op->kind == OP_XCHG
				  ? CODE_WRITES : 0) |
			 (op->kind == OP_CAS || op->kind == OP_LOCK ? CODE_WRITES_IF : 0) |
			 (op->kind == OP_LOCK || op->kind == OP_AWAIT ? CODE_WAITS : 0));
}

static inline void code_make(const struct explore *x, struct code *c, uint32_t node)
{
	const struct local *l = &x->m->locals.at[node];
	uint8_t flags = code_flags(&l->op);

	*c = (struct code){
		.value = l->op.value, .old = l->op.kind == OP_LOCK ? 0 : l->op.old,
		.came = l->answer, .kind = l->op.kind, .flags = flags,
		.place = flags & (CODE_END | CODE_OTHER) ? CODE_NOWHERE : l->op.place,
		.add = l->op.kind == OP_ADD,
		.unused = l->op.size >= 8 ? 0 : (uint8_t)(64 - 8 * l->op.size),
		.pass = (uint16_t)x->passes,
	};
}

static inline uint64_t code_written(const struct code *c, uint64_t seen)
{
	return (c->value + (seen & -(uint64_t)c->add)) << c->unused >> c->unused;
}

static inline unsigned code_writes(const struct code *c, uint64_t seen)
{
	return (c->flags / CODE_WRITES & 1u) |
	       ((c->flags / CODE_WRITES_IF & 1u) & (unsigned)(seen == c->old));
}

#endif
