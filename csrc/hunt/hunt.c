/* A hunt from Python's side: poll, stop, collect, free; and what its teams ask. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native/clock.h"
#include "hunt/hunt_state.h"

/* ---- for the teams ---- */

const vms_hunt_config *team_config(const struct team *t)
{
	return &t->hunt->config;
}

bool hunt_over(const struct hunt *h)
{
	if (__atomic_load_n(&h->stop, __ATOMIC_RELAXED))
		return true;
	if (h->config.until_found && __atomic_load_n(&h->found, __ATOMIC_RELAXED))
		return true;
	return clock_now_ns() - h->started_ns >= h->config.budget_ns;
}

void hunt_found(struct hunt *h)
{
	__atomic_store_n(&h->found, 1, __ATOMIC_RELAXED);
}

void hunt_failed(struct hunt *h, const vms_error *why)
{
	pthread_mutex_lock(&h->lock);
	if (!h->error.status)
		h->error = *why;
	pthread_mutex_unlock(&h->lock);
	__atomic_store_n(&h->stop, 1, __ATOMIC_RELAXED);
}

void hunt_thread_ends(struct hunt *h)
{
	unsigned left;

	pthread_mutex_lock(&h->lock);
	left = h->running - 1;
	if (!left)
		h->ended_ns = clock_now_ns();
	/* release: ended_ns before it; pairs with vms_hunt_progress() */
	__atomic_store_n(&h->running, left, __ATOMIC_RELEASE);
	if (!left)
		pthread_cond_broadcast(&h->ended);
	pthread_mutex_unlock(&h->lock);
}

vms_thread_stat *hunt_stat_of(const struct cpu *cpu)
{
	const struct hunt *h = cpu->team->hunt;

	return &h->stats[cpu->team->index * h->per_team + cpu->actor];
}

const struct regime *hunt_regime(const struct hunt *h)
{
	return &h->regime;
}

bool hunt_uses_membarrier(const struct hunt *h)
{
	return h->membarrier;
}

bool hunt_gigantic(const struct hunt *h)
{
	return h->gigantic;
}

uint32_t hunt_page_size(void)
{
	return (uint32_t)sysconf(_SC_PAGESIZE);
}

void hunt_gate(struct hunt *h)
{
	pthread_mutex_lock(&h->lock);
	pthread_mutex_unlock(&h->lock);
}

/* ---- poll, stop, collect ---- */

int vms_hunt_wait(vms_hunt *v, int timeout_ms)
{
	struct hunt *h = &v->h;
	struct timespec until = clock_after_ms(CLOCK_REALTIME, timeout_ms);
	int over;

	pthread_mutex_lock(&h->lock);
	while (h->running && pthread_cond_timedwait(&h->ended, &h->lock, &until) != ETIMEDOUT)
		;
	over = h->running == 0;
	pthread_mutex_unlock(&h->lock);
	return over;
}

void vms_hunt_stop(vms_hunt *v)
{
	__atomic_store_n(&v->h.stop, 1, __ATOMIC_RELAXED);
}

void vms_hunt_progress(const vms_hunt *v, vms_progress *out)
{
	const struct hunt *h = &v->h;
	/* acquire: ended_ns, if nobody runs; pairs with hunt_thread_ends() */
	bool over = __atomic_load_n(&h->running, __ATOMIC_ACQUIRE) == 0;
	unsigned i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < h->n_teams; i++) {
		const struct team *t = &h->teams[i];
		uint64_t distinct = __atomic_load_n(&t->distinct, __ATOMIC_RELAXED);

		/* relaxed: a report, not a decision */
		out->samples += __atomic_load_n(&t->samples, __ATOMIC_RELAXED);
		out->forbidden += __atomic_load_n(&t->forbidden, __ATOMIC_RELAXED);
		out->faults += __atomic_load_n(&t->n_faults, __ATOMIC_RELAXED);
		out->waits += __atomic_load_n(&t->waits, __ATOMIC_RELAXED);
		if (distinct > out->distinct)
			out->distinct = distinct;
		out->group = __atomic_load_n(&t->liked_group, __ATOMIC_RELAXED);
		out->skew = __atomic_load_n(&t->liked_skew, __ATOMIC_RELAXED);
		out->points = __atomic_load_n(&t->liked_points, __ATOMIC_RELAXED);
	}
	out->finished = over;
	out->elapsed_ns = (over ? h->ended_ns : clock_now_ns()) - h->started_ns;
}

int vms_hunt_counts(const vms_hunt *v, uint64_t *counts, int rows)
{
	const struct hunt *h = &v->h;
	unsigned i, a;
	int row, n = vms_outcome_rows(h->scenario);

	n = rows < n ? rows : n;
	memset(counts, 0, (size_t)n * sizeof(*counts));
	for (i = 0; i < h->n_teams; i++) {
		for (a = 0; a < h->per_team; a++) {
			for (row = 0; row < n; row++)
				counts[row] += __atomic_load_n(&h->teams[i].counts[a].total[row],
							       __ATOMIC_RELAXED);
		}
	}
	return n;
}

int vms_hunt_thread_stats(const vms_hunt *v, vms_thread_stat *out, int n)
{
	int have = v->h.config.n_threads;

	n = n < have ? n : have;
	memcpy(out, v->h.stats, (size_t)n * sizeof(*out));
	return n;
}

int vms_hunt_faults(const vms_hunt *v, vms_fault *out, int n)
{
	unsigned i;
	int k, written = 0;

	for (i = 0; i < v->h.n_teams; i++) {
		const struct fault_table *table = &v->h.teams[i].faults;

		for (k = 0; k < table->n && written < n; k++)
			out[written++] = table->rows[k];
	}
	return written;
}

int vms_hunt_error(const vms_hunt *v, vms_error *err)
{
	*err = v->h.error;
	return err->status;
}

void vms_hunt_free(vms_hunt *v)
{
	struct hunt *h = &v->h;
	unsigned i, a;

	vms_hunt_stop(v);
	for (i = 0; h->teams && i < h->n_teams; i++) {
		for (a = 0; a < h->per_team; a++) {
			if (h->teams[i].threads[a])
				pthread_join(h->teams[i].threads[a], NULL);
		}
	}
	for (i = 0; h->teams && i < h->n_teams; i++)
		team_destroy(&h->teams[i]);
	if (h->handlers) {
		fault_uninstall();
		pause_uninstall();
	}
	free(h->teams);
	free(h->stats);
	pthread_cond_destroy(&h->ended);
	pthread_mutex_destroy(&h->lock);
	free(v);
}
