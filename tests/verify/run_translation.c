/* A program with page-table operations as a scenario of the search. */
#include "translation.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "model/explore.h"

struct words {
	uint64_t word[T_WORDS];
};

static const struct t_program *now;
static struct t_outcomes *into;
/* Facts of the machine that are the same in every run. */
static frame_t frames[T_FRAMES];

static const struct site nowhere = { .file = "translation", .function = "translation",
				     .operation = "operation", .line = 1 };

static uint64_t *page_word(unsigned page)
{
	return (uint64_t *)(mach_vmemmap() + page * mach_page_size());
}

static uint64_t *frame_word(unsigned frame)
{
	return mach_frame_va(frames[frame]);
}

static unsigned shown(uint64_t value)
{
	return value < T_FREED ? (unsigned)value : value == PATTERN_NEVER ? T_NEVER : T_FREED;
}

static struct page_image image_of(unsigned value)
{
	return (struct page_image){ .flags = value };
}

static void execute_entries(const struct t_op *o)
{
	enum mach_prot prot = (o->kind == T_ALIAS ? o->b : o->c) ? MACH_RW : MACH_RO;

	if (o->kind == T_SET)
		mach_pte_set(o->a, 1, frames[o->b], prot, &nowhere);
	else if (o->kind == T_ALIAS)
		mach_pte_alias(0, T_PAGES, frames[o->a], prot, &nowhere);
	else if (o->kind == T_CLEAR)
		mach_pte_clear(o->a, 1, &nowhere);
	else if (o->a == T_PAGES)
		mach_tlb_flush(0, T_PAGES, &nowhere);
	else
		mach_tlb_flush(o->a, 1, &nowhere);
}

static void execute_frames(const struct t_op *o)
{
	struct page_image image = image_of(o->b);

	if (o->kind == T_FREE)
		mach_frame_free(frames[o->a], 1, &nowhere);
	else if (o->kind == T_FILL)
		mach_frame_fill(frames[o->a], 0, 1, &image, &nowhere);
	else
		mach_frame_copy(frames[o->a], frames[o->b], &nowhere);
}

static void execute_sync(const struct t_op *o)
{
	switch (o->kind) {
	case T_MB:
		mach_fence(MACH_MB, &nowhere);
		break;
	case T_IRQ_OFF:
		mach_irq_disable(&nowhere);
		break;
	case T_IRQ_ON:
		mach_irq_enable(&nowhere);
		break;
	case T_RCU_LOCK:
		mach_rcu_read_lock(&nowhere);
		break;
	case T_RCU_UNLOCK:
		mach_rcu_read_unlock(&nowhere);
		break;
	case T_GRACE:
		mach_synchronize_rcu(&nowhere);
		break;
	case T_PAUSE:
		mach_pause_others(true, &nowhere);
		break;
	default:
		mach_resume_others(&nowhere);
	}
}

/* True: it read a value. */
static bool execute_access(struct words *w, const struct t_op *o, unsigned *value)
{
	switch (o->kind) {
	case T_LOAD:
		*value = shown(mach_load(page_word(o->a), MACH_RELAXED, &nowhere));
		return true;
	case T_STORE:
		mach_store(page_word(o->a), o->b, MACH_RELAXED, &nowhere);
		return false;
	case T_XCHG:
		*value = shown(mach_xchg(page_word(o->a), o->b, MACH_FULL, &nowhere));
		return true;
	case T_WORD_LOAD:
		*value = shown(mach_load(&w->word[o->a], MACH_RELAXED, &nowhere));
		return true;
	case T_WORD_STORE:
		mach_store(&w->word[o->a], o->b, MACH_RELAXED, &nowhere);
		return false;
	case T_FRAME_LOAD:
		*value = shown(mach_load(frame_word(o->a), MACH_RELAXED, &nowhere));
		return true;
	default:
		mach_store(frame_word(o->a), o->b, MACH_RELAXED, &nowhere);
		return false;
	}
}

