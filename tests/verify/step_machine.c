/*
 * Every interleaving of a machine with a page table, TLBs and (tso) store buffers.
 *
 * One memory, a page table in it, for each CPU a TLB that any entry may come into
 * at any time and be lost from at any time. No reduction but "this state was seen".
 * The numbers in the comments are the rules of docs/translations.md.
 */
#include "step_machine.h"

#include <stdlib.h>
#include <string.h>

#include "visited.h"

/* As csrc/kapi/regime.h counts the choices of replace, window and flush. */
enum { REPLACED_AT_ONCE, BROKEN_BEFORE_MADE, IN_PLACE };
enum { OPEN, FAULT_WAITS, PAUSED, STOPPED };
enum { NEVER_FLUSHED = 2 };

#define STATES_MAX (VISITED_SLOTS / 2 - 1)

struct machine {
	const struct t_program *p;
	struct t_outcomes *out;
	unsigned twin;
	struct visited seen;
};

static void visit(struct machine *m, const struct s_state *s);

static bool is(const struct machine *m, enum twin twin)
{
	return m->twin == (unsigned)twin;
}

static unsigned bit(unsigned cpu)
{
	return 1u << cpu;
}

static void die(struct s_state *s, unsigned cpu, unsigned hazard)
{
	s->hazard[cpu] = (uint8_t)hazard;
}

static unsigned freed_hazard(const struct machine *m, bool write)
{
	return m->p->flush == NEVER_FLUSHED ? 10 : write ? 8 : 9;
}

/* ---- memory ---- */

static void write_entry(struct machine *m, struct s_state *s, unsigned cpu, unsigned page,
			unsigned value)
{
	s->entry[page][++s->version[page]] = (uint8_t)value;
	if (is(m, TWIN_OWN_WRITE_REACHES_TLB))
		s->tlb[cpu][page] = 0;
}

/* Rule 23: whoever writes into a freed frame through the window has lost. */
static void write_window(struct machine *m, struct s_state *s, unsigned cpu,
			 const struct s_store *store)
{
	if (s->frame[store->at] == T_FREED && !is(m, TWIN_FREED_IS_WRITABLE)) {
		die(s, cpu, freed_hazard(m, true));
		/* what it did after was never done */
		s->n_buffer[cpu] = 0;
		memset(s->buffer[cpu], 0, sizeof(s->buffer[cpu]));
	}
	s->frame[store->at] = store->value;
}

static void write_memory(struct machine *m, struct s_state *s, unsigned cpu,
			 const struct s_store *store)
{
	switch (store->kind) {
	case S_WORD:
		s->word[store->at] = store->value;
		break;
	case S_FRAME:
		s->frame[store->at] = store->value;
		break;
	case S_PAGE_ENTRY:
		write_entry(m, s, cpu, store->at, store->value);
		break;
	case S_WINDOW:
		write_window(m, s, cpu, store);
		break;
	case S_IRQ_OUT:
		s->irq_out[cpu]++;
		break;
	default:
		s->rcu_out[cpu]++;
	}
}

static void drain(struct machine *m, struct s_state *s, unsigned cpu)
{
	struct s_store store = s->buffer[cpu][0];

	memmove(&s->buffer[cpu][0], &s->buffer[cpu][1], sizeof(s->buffer[cpu]) - sizeof(store));
	memset(&s->buffer[cpu][S_BUFFER - 1], 0, sizeof(store));
	s->n_buffer[cpu]--;
	write_memory(m, s, cpu, &store);
}

static void put(struct machine *m, struct s_state *s, unsigned cpu, struct s_store store)
{
	if (m->p->model == T_TSO)
		s->buffer[cpu][s->n_buffer[cpu]++] = store;
	else
		write_memory(m, s, cpu, &store);
}

static bool same_word(const struct s_store *store, enum s_entry kind, unsigned at)
{
	bool frame = kind == S_FRAME;

	return store->at == at && (store->kind == kind || (frame && store->kind == S_WINDOW));
}

