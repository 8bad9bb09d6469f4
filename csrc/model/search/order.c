/*
 * The memory models, as what program order preserves. An event of a CPU must
 * follow base(); step() says what it makes later events follow. Fences are no
 * events: they only change the rows. done is false for the read of a compare
 * that fails: its order then counts for nothing; and for a walk that finds the
 * entry not present: no TLB keeps such an entry, so that is a load like any other.
 *
 * sc     everything in program order (Lamport).
 * tso    all but a write before a later read; read-modify-writes and smp_mb()
 *        restore it (Owens, Sarkar, Sewell: A better x86 memory model, 2009).
 * arm64  multi-copy atomic and weak: dependencies, acquire, release, dmb
 *        (Pulte et al., Simplifying ARM concurrency, POPL 2018). Restricted to
 *        executions in which no value depends on itself through program order
 *        and reads-from, so load buffering is not produced.
 *
 * In all of them reads-from between CPUs, coherence and from-reads order too;
 * search.h adds those.
 */

#if MODEL == 0
static inline set_t base(const graph_t *g, const thread_t *t, const struct op *op,
			       bool write, bool done)
{
	(void)g, (void)write;
	return op->flags & OPF_WALK && done ? SET_NONE : t->order.row[0];
}

static inline void step(graph_t *g, thread_t *t, const struct op *op, unsigned e, bool full)
{
	(void)full;
	if (op->flags & OPF_WALK)
		t->order.row[0] = set_or(t->order.row[0], closure(g, e));
	else
		t->order.row[0] = closure(g, e);
}

static inline void fence(thread_t *t, const struct op *op)
{
	(void)t, (void)op;
}

static inline void flushed(thread_t *t, set_t c)
{
	t->order.row[0] = set_or(t->order.row[0], c);
}

#elif MODEL == 1
static inline set_t base(const graph_t *g, const thread_t *t, const struct op *op,
			       bool write, bool done)
{
	set_t s;

	(void)g;
	if (op->flags & OPF_ENTER || (op->flags & OPF_WALK && done))
		return SET_NONE;
	/* a locked operation drains the store buffer before it reads */
	s = t->order.row[write || op_rmw(op) ? FOR_WRITE : FOR_READ];
	return op->walk < 0 ? s : set_or(s, closure(g, (unsigned)t->at[op->walk]));
}