static unsigned cpu(void *state)
{
	unsigned me = mach_actor(), reads = 0, n = 0, value;

	frames[T_PAGES + me] = mach_frame_alloc(1, &nowhere);
	for (unsigned i = 0; i < now->n[me]; i++) {
		const struct t_op *o = &now->op[me][i];

		if (o->kind <= T_FRAME_STORE) {
			if (execute_access(state, o, &value))
				reads |= value << (4 * n++);
		} else if (o->kind <= T_COPY) {
			execute_frames(o);
		} else if (o->kind <= T_FLUSH) {
			execute_entries(o);
		} else {
			execute_sync(o);
		}
		/* what is tested is the order of translations, not of data */
		if (now->model == T_ARM64)
			mach_fence(MACH_MB, &nowhere);
	}
	return reads;
}

static void init(void *state)
{
	struct page_image image;

	(void)state;
	into->n = 0; /* a search that starts again forgets what it found */
	for (unsigned i = 0; i < T_PAGES; i++) {
		image = image_of(i + 1);
		frames[i] = mach_frame_of(i);
		mach_frame_fill(frames[i], 0, 1, &image, &nowhere);
	}
}

/* Which of the frames an entry shows, counted from 1. An entry that is not present
 * shows frame 0, which is none of them; one that nobody walks is not asked. */
static unsigned entry_shown(unsigned page)
{
	frame_t f;

	if (!t_walked(now, page))
		return 0;
	f = mach_frame_of(page);
	for (unsigned i = 0; i < T_FRAMES; i++) {
		if (i < T_PAGES + now->cpus && f == frames[i])
			return i + 1;
	}
	return 0;
}

static unsigned check(void *state, const unsigned *results)
{
	struct words *w = state;
	struct t_outcome o = { { 0 }, 0, 0 };
	unsigned word[T_WORDS], frame[T_FRAMES] = { 0 }, entry[T_PAGES];

	for (unsigned i = 0; i < T_WORDS; i++)
		word[i] = shown(mach_load(&w->word[i], MACH_RELAXED, &nowhere));
	for (unsigned i = 0; i < T_PAGES + now->cpus; i++)
		frame[i] = shown(mach_load(frame_word(i), MACH_RELAXED, &nowhere));
	for (unsigned i = 0; i < T_PAGES; i++)
		entry[i] = entry_shown(i);
	for (unsigned i = 0; i < now->cpus; i++)
		o.reads[i] = results[i];
	o.final = t_final(word, frame, entry);
	t_outcomes_add(into, &o);
	return 0;
}

static const struct outcome only = { "any", "any", GRADE_OK, 0, 0 };
static const struct param cpus_param = { "cpus", "", 1, T_CPUS, 2 };
static const struct actor actors[] = { { "cpu", "", cpu, NULL, 1 } };
static const struct scenario translation = {
	.abi = KAPI_ABI, .size = sizeof(struct scenario), .name = "translation",
	.flags = SCENARIO_VMEMMAP, .params = &cpus_param, .n_params = 1, .actors = actors,
	.n_actors = 1, .outcomes = &only, .n_outcomes = 1,
	.state_size = sizeof(struct words), .init = init, .check = check,
};

static uint32_t hazards_of(const struct explore *x, struct t_outcomes *out)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < x->n_found; i++) {
		const struct found *f = &x->found[i];

		if (f->kind == VIOLATION_DEADLOCK)
			all |= T_DEADLOCK;
		else if (f->kind == VIOLATION_HAZARD && f->hazard)
			all |= 1u << f->hazard;
		else
			out->full = true; /* nothing that these programs can do */
	}
	return all;
}

void translation_search(const struct t_program *p, bool broken, struct t_outcomes *out)
{
	static const enum memory_model models[] = { MODEL_SC, MODEL_TSO, MODEL_ARM64 };
	int params[8] = { (int)p->cpus };
	struct regime regime;
	struct explore *x = calloc(1, sizeof(*x));

	memset(&regime, 0, sizeof(regime));
	regime.replace = p->replace;
	regime.window = p->window;
	regime.flush = p->flush;
	now = p;
	into = out;
	out->n = 0;
	out->full = false;
	x->scenario = &translation;
	x->regime = &regime;
	x->params = params;
	x->kind = models[p->model];
	x->preemptions = -1;
	x->limit = 200000;
	x->twin_drop_revisit = broken;
	explore_run(x);
	out->executions = x->executions;
	out->hazards = hazards_of(x, out);
	out->full |= x->bounded;
	explore_end(x);
	free(x);
}