/* The newest own store to it that is not in memory yet, or NULL. */
static const struct s_store *forwarded(const struct s_state *s, unsigned cpu, enum s_entry kind,
				       unsigned at)
{
	for (unsigned i = s->n_buffer[cpu]; i-- > 0;) {
		if (same_word(&s->buffer[cpu][i], kind, at))
			return &s->buffer[cpu][i];
	}
	return NULL;
}

static unsigned look(const struct s_state *s, unsigned cpu, enum s_entry kind, unsigned at)
{
	const struct s_store *own = forwarded(s, cpu, kind, at);

	if (own)
		return own->value;
	return kind == S_WORD ? s->word[at] : s->frame[at];
}

static void record(struct s_state *s, unsigned cpu, unsigned value)
{
	s->reads[cpu] |= (value & 15) << (4 * s->n_reads[cpu]++);
}

/* ---- translation ---- */

struct hit {
	unsigned entry, version;
};

/* Rules 1 to 5: what an access may be translated by: what its TLB holds, and a walk. */
static unsigned translations(const struct machine *m, const struct s_state *s, unsigned cpu,
			     unsigned page, struct hit *hit)
{
	const struct s_store *own = forwarded(s, cpu, S_PAGE_ENTRY, page);
	unsigned n = 0, now = s->version[page];

	for (unsigned v = 0; v < S_VERSIONS && !is(m, TWIN_NO_TLB); v++) {
		if (s->tlb[cpu][page] >> v & 1)
			hit[n++] = (struct hit){ s->entry[page][v], v };
	}
	if (n && is(m, TWIN_NEVER_EVICTED))
		return n;
	if (own && is(m, TWIN_WALK_FORWARDS)) /* rule 11 */
		hit[n++] = (struct hit){ own->value, now };
	else if (s_entry_now(s, page) || !own || is(m, TWIN_IMPRECISE_FAULT)) /* rule 12 */
		hit[n++] = (struct hit){ s_entry_now(s, page), now };
	return n;
}

static void fill(const struct machine *m, struct s_state *s, unsigned cpu, unsigned page)
{
	if (is(m, TWIN_ONE_ENTRY))
		s->tlb[cpu][page] = 0;
	s->tlb[cpu][page] |= (uint16_t)bit(s->version[page]);
}

/* Rule 25: what is older than an entry that was used is used no more. */
static void use(const struct machine *m, struct s_state *s, unsigned cpu, unsigned page,
		unsigned version)
{
	if (version == s->version[page])
		fill(m, s, cpu, page);
	if (!is(m, TWIN_GOES_BACK))
		s->tlb[cpu][page] &= (uint16_t)~(bit(version) - 1);
}

/* Rules 16, 17: no translation. False: wait for one. */
static bool fault(const struct machine *m, struct s_state *s, unsigned cpu)
{
	bool own = s->broken[cpu] && !is(m, TWIN_NO_OWN_WINDOW);

	if (m->p->window == FAULT_WAITS && !own && !is(m, TWIN_NO_WAIT_IN_WINDOW))
		return false;
	if (own)
		die(s, cpu, 17);
	else
		die(s, cpu, m->p->window == PAUSED || m->p->window == STOPPED ? 19 : 16);
	return true;
}

static void load_frame(struct machine *m, struct s_state *s, unsigned cpu, unsigned frame)
{
	unsigned value = look(s, cpu, S_FRAME, frame);

	if (value == T_FREED)
		die(s, cpu, freed_hazard(m, false));
	else if (value == T_NEVER)
		die(s, cpu, 13);
	else
		record(s, cpu, value);
}

static void exchange_frame(struct machine *m, struct s_state *s, unsigned cpu, unsigned frame,
			   unsigned value)
{
	unsigned seen = s->frame[frame];

	s->frame[frame] = (uint8_t)value;
	if (seen == T_FREED)
		die(s, cpu, freed_hazard(m, true));
	else if (seen == T_NEVER)
		die(s, cpu, 13);
	else
		record(s, cpu, seen);
}

