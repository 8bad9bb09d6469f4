/*
 * Group `lookup`: the page cache's speculative lookup and the put, on the heads of huge
 * pages, under the protocol of a regime. Alone, or with a remapper that takes one huge
 * page after the other on a journey.
 */
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "loops/crew/remapper.h"
#include "native/clock.h"

enum { SET_PAGES, SET_PACE, SET_STATE, SET_RATE };
enum { STATE_PLAIN, STATE_OPTIMISED };

struct lookup {
	struct field field; /* first: field_of() */
	struct watcher *watchers;
	unsigned n_watchers;
	struct remapper remapper;
	unsigned next; /* huge page to take on a journey */
	uint64_t saved;
};

static struct lookup *lookup_of(const struct loop_run *run)
{
	return run->shared;
}

/* The regime as it was given: one int32_t a knob, in the order of kapi/regime.h. */
static struct regime regime_of(const struct loop_run *run)
{
	struct regime r;

	__builtin_memcpy(&r, run->config.knobs, sizeof(r));
	return r;
}

/* ---- set up ---- */

static bool go_one_way(struct field *f, unsigned block, void (*go)(struct field *, unsigned))
{
	bool there = go == field_optimise, done;

	field_aim(f, block);
	crew_stock(&f->crew, there, !there);
	done = field_withdraw(f, 1);
	if (done) {
		go(f, 1);
		field_hand_out(f, 1);
	}
	field_aim(f, 0);
	return done;
}

static void all_go(struct lookup *l, void (*go)(struct field *, unsigned))
{
	unsigned b;

	crew_borrow(&l->field.crew);
	kapi_this_cpu->absent = 0;
	for (b = 0; b < l->field.blocks; b++)
		go_one_way(&l->field, b, go);
	kapi_this_cpu->absent = 1;
	crew_return();
}

static int set_up(struct lookup *l, struct loop_run *run, vms_error *err)
{
	const int32_t *s = run->config.settings;
	struct regime regime = regime_of(run);
	unsigned pages = (unsigned)s[SET_PAGES];
	int status = field_create(&l->field, run, &regime, false, pages, err);

	if (status)
		return status;
	l->n_watchers = run->n_threads;
	l->watchers = watchers_create(l->n_watchers, pages);
	if (!l->watchers)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u threads",
				run->n_threads);
	if (run->loop->roles > 1)
		remapper_init(&l->remapper, run, 1, (uint64_t)s[SET_RATE]);
	if (s[SET_STATE] == STATE_OPTIMISED)
		all_go(l, field_optimise);
	return VMS_OK;
}

static void destroy(struct loop_run *run)
{
	struct lookup *l = lookup_of(run);

	if (!l)
		return;
	watchers_destroy(l->watchers, l->n_watchers);
	field_destroy(&l->field);
	free(l);
	run->shared = NULL;
}

static int create(struct loop_run *run, vms_error *err)
{
	struct lookup *l = calloc(1, sizeof(*l));
	int status;

	if (!l)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	run->shared = l;
	status = set_up(l, run, err);
	if (status)
		destroy(run);
	return status;
}

/* ---- the threads ---- */

static void enter(struct loop_thread *t)
{
	struct lookup *l = lookup_of(t->run);

	watcher_enter(&l->watchers[t->index], &l->field, t, l->field.blocks,
		      l->field.vmemmap_pages, (uint64_t)t->run->config.settings[SET_PACE]);
}

static void leave(struct loop_thread *t)
{
	crew_leave(&lookup_of(t->run)->field.crew, t);
}

static void lookup_work(struct loop_thread *t, uint64_t n)
{
	watcher_work(&lookup_of(t->run)->watchers[t->index], WATCH_LOOKUP, n);
}

/* From where it stands to the other form and back. */
static void one_journey(void *argument)
{
	struct lookup *l = argument;
	bool optimised = l->field.run->config.settings[SET_STATE] == STATE_OPTIMISED;

	if (!go_one_way(&l->field, l->next, optimised ? field_restore : field_optimise))
		return;
	l->field.half_way = true;
	go_one_way(&l->field, l->next, optimised ? field_optimise : field_restore);
	l->field.half_way = false;
	l->next = l->next + 1 < l->field.blocks ? l->next + 1 : 0;
}

static void remap_work(struct loop_thread *t, uint64_t n)
{
	struct lookup *l = lookup_of(t->run);
	struct crew *c = &l->field.crew;

	for (; remapper_owes(&l->remapper, n) && !crew_is_oopsed(c); n = 0) {
		uint64_t begin = remapper_turn(&l->remapper);

		if (!begin)
			begin = clock_now_ns();
		if (!crew_guarded(c, one_journey, l))
			return;
		histogram_add(t->histograms[HISTOGRAM_REMAP], clock_now_ns() - begin);
		crew_let_run(c);
		l->saved += (uint64_t)(l->field.vmemmap_pages - 1) * c->machine.mmu.page_size;
		t->counters[COUNT_SYSTEM_CALLS] = (double)c->machine.mmu.calls;
		t->counters[COUNT_SAVED] = (double)l->saved;
		t->counters[COUNT_FREEZE_RETRIES] = (double)l->field.freeze_retries;
	}
}

static void (*work(const struct loop_run *run, uint32_t role))(struct loop_thread *, uint64_t)
{
	(void)run;
	return role == 1 ? remap_work : lookup_work;
}

/* ---- the oracle ---- */

static const char *check(struct loop_run *run)
{
	struct lookup *l = lookup_of(run);
	const char *wrong;

	if (crew_is_oopsed(&l->field.crew))
		return field_check(&l->field, run);
	wrong = field_check_counts(&l->field, run);
	/* everybody has left and nobody holds a reference: this cannot wait */
	if (!wrong && run->config.settings[SET_STATE] == STATE_OPTIMISED)
		all_go(l, field_restore);
	return wrong ? wrong : field_check(&l->field, run);
}

/* ---- the loops ---- */

static const char *const states[] = { "plain", "optimised", NULL };

#define COMMON_SETTINGS                                                               \
	[SET_PAGES] = { "pages", "huge pages that are looked up in turn", NULL, 1, 512, 1, NULL }, \
	[SET_PACE] = { "pace", "nanoseconds between two lookups; 0: back to back", NULL, \
		       0, 1000000, 0, NULL },                                          \
	[SET_STATE] = { "state", "how their vmemmap stands", states, 0, 0, STATE_OPTIMISED, NULL }

#define COMMON                                                                   \
	.group = "lookup", .operation = "one lookup with its put", .uses_regime = true, \
	.chunk = 4096, .create = create, .destroy = destroy, .enter = enter,     \
	.leave = leave, .work = work, .check = check

const struct loop loop_lookup_filemap = {
	COMMON, .name = "filemap", .about = "filemap_get_entry() and folio_put()",
	.settings = { COMMON_SETTINGS },
	.counters = { WATCHER_COUNTERS }, .histograms = { "stall_ns" },
	.least_threads = 1, .roles = 1,
};

const struct loop loop_lookup_remapped = {
	COMMON, .name = "remapped",
	.about = "the same while thread 0 optimises and restores one page after the other",
	.settings = {
		COMMON_SETTINGS,
		[SET_RATE] = { "rate", "journeys a second, by the clock; 0: back to back", NULL,
			       0, 1000000, 1000, NULL },
	},
	.counters = { REMAPPER_COUNTERS }, .histograms = { REMAPPER_HISTOGRAMS },
	.least_threads = 2, .roles = 2, .chunk_remapper = 1, .look = remapper_look,
};