static inline void step(graph_t *g, thread_t *t, const struct op *op, unsigned e, bool full)
{
	const event_t *ev = &g->event[e];
	set_t c = closure(g, e);

	(void)full;
	if (op->flags & OPF_WALK)
		return;
	t->order.row[FOR_WRITE] = set_or(t->order.row[FOR_WRITE], c);
	if (ev->reads || op_rmw(op) || op->flags & OPF_ENTER)
		t->order.row[FOR_READ] = set_or(t->order.row[FOR_READ], c);
	if (op_rmw(op))
		t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

static inline void fence(thread_t *t, const struct op *op)
{
	if (op->value == MACH_MB)
		t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

static inline void flushed(thread_t *t, set_t c)
{
	t->order.row[FOR_WRITE] = set_or(t->order.row[FOR_WRITE], c);
	t->order.row[FOR_READ] = t->order.row[FOR_WRITE];
}

#else
/* The rows behind an address (or data) dependency on the n-th event of t. */
static inline set_t dependency(const graph_t *g, const thread_t *t, int n)
{
	return n < 0 ? SET_NONE : closure(g, (unsigned)t->at[n]);
}

static inline set_t base(const graph_t *g, const thread_t *t, const struct op *op,
			       bool write, bool done)
{
	const set_t *row = t->order.row;
	set_t s;

	if (op->flags & OPF_ENTER || (op->flags & OPF_WALK && done))
		return SET_NONE;
	s = row[write ? FOR_WRITE : FOR_READ];
	if (op->flags & OPF_LEAVE || (done && op->order == MACH_FULL) ||
	    (write && op->order == MACH_RELEASE))
		s = set_or(s, set_or(row[READS], row[WRITES]));
	/* ldar comes after an earlier stlr; it is RCsc */
	if (!write && done && op->order == MACH_ACQUIRE)
		s = set_or(s, row[FOR_ACQUIRE]);
	s = set_or(s, dependency(g, t, op->dep));
	if (write)
		s = set_or(s, dependency(g, t, op->data));
	return set_or(s, dependency(g, t, op->walk));
}

static inline void step(graph_t *g, thread_t *t, const struct op *op, unsigned e, bool full)
{
	const event_t *ev = &g->event[e];
	set_t *row = t->order.row, c = closure(g, e);
	bool acquire = ev->reads && op->order == MACH_ACQUIRE;

	row[ev->reads ? READS : WRITES] = set_or(row[ev->reads ? READS : WRITES], c);
	/* a failed compare orders nothing, an acquiring one too */
	if (op->kind == OP_CAS && ev->reads && !ev->exclusive)
		acquire = false;
	if (full) {
		row[FOR_READ] = row[FOR_WRITE] = set_or(row[READS], row[WRITES]);
		return;
	}
	if (acquire || op->flags & OPF_ENTER) {
		row[FOR_READ] = set_or(row[FOR_READ], c);
		row[FOR_WRITE] = set_or(row[FOR_WRITE], c);
	}
	if (ev->writes && op->order == MACH_RELEASE)
		row[FOR_ACQUIRE] = set_or(row[FOR_ACQUIRE], c);
	/* addr;po;[W]: a write waits until earlier addresses are known */
	row[FOR_WRITE] = set_or(row[FOR_WRITE], dependency(g, t, op->dep));
	row[FOR_WRITE] = set_or(row[FOR_WRITE], dependency(g, t, op->walk));
}

static inline void fence(thread_t *t, const struct op *op)
{
	set_t *row = t->order.row, later = row[READS];

	if (op->value == MACH_WMB) {
		row[FOR_WRITE] = set_or(row[FOR_WRITE], row[WRITES]);
		return;
	}
	if (op->value == MACH_MB)
		later = set_or(later, row[WRITES]);
	row[FOR_READ] = set_or(row[FOR_READ], later);
	row[FOR_WRITE] = set_or(row[FOR_WRITE], later);
}

static inline void flushed(thread_t *t, set_t c)
{
	set_t *row = t->order.row;

	row[WRITES] = set_or(row[WRITES], c);
	row[FOR_READ] = row[FOR_WRITE] = set_or(row[READS], row[WRITES]);
}
#endif

/* What a CPU hands on after event e: a function of what it had before. */
static inline void order_after(graph_t *g, thread_t *t, const struct model *m, unsigned e)
{
	const struct op *op = &m->locals.at[g->event[e].node].op;

	t->order = g->entry[e];
	if (op->kind == OP_FLUSH)
		flushed(t, closure(g, e));
	else if (op->kind != OP_CHOICE)
		step(g, t, op, e,
			   g->event[e].writes && op_rmw(op) && op->order == MACH_FULL);
}

/* Set a CPU back to where it stood after its newest event that is kept. One that
 * loses nothing stays where it is, past the fences that follow its last event. */
static void thread_cut(graph_t *g, thread_t *t, const struct model *m, set_t keep)
{
	set_t mine = set_and(t->mine, keep);
	unsigned count = set_count(mine);

	if (count == t->count)
		return;
	t->mine = mine;
	t->count = (uint16_t)count;
	if (count == 0) {
		t->last = -1;
		t->node = m->root[t - g->thread];
		t->phase = RUNNABLE;
		t->order = (order_t){ { SET_NONE } };
		return;
	}
	t->last = t->at[count - 1];
	t->node = g->event[t->last].next;
	t->phase = g->event[t->last].phase;
	order_after(g, t, m, (unsigned)t->last);
}