/* False: it cannot be made now. */
static bool access_by(struct machine *m, struct s_state *s, unsigned cpu, const struct t_op *o,
		      const struct hit *hit)
{
	unsigned frame = S_ENTRY_FRAME(hit->entry);

	if (!hit->entry)
		return fault(m, s, cpu);
	use(m, s, cpu, o->a, hit->version);
	s->pc[cpu]++;
	if (o->kind == T_LOAD) {
		load_frame(m, s, cpu, frame);
	} else if (!(hit->entry & 1) && !is(m, TWIN_NO_PERMISSION)) {
		die(s, cpu, 23);
	} else if (o->kind == T_XCHG) {
		exchange_frame(m, s, cpu, frame, o->b);
	} else {
		put(m, s, cpu, (struct s_store){ S_WINDOW, (uint8_t)frame, o->b, o->a,
						 (uint8_t)hit->version });
	}
	return true;
}

static void visit_access(struct machine *m, const struct s_state *s, unsigned cpu,
			 const struct t_op *o, bool *moved)
{
	struct hit hit[S_VERSIONS + 1];
	unsigned n = translations(m, s, cpu, o->a, hit);

	for (unsigned i = 0; i < n; i++) {
		struct s_state next = *s;

		if (!access_by(m, &next, cpu, o, &hit[i]))
			continue;
		*moved = true;
		visit(m, &next);
	}
}

/* Nothing is shown by a TLB that is not asked again. */
static bool walks_again(const struct machine *m, const struct s_state *s, unsigned cpu,
			unsigned page)
{
	for (unsigned i = s->pc[cpu]; i < m->p->n[cpu] && !s->hazard[cpu]; i++) {
		if (m->p->op[cpu][i].kind <= T_XCHG && m->p->op[cpu][i].a == page)
			return true;
	}
	return false;
}

/* Rules 2, 4: any present entry may come into a TLB at any time. */
static void visit_fills(struct machine *m, const struct s_state *s, unsigned cpu)
{
	if (is(m, TWIN_FILL_ON_ACCESS) || is(m, TWIN_NO_TLB))
		return;
	for (unsigned page = 0; page < T_PAGES; page++) {
		struct s_state next = *s;

		if (!walks_again(m, s, cpu, page) ||
		    (is(m, TWIN_NEVER_EVICTED) && s->tlb[cpu][page]))
			continue;
		if (!s_entry_now(s, page) && !is(m, TWIN_CACHE_NOT_PRESENT))
			continue;
		fill(m, &next, cpu, page);
		visit(m, &next);
	}
}

/* ---- flushes ---- */

static bool asks_for_consent(const struct machine *m)
{
	bool interrupts = m->p->model != T_ARM64 && m->p->replace == REPLACED_AT_ONCE;

	return interrupts ? !is(m, TWIN_NO_CONSENT) : is(m, TWIN_TLBI_ASKS);
}

static bool flushes(const struct t_op *o, unsigned page)
{
	return o->a == T_PAGES || o->a == page;
}

/* A store of cpu through a translation that is older than what the flush knows of. */
static bool stale_store(const struct machine *m, const struct s_state *s, unsigned flusher,
			unsigned cpu, const struct t_op *o)
{
	if (is(m, TWIN_FLUSH_DOES_NOT_WAIT))
		return false;
	for (unsigned i = 0; i < s->n_buffer[cpu]; i++) {
		const struct s_store *b = &s->buffer[cpu][i];

		if (b->kind == S_WINDOW && flushes(o, b->page) &&
		    b->version < s->flushed[flusher][b->page])
			return true;
	}
	return false;
}

