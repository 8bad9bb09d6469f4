#include "loops/remap/remap.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "native/clock.h"

#define IDLE_NS 1000000

/* ---- what the settings mean ---- */

/* Of the regime that a guard stands for, and the wait of its fault handler. */
static const struct {
	int window, wait;
} guard_means[] = {
	[GUARD_OPEN] = { WINDOW_OPEN, FAULT_WAIT_SPIN },
	[GUARD_WAIT_SPIN] = { WINDOW_FAULT_WAIT, FAULT_WAIT_SPIN },
	[GUARD_WAIT_FUTEX] = { WINDOW_FAULT_WAIT, FAULT_WAIT_FUTEX },
	[GUARD_RETRY] = { WINDOW_FAULT_WAIT, FAULT_WAIT_RETRY },
	[GUARD_PAUSE] = { WINDOW_PAUSE, FAULT_WAIT_SPIN },
	[GUARD_STOP] = { WINDOW_STOP, FAULT_WAIT_SPIN },
};

static struct regime regime_of(const struct remap *m, const int32_t *settings)
{
	struct regime r = {
		.tail = TAIL_READ_ONLY_ALIAS, .get_guard = GUARD_COUNT_THEN_FAKE_HEAD,
		.get_rcu = 1, .freeze = 1, .grace_after_freeze = 1, .publish_barrier = 1,
		.pause_ack = 1,
	};

	if (!m->how->replace && settings[SET_GRACE])
		r.grace_period = GRACE_BEFORE_REMAP;
	if (m->how->breaks) {
		r.replace = REPLACE_BREAK_BEFORE_MAKE;
		r.window = guard_means[settings[SET_GUARD]].window;
	}
	return r;
}

/* ---- set up ---- */

/* Every page that can be shown counts from 1: 0 is frozen. */
static void start_counts(struct remap *m)
{
	const struct mmu *mmu = &m->field.crew.machine.mmu;
	unsigned i, n = m->field.blocks * m->field.vmemmap_pages;

	for (i = 0; i < n; i++)
		((struct page *)mmu_frame(mmu, mmu->ptes[i].frame))->private = 1;
}

static int set_up(struct remap *m, const struct loop_run *run, vms_error *err)
{
	const int32_t *s = run->config.settings;
	struct regime regime = regime_of(m, s);
	bool gigantic = m->what == WHAT_1G;
	unsigned pages = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), gigantic);
	unsigned blocks = m->batch, i;
	int status;

	if (m->how->replace && m->what == WHAT_PAGE)
		blocks = (m->batch + pages - 1) / pages;
	status = field_create(&m->field, run, &regime, gigantic, blocks, err);
	if (status)
		return status;
	if (m->how->replace)
		field_lay_out(&m->field);
	m->field.crew.machine.mmu.map = m->how->map;
	for (i = 0; i < run->n_threads && m->how->breaks; i++)
		m->field.crew.machine.cpus[i].fault_wait =
			(uint32_t)guard_means[s[SET_GUARD]].wait;
	start_counts(m);
	m->n_watchers = run->n_threads;
	m->watchers = watchers_create(m->n_watchers, blocks * pages);
	if (!m->watchers)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u threads",
				run->n_threads);
	if (m->what == WHAT_PAGE && !m->how->replace)
		status = remap_pages_prepare(m, err);
	if (!status && m->how->prepare)
		status = m->how->prepare(m, err);
	remapper_init(&m->remapper, run, m->batch, (uint64_t)s[SET_RATE]);
	return status;
}

void remap_destroy(struct loop_run *run)
{
	struct remap *m = remap_of(run);

	if (!m)
		return;
	if (m->how->finish)
		m->how->finish(m);
	watchers_destroy(m->watchers, m->n_watchers);
	field_destroy(&m->field);
	free(m->spare);
	free(m->shown);
	free(m);
	run->shared = NULL;
}

int remap_create(struct loop_run *run, const struct strategy *how, vms_error *err)
{
	const int32_t *s = run->config.settings;
	const char *lack = how->lacks ? how->lacks(s[SET_WHAT]) : NULL;
	struct remap *m;
	int status;

	if (lack)
		return vms_fail(err, VMS_EUNSUPPORTED, "%s", lack);
	m = calloc(1, sizeof(*m));
	if (!m)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	m->how = how;
	m->uffd = -1;
	m->what = (enum remap_what)s[SET_WHAT];
	m->batch = (unsigned)s[SET_BATCH];
	m->reader = (enum watcher_kind)s[SET_READER];
	m->direction = how->replace ? DIRECTION_BOTH : (enum remap_direction)s[SET_DIRECTION];
	/* the head of a huge page on a journey is copied, and its count with it */
	if (m->reader == WATCH_CAS && !how->replace && m->what != WHAT_PAGE)
		m->reader = WATCH_GET;
	run->shared = m;
	status = set_up(m, run, err);
	if (status)
		remap_destroy(run);
	return status;
}

/* ---- the readers ---- */

