#include "loops/crew/watcher.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE_NS 1000000
/* Back to back; the counter costs more than an access. */
#define LOOK_EVERY 16

struct watcher *watchers_create(unsigned n, unsigned span)
{
	struct watcher *w;
	unsigned i;

	if (posix_memalign((void **)&w, ARCH_CACHELINE, n * sizeof(*w)))
		return NULL;
	memset(w, 0, n * sizeof(*w));
	for (i = 0; i < n; i++) {
		w[i].seen = calloc(span, sizeof(*w[i].seen));
		if (!w[i].seen) {
			watchers_destroy(w, i);
			return NULL;
		}
	}
	return w;
}

void watchers_destroy(struct watcher *w, unsigned n)
{
	unsigned i;

	for (i = 0; w && i < n; i++)
		free(w[i].seen);
	free(w);
}

void watcher_enter(struct watcher *w, struct field *f, struct loop_thread *t, unsigned span,
		   unsigned stride, uint64_t pace_ns)
{
	double per_ns = f->crew.cycles_per_ns;

	w->t = t;
	w->f = f;
	w->cpu = crew_enter(&f->crew, t);
	w->cpu->site = KAPI_SITE("an access of a reader");
	w->span = span;
	w->stride = stride;
	w->at = t->index % span; /* not all on one page */
	w->ns_per_cycle = 1 / per_ns;
	w->pace = (uint64_t)((double)pace_ns * per_ns);
	w->least = (uint64_t)(STALL_NS * per_ns);
	w->last = w->next = arch_cycles();
}

/* ---- what one access is ---- */

#define WATCHER_INLINE static inline __attribute__((always_inline))

WATCHER_INLINE unsigned advance(struct watcher *w)
{
	unsigned at = w->at;

	w->at = at + 1 < w->span ? at + 1 : 0;
	return at;
}

static __attribute__((noinline, cold)) void meet_wrong(struct watcher *w, unsigned at,
						       struct stamp s)
{
	w->bad = s;
	w->bad_vpn = at * w->stride;
	w->wrong = true;
	w->left = 1; /* this was the last access */
}

WATCHER_INLINE void access_load(struct watcher *w)
{
	unsigned at = advance(w);
	struct stamp s = stamp_read(crew_page(w->cpu, at * w->stride));

	if (__builtin_expect(!stamp_is_good(s, w->seen[at]), 0))
		meet_wrong(w, at, s);
	else
		w->seen[at] = s.first; /* a page that changes in place shows it last */
}

/* A count that is 0 while the page is on its way; it only grows otherwise. */
WATCHER_INLINE void access_cas(struct watcher *w)
{
	unsigned long *count = &crew_page(w->cpu, advance(w) * w->stride)->private;
	unsigned long seen = __atomic_load_n(count, __ATOMIC_RELAXED), old;

	do {
		old = seen;
		if (!old) {
			w->t->refused++;
			return;
		}
		seen = arch_cmpxchg64_full((uint64_t *)count, old, old + 1);
		w->t->retries += seen != old;
	} while (seen != old);
	w->added++;
}

WATCHER_INLINE void access_lookup(struct watcher *w)
{
	struct page *page = filemap_get_entry(&w->f->slots[advance(w)]);

	if (!page) {
		w->t->refused++;
		return;
	}
	w->sink += READ_ONCE(page->flags);
	folio_put(page);
}

/* By a pointer that was found long ago, as a late lookup has it. */
WATCHER_INLINE void access_get(struct watcher *w)
{
	struct page *page = crew_page(w->cpu, advance(w) * w->stride);

	if (folio_try_get(page))
		folio_put(page);
	else
		w->t->refused++;
}

/* ---- the loop around it ---- */

WATCHER_INLINE void wait_for_turn(struct watcher *w)
{
	/* signed: may have begun already */
	while ((int64_t)(arch_cycles() - w->next) < 0) {
		if (loop_stopping(w->f->run))
			return;
		arch_cpu_relax();
	}
}

WATCHER_INLINE void note_paced(struct watcher *w, uint64_t now)
{
	int64_t late = (int64_t)(now - w->next); /* negative: told to stop while it waited */
	uint64_t begin = (int64_t)(w->next - w->last) > 0 ? w->next : w->last;

	crew_beat(w->cpu);
	histogram_add(w->stalls, late > 0 ? (uint64_t)((double)late * w->ns_per_cycle) : 0);
	if (late > 0 && now - begin >= w->least)
		w->stalled_ns += (double)(now - begin) * w->ns_per_cycle;
	w->next += w->pace;
	w->last = now;
}

WATCHER_INLINE void note_gap(struct watcher *w, uint64_t now)
{
	uint64_t gap = now - w->last;

	crew_beat(w->cpu);
	w->last = now;
	if (__builtin_expect(gap < w->least || (int64_t)gap < 0, 1))
		return;
	gap = (uint64_t)((double)gap * w->ns_per_cycle);
	histogram_add(w->stalls, gap);
	w->stalled_ns += (double)gap;
}

#define WATCHER_BODY(kind)                                       \
	static void body_##kind(void *argument)                  \
	{                                                        \
		struct watcher *w = argument;                    \
		unsigned i;                                      \
                                                                 \
		while (w->left && w->pace) {                     \
			wait_for_turn(w);                        \
			access_##kind(w);                        \
			note_paced(w, arch_cycles());            \
			w->left--;                               \
		}                                                \
		while (w->left) {                                \
			for (i = 0; i < LOOK_EVERY && w->left; i++) { \
				access_##kind(w);                \
				w->left--;                       \
			}                                        \
			note_gap(w, arch_cycles());              \
		}                                                \
	}

WATCHER_BODY(load)
WATCHER_BODY(cas)
WATCHER_BODY(lookup)
WATCHER_BODY(get)

static void (*const bodies[])(void *) = {
	[WATCH_LOAD] = body_load,
	[WATCH_CAS] = body_cas,
	[WATCH_LOOKUP] = body_lookup,
	[WATCH_GET] = body_get,
};

static void idle(void)
{
	const struct timespec nap = { 0, IDLE_NS };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}

void watcher_work(struct watcher *w, enum watcher_kind kind, uint64_t n)
{
	struct loop_thread *t = w->t;

	w->stalls = t->histograms[0];
	if (kind == WATCH_IDLE) {
		crew_beat(w->cpu);
		idle();
		return;
	}
	if (crew_is_oopsed(&w->f->crew) || w->wrong) {
		crew_beat(w->cpu);
		sched_yield(); /* the run is void; it only waits for its end */
		return;
	}
	for (w->left = n; w->left && !crew_is_oopsed(&w->f->crew);) {
		if (!crew_guarded(&w->f->crew, bodies[kind], w))
			w->left--; /* the access that was cut off */
	}
	t->counters[COUNT_FAULTS] = (double)w->cpu->faults;
	t->counters[COUNT_STALLED_NS] = w->stalled_ns;
}

const char *watchers_check(const struct watcher *w, unsigned n, struct loop_run *run)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!w[i].wrong)
			continue;
		snprintf(run->verdict, sizeof(run->verdict),
			 "a reader saw vmemmap page %u torn, stale or not its own: stamps %#llx "
			 "and %#llx", w[i].bad_vpn, (unsigned long long)w[i].bad.first,
			 (unsigned long long)w[i].bad.second);
		return run->verdict;
	}
	return NULL;
}