/* Rules 6 to 10: one CPU gives up its translations. False: not yet. */
static bool drop(const struct machine *m, struct s_state *s, unsigned flusher, unsigned cpu,
		 const struct t_op *o)
{
	bool reached = cpu == flusher || !is(m, TWIN_LOCAL_FLUSH);

	if (cpu != flusher && asks_for_consent(m) && s->irq_out[cpu] < s->waits[flusher][cpu])
		return false;
	if (stale_store(m, s, flusher, cpu, o))
		return false;
	s->dropped[flusher] |= (uint8_t)bit(cpu);
	for (unsigned page = 0; page < T_PAGES; page++) {
		if (reached && flushes(o, page) && !is(m, TWIN_KEPT_PAST_FLUSH))
			s->tlb[cpu][page] = 0;
	}
	return true;
}

static void start_flush(const struct machine *m, struct s_state *s, unsigned cpu)
{
	for (unsigned i = 0; i < m->p->cpus; i++)
		s->waits[cpu][i] = s->irq_in[i];
	memcpy(s->flushed[cpu], s->version, sizeof(s->version));
	s->stage[cpu] = 1;
}

static void end_wait(struct s_state *s, unsigned cpu)
{
	memset(s->waits[cpu], 0, sizeof(s->waits[cpu]));
	memset(s->flushed[cpu], 0, sizeof(s->flushed[cpu]));
	s->dropped[cpu] = s->stage[cpu] = 0;
	s->pc[cpu]++;
}

static void visit_flush(struct machine *m, const struct s_state *s, unsigned cpu,
			const struct t_op *o, bool *moved)
{
	struct s_state next = *s;

	if (s->n_buffer[cpu])
		return;
	if (!s->stage[cpu]) {
		start_flush(m, &next, cpu);
		*moved = true;
		visit(m, &next);
		return;
	}
	for (unsigned i = 0; i < m->p->cpus; i++) {
		if (s->dropped[cpu] & bit(i) || !drop(m, &next, cpu, i, o))
			continue;
		if (next.dropped[cpu] == bit(m->p->cpus) - 1)
			end_wait(&next, cpu);
		*moved = true;
		visit(m, &next);
		next = *s;
	}
}

/* ---- the rest ---- */

static void enter_rcu(struct s_state *s, unsigned cpu)
{
	if (s->rcu_nest[cpu]++ == 0)
		s->rcu_in[cpu]++;
}

static void leave_rcu(struct machine *m, struct s_state *s, unsigned cpu)
{
	if (--s->rcu_nest[cpu] == 0)
		put(m, s, cpu, (struct s_store){ S_RCU_OUT, 0, 0, 0, 0 });
}

static void switch_irq(struct machine *m, struct s_state *s, unsigned cpu, bool off)
{
	if (off) {
		if (s->irq_nest[cpu]++ == 0)
			s->irq_in[cpu]++;
		if (!is(m, TWIN_IRQ_IS_NO_SECTION))
			enter_rcu(s, cpu);
		return;
	}
	if (!is(m, TWIN_IRQ_IS_NO_SECTION))
		leave_rcu(m, s, cpu);
	if (--s->irq_nest[cpu] == 0)
		put(m, s, cpu, (struct s_store){ S_IRQ_OUT, 0, 0, 0, 0 });
}

/* Rule 21: wait for the sections that are open now. */
static bool grace(const struct machine *m, struct s_state *s, unsigned cpu)
{
	if (s->n_buffer[cpu])
		return false;
	if (!s->stage[cpu]) {
		for (unsigned i = 0; i < m->p->cpus; i++)
			s->waits[cpu][i] = i == cpu ? 0 : s->rcu_in[i];
		s->stage[cpu] = 1;
		return true;
	}
	for (unsigned i = 0; i < m->p->cpus && !is(m, TWIN_NO_GRACE); i++) {
		if (s->rcu_out[i] < s->waits[cpu][i])
			return false;
	}
	end_wait(s, cpu);
	return true;
}

/* Rules 19, 20: the others stand still, each with its interrupts on. */
static bool pause_others(const struct machine *m, struct s_state *s, unsigned cpu)
{
	if (s->n_buffer[cpu] || s->paused_by)
		return false;
	for (unsigned i = 0; i < m->p->cpus && !is(m, TWIN_PAUSE_TAKES_SECTIONS); i++) {
		if (i != cpu && s->irq_in[i] != s->irq_out[i])
			return false;
	}
	s->paused_by = (uint8_t)(cpu + 1);
	s->pc[cpu]++;
	return true;
}