void remap_enter(struct loop_thread *t)
{
	struct remap *m = remap_of(t->run);
	unsigned pages = m->field.vmemmap_pages, n = m->field.blocks, stride = pages;
	struct watcher *w = &m->watchers[t->index];

	if (m->how->replace && m->what == WHAT_PAGE)
		n = m->batch, stride = 1;
	else if (m->what != WHAT_PAGE && (m->how->replace || m->reader == WATCH_LOAD))
		n *= pages, stride = 1; /* every vmemmap page */
	watcher_enter(w, &m->field, t, n, stride, (uint64_t)t->run->config.settings[SET_PACE]);
}

void remap_leave(struct loop_thread *t)
{
	struct remap *m = remap_of(t->run);

	/* the remapper brings no page back any more: nobody may wait for one */
	if (t->role == 1)
		remap_close_uffd(m);
	crew_leave(&m->field.crew, t);
}

static void read_work(struct loop_thread *t, uint64_t n)
{
	struct remap *m = remap_of(t->run);

	watcher_work(&m->watchers[t->index], m->reader, n);
}

/* ---- the remapper ---- */

struct turn {
	struct remap *m;
	uint64_t ns;
	bool done;
};

static void one_batch(void *argument)
{
	struct turn *turn = argument;
	struct remap *m = turn->m;

	if (m->how->replace)
		turn->done = remap_in_place(m, &turn->ns);
	else if (m->what == WHAT_PAGE)
		turn->done = remap_pages(m, &turn->ns);
	else
		turn->done = remap_journeys(m, &turn->ns);
}

static uint64_t saved_by_one(const struct remap *m)
{
	if (m->what == WHAT_PAGE || m->how->replace)
		return 0;
	return (uint64_t)(m->field.vmemmap_pages - 1) * m->field.crew.machine.mmu.page_size;
}

static void count(struct loop_thread *t)
{
	struct remap *m = remap_of(t->run);

	t->counters[COUNT_SYSTEM_CALLS] =
		(double)(m->field.crew.machine.mmu.calls + m->in_place_calls);
	t->counters[COUNT_SAVED] += (double)(saved_by_one(m) * m->batch);
	t->counters[COUNT_FREEZE_RETRIES] = (double)m->field.freeze_retries;
}

static void remap_work(struct loop_thread *t, uint64_t n)
{
	struct remap *m = remap_of(t->run);
	struct crew *c = &m->field.crew;

	for (; remapper_owes(&m->remapper, n) && !crew_is_oopsed(c) && !m->failure[0]; n = 0) {
		uint64_t turn = remapper_turn(&m->remapper);
		struct turn it = { m, 0, false };

		if (!crew_guarded(c, one_batch, &it) || !it.done)
			return;
		if (turn)
			it.ns = clock_now_ns() - turn;
		histogram_add(t->histograms[HISTOGRAM_REMAP], it.ns);
		count(t);
		crew_let_run(c);
	}
}

static void idle_work(struct loop_thread *t, uint64_t n)
{
	const struct timespec nap = { 0, IDLE_NS };

	(void)t;
	(void)n;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}

void (*remap_work_of(const struct loop_run *run, uint32_t role))(struct loop_thread *, uint64_t)
{
	if (role != 1)
		return read_work;
	return remap_of(run)->how->idles ? idle_work : remap_work;
}

/* ---- the oracle ---- */

/* What the pages have counted. */
static uint64_t counted(const struct remap *m)
{
	const struct mmu *mmu = &m->field.crew.machine.mmu;
	unsigned pages = m->field.vmemmap_pages, i;
	uint64_t sum = 0;

	for (i = 0; m->how->replace && i < m->field.blocks * pages; i++)
		sum += remap_count_at(remap_address(m, i));
	for (i = 0; i < m->field.blocks && !m->how->replace; i++)
		sum += remap_count_at(mmu_frame(mmu, mmu->ptes[i * pages].frame)) +
		       (m->spare ? remap_count_at(mmu_frame(mmu, m->spare[i])) : 0);
	return sum;
}

static const char *check_counts(const struct remap *m, struct loop_run *run)
{
	uint64_t added = 0, sum;
	unsigned i;

	if (m->reader != WATCH_CAS)
		return NULL;
	for (i = 0; i < m->n_watchers; i++)
		added += m->watchers[i].added;
	sum = counted(m) + (m->how->hidden ? m->how->hidden(m) : 0);
	if (sum == added)
		return NULL;
	snprintf(run->verdict, sizeof(run->verdict),
		 "%llu compare-and-swaps won, the pages have counted %llu (I6)",
		 (unsigned long long)added, (unsigned long long)sum);
	return run->verdict;
}

const char *remap_check(struct loop_run *run)
{
	struct remap *m = remap_of(run);
	const char *wrong = m->failure[0] ? m->failure : watchers_check(m->watchers,
									m->n_watchers, run);

	if (!wrong)
		wrong = field_check(&m->field, run);
	return wrong ? wrong : check_counts(m, run);
}
