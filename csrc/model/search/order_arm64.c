/*
 * arm64: multi-copy atomic and weak. Dependencies, acquire, release, dmb order
 * (Pulte et al., Simplifying ARM concurrency, POPL 2018; Arm's own cat model as shipped
 * with herd7, relations dob, aob, bob, lmws). A C file may be compiled to exclusives or
 * to LSE: where they differ, the weaker of the two counts here.
 */
#include "model/search/order.h"

/* The rows behind dependencies on earlier events of t. */
static set_t behind(const graph_t *g, const thread_t *t, const uint16_t *ordinal, unsigned n)
{
	set_t s = SET_NONE;

	while (n-- > 0)
		s = set_or(s, closure(g, (unsigned)t->at[ordinal[n]]));
	return s;
}

static bool releases(const struct op *op)
{
	return op->order == MACH_RELEASE || op->order == MACH_ACQ_REL ||
	       op->order == MACH_SEQ_CST;
}

/* RCsc: comes after an earlier release, too. */
static bool acquires(const struct op *op)
{
	return op->order == MACH_ACQUIRE || op->order == MACH_ACQ_REL ||
	       op->order == MACH_SEQ_CST;
}

static set_t order_base(const struct model *m, const graph_t *g, const thread_t *t,
			const struct op *op, bool write, bool done)
{
	const struct depends d = depend_of(&m->dependencies, local_of(op));
	const set_t *row = t->order.row;
	set_t s;

	if (op->flags & OPF_ENTER || (op->flags & OPF_WALK && done))
		return SET_NONE;
	s = row[write ? FOR_WRITE : FOR_READ];
	if (op->flags & OPF_LEAVE || (done && op->order == MACH_FULL) || (write && releases(op)))
		s = set_or(s, set_or(row[READS], row[WRITES]));
	if (!write && done && acquires(op))
		s = set_or(s, row[FOR_ACQUIRE]);
	s = set_or(s, behind(g, t, d.address, d.n_address));
	if (write) {
		s = set_or(s, behind(g, t, d.value, d.n_value));
		s = set_or(s, behind(g, t, d.made, d.n_made));
	}
	return set_or(s, order_walk(g, t, op));
}

/* addr;rfi and data;rfi, and rmw;rfi;[A]: the value is not there before that. */
static set_t order_own(const struct model *m, const graph_t *g, const thread_t *t,
		       const struct op *op, unsigned w, bool done)
{
	const struct op *by = &m->locals.at[g->event[w].node].op;
	const struct depends d = depend_of(&m->dependencies, local_of(by));
	set_t s = set_or(behind(g, t, d.address, d.n_address), order_walk(g, t, by));

	s = set_or(s, behind(g, t, d.value, d.n_value));
	if (op_rmw(by) && done && (acquires(op) || op->order == MACH_ACQUIRE_PC))
		s = set_or(s, closure(g, w));
	return s;
}

static void order_step(const struct model *m, const graph_t *g, thread_t *t,
		       const struct op *op, unsigned e, bool full)
{
	const struct depends d = depend_of(&m->dependencies, local_of(op));
	const event_t *ev = &g->event[e];
	set_t *row = t->order.row, c = closure(g, e);
	bool acquire = ev->reads && (acquires(op) || op->order == MACH_ACQUIRE_PC);
	bool failed = op->kind == OP_CAS && ev->reads && !ev->exclusive;

	row[ev->reads ? READS : WRITES] = set_or(row[ev->reads ? READS : WRITES], c);
	/* fully ordered, and failed: exclusives leave by a branch, LSE reads with acquire;
	 * later writes wait for both */
	if (failed && op->order == MACH_FULL)
		row[FOR_WRITE] = set_or(row[FOR_WRITE], c);
	if (full) {
		row[FOR_READ] = row[FOR_WRITE] = set_or(row[READS], row[WRITES]);
		return;
	}
	if (acquire || op->flags & OPF_ENTER) {
		row[FOR_READ] = set_or(row[FOR_READ], c);
		row[FOR_WRITE] = set_or(row[FOR_WRITE], c);
	}
	if (ev->writes && releases(op))
		row[FOR_ACQUIRE] = set_or(row[FOR_ACQUIRE], c);
	/* addr;po;[W]: a write waits until earlier addresses are known */
	row[FOR_WRITE] = set_or(row[FOR_WRITE], behind(g, t, d.address, d.n_address));
	row[FOR_WRITE] = set_or(row[FOR_WRITE], order_walk(g, t, op));
}

static void order_fence(thread_t *t, const struct op *op)
{
	set_t *row = t->order.row, later = row[READS];

	if (op->value == MACH_BARRIER)
		return;
	if (op->value == MACH_WMB) {
		row[FOR_WRITE] = set_or(row[FOR_WRITE], row[WRITES]);
		return;
	}
	if (op->value == MACH_MB)
		later = set_or(later, row[WRITES]);
	row[FOR_READ] = set_or(row[FOR_READ], later);
	row[FOR_WRITE] = set_or(row[FOR_WRITE], later);
}

static set_t order_flush(const thread_t *t)
{
	return set_or(t->order.row[READS], t->order.row[WRITES]);
}

static void order_flushed(thread_t *t, set_t c)
{
	set_t *row = t->order.row;

	row[WRITES] = set_or(row[WRITES], c);
	row[FOR_READ] = row[FOR_WRITE] = set_or(row[READS], row[WRITES]);
}

static bool order_holds_back(const struct op *op)
{
	return acquires(op) || op->order == MACH_ACQUIRE_PC || op->order == MACH_FULL ||
	       op->kind == OP_LOCK;
}