static bool step_sync(struct machine *m, struct s_state *s, unsigned cpu, const struct t_op *o)
{
	if (o->kind == T_GRACE)
		return grace(m, s, cpu);
	if (o->kind == T_PAUSE)
		return pause_others(m, s, cpu);
	if ((o->kind == T_MB || o->kind == T_RESUME) && s->n_buffer[cpu])
		return false;
	s->pc[cpu]++;
	if (o->kind == T_RESUME)
		s->paused_by = 0;
	else if (o->kind == T_IRQ_OFF || o->kind == T_IRQ_ON)
		switch_irq(m, s, cpu, o->kind == T_IRQ_OFF);
	else if (o->kind == T_RCU_LOCK)
		enter_rcu(s, cpu);
	else if (o->kind == T_RCU_UNLOCK)
		leave_rcu(m, s, cpu);
	return true;
}

static bool step_memory(struct machine *m, struct s_state *s, unsigned cpu, const struct t_op *o)
{
	enum s_entry kind = o->kind <= T_WORD_STORE ? S_WORD : S_FRAME;
	unsigned value = o->b;

	if (o->kind == T_COPY && !s->stage[cpu]) {
		s->seen[cpu] = (uint8_t)look(s, cpu, S_FRAME, o->b);
		s->stage[cpu] = 1;
		return true;
	}
	if (o->kind == T_WORD_LOAD || o->kind == T_FRAME_LOAD) {
		record(s, cpu, look(s, cpu, kind, o->a));
	} else {
		if (o->kind == T_FREE)
			value = T_FREED;
		else if (o->kind == T_COPY)
			value = s->seen[cpu];
		if (o->kind != T_FREE || !is(m, TWIN_FREED_KEEPS))
			put(m, s, cpu, (struct s_store){ (uint8_t)kind, o->a, (uint8_t)value, 0, 0 });
	}
	s->seen[cpu] = s->stage[cpu] = 0;
	s->pc[cpu]++;
	return true;
}

/* Rule 18: arm64 may not change a live entry in place. Looking and writing are two steps. */
static bool refuses_live(const struct machine *m, struct s_state *s, unsigned cpu, unsigned page)
{
	if (m->p->model != T_ARM64 || m->p->replace != IN_PLACE || is(m, TWIN_LIVE_CHANGE))
		return false;
	if (s->stage[cpu] & 1 || !t_walked(m->p, page)) /* who walks nowhere sees nothing */
		return false;
	s->stage[cpu] |= 1;
	if (s_entry_now(s, page))
		die(s, cpu, 18);
	return true;
}

/* An alias sets one entry after the other; stage counts them. */
static bool step_entry(struct machine *m, struct s_state *s, unsigned cpu, const struct t_op *o)
{
	bool alias = o->kind == T_ALIAS;
	unsigned page = alias ? s->stage[cpu] >> 1 : o->a, n = alias ? T_PAGES : 1, value;

	if (o->kind != T_CLEAR && refuses_live(m, s, cpu, page))
		return true;
	value = o->kind == T_CLEAR ? 0 : alias ? S_ENTRY(o->a, o->b) : S_ENTRY(o->b, o->c);
	put(m, s, cpu, (struct s_store){ S_PAGE_ENTRY, (uint8_t)page, (uint8_t)value, 0, 0 });
	if (alias && page + 1 < T_PAGES) {
		s->stage[cpu] = (uint8_t)((page + 1) << 1);
		return true;
	}
	if (o->kind == T_CLEAR)
		s->broken[cpu]++;
	else
		s->broken[cpu] = (uint8_t)(s->broken[cpu] > n ? s->broken[cpu] - n : 0);
	s->stage[cpu] = 0;
	s->pc[cpu]++;
	return true;
}

