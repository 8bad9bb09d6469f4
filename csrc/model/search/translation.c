/*
 * Translations in the search. A walk is a read of a page-table entry that is
 * bound by nothing its CPU did before: a TLB may have filled the entry at any
 * time, so it may be as old as the last flush (compare Simner et al., Relaxed
 * virtual memory in Armv8-A, ESOP 2022). The access follows its walk.
 *
 * A flush that comes after a newer write of the entry than the one a walk saw
 * was, for that walk, too late: the access must be over before the flush is.
 */

static inline set_t writes_after(const graph_t *g, unsigned place, int w)
{
	return w == RF_INIT ? g->place[place].writes : g->co_after[w];
}

/* Flushes before which an access through a walk that read w must be over. */
static set_t stale_flushes(const graph_t *g, unsigned place, int w)
{
	set_t newer = w == RF_INIT ? g->place[place].writes : g->co_after[w], late = SET_NONE;
	unsigned f;

	SET_EACH(f, g->place[place].flushes) {
		if (set_meets(newer, g->pred[f]))
			late = set_or(late, set_bit(f));
	}
	return late;
}

/* The same for an access, by the walk that translated for it. */
static set_t access_flushes(const graph_t *g, const thread_t *t, const struct op *op)
{
	const event_t *walk;

	if (op->walk < 0)
		return SET_NONE;
	walk = &g->event[t->at[op->walk]];
	if (set_empty(g->place[walk->place].flushes))
		return SET_NONE;
	return stale_flushes(g, walk->place, walk->rf);
}

/* May a walk of t see w? Not if a flush that this CPU knows of forbids it; and
 * nobody walks into an entry that is broken only while everybody is paused. */
static bool may_walk(const graph_t *g, const thread_t *t, unsigned place, int w)
{
	if (w != RF_INIT && g->event[w].hidden && !set_has(t->mine, (unsigned)w))
		return false;
	if (set_empty(g->place[place].flushes))
		return true;
	return !set_meets(stale_flushes(g, place, w), t->order.row[FOR_READ]);
}

/* A flush follows all that its CPU did, and every access through a translation
 * that it had to drop. */
static set_t flush_base(const graph_t *g, const thread_t *t, unsigned place,
			      const struct locals *ls)
{
	set_t base = order_flush(t);
	set_t all = base;
	unsigned r;

	SET_EACH(r, g->place[place].reads) {
		const event_t *walk = &g->event[r];
		const thread_t *other = &g->thread[walk->cpu];
		set_t newer = walk->rf == RF_INIT ? g->place[place].writes
						  : g->co_after[walk->rf];

		if (!walk->walk || !set_meets(newer, base))
			continue;
		/* the access stands right behind its walk; two events if it writes too */
		for (unsigned i = ls->at[walk->node].ordinal + 1u; i < other->count; i++) {
			unsigned e = (unsigned)other->at[i];

			if (ls->at[g->event[e].node].op.walk != ls->at[walk->node].ordinal)
				break;
			all = set_or(all, closure(g, e));
		}
	}
	return all;
}