static bool stands_still(const struct machine *m, const struct s_state *s, unsigned cpu)
{
	return s->paused_by && s->paused_by != cpu + 1 && !is(m, TWIN_PAUSE_HIDES_NOTHING);
}

static void visit_cpu(struct machine *m, const struct s_state *s, unsigned cpu, bool *moved)
{
	const struct t_op *o = &m->p->op[cpu][s->pc[cpu]];
	struct s_state next = *s;
	bool can;

	if (s->pc[cpu] == m->p->n[cpu] || s->hazard[cpu] || stands_still(m, s, cpu))
		return;
	if (s->n_buffer[cpu] > S_BUFFER - 2 || (o->kind == T_XCHG && s->n_buffer[cpu]))
		return;
	if (o->kind <= T_XCHG) {
		visit_access(m, s, cpu, o, moved);
		return;
	}
	if (o->kind == T_FLUSH) {
		visit_flush(m, s, cpu, o, moved);
		return;
	}
	if (o->kind <= T_COPY)
		can = step_memory(m, &next, cpu, o);
	else if (o->kind <= T_CLEAR)
		can = step_entry(m, &next, cpu, o);
	else
		can = step_sync(m, &next, cpu, o);
	if (!can)
		return;
	*moved = true;
	visit(m, &next);
}

/* Nobody can move. */
static void finish(struct machine *m, const struct s_state *s)
{
	unsigned word[T_WORDS], frame[T_FRAMES] = { 0 }, entry[T_PAGES] = { 0 };
	struct t_outcome o = { { 0 }, 0, 0 };
	uint32_t hazards = 0;
	bool ended = true;

	for (unsigned i = 0; i < m->p->cpus; i++) {
		o.reads[i] = s->reads[i];
		ended &= s->pc[i] == m->p->n[i];
		if (s->hazard[i])
			hazards |= 1u << s->hazard[i];
	}
	/* who waits for a CPU that died is no news */
	m->out->hazards |= hazards || ended ? hazards : T_DEADLOCK;
	if (hazards || !ended)
		return;
	for (unsigned i = 0; i < T_WORDS; i++)
		word[i] = s->word[i];
	for (unsigned i = 0; i < T_PAGES + m->p->cpus; i++)
		frame[i] = s->frame[i];
	for (unsigned i = 0; i < T_PAGES; i++)
		entry[i] = t_walked(m->p, i) ? s_entry_now(s, i) >> 1 : 0;
	o.final = t_final(word, frame, entry);
	t_outcomes_add(m->out, &o);
}

static void visit(struct machine *m, const struct s_state *s)
{
	bool moved = false;

	if (m->out->full || !visited_add(&m->seen, s, sizeof(*s)))
		return;
	if (m->seen.n >= STATES_MAX) {
		m->out->full = true;
		return;
	}
	for (unsigned cpu = 0; cpu < m->p->cpus; cpu++) {
		if (s->n_buffer[cpu]) {
			struct s_state next = *s;

			drain(m, &next, cpu);
			moved = true;
			visit(m, &next);
		}
		visit_cpu(m, s, cpu, &moved);
		visit_fills(m, s, cpu);
	}
	if (!moved)
		finish(m, s);
}

void step_machine(const struct t_program *p, unsigned twin, struct t_outcomes *out)
{
	struct machine *m = calloc(1, sizeof(*m));
	struct s_state s;

	memset(&s, 0, sizeof(s));
	m->p = p;
	m->out = out;
	m->twin = twin;
	out->n = 0;
	out->full = false;
	out->hazards = 0;
	for (unsigned i = 0; i < T_FRAMES; i++)
		s.frame[i] = (uint8_t)(i < T_PAGES ? i + 1 : is(m, TWIN_NEVER_IS_ZERO) ? 0 : T_NEVER);
	for (unsigned i = 0; i < T_PAGES; i++)
		s.entry[i][0] = S_ENTRY(i, 1);
	visit(m, &s);
	free(m);
}
