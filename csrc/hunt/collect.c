/* A hunt from Python's side: poll, stop, collect, free. */
#include <stdlib.h>
#include <string.h>

#include "hunt/hunt.h"
#include "hunt/team.h"
#include "native/clock.h"
#include "native/fault.h"
#include "native/pause.h"

int vms_hunt_wait(vms_hunt *v, int timeout_ms)
{
	return runner_wait(&v->h.runner, timeout_ms);
}

void vms_hunt_stop(vms_hunt *v)
{
	runner_stop(&v->h.runner);
}

void vms_hunt_progress(const vms_hunt *v, vms_progress *out)
{
	const struct hunt *h = &v->h;
	bool over = runner_is_over(&h->runner);
	unsigned i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < h->n_teams; i++) {
		const struct team *t = &h->teams[i];
		uint64_t distinct = __atomic_load_n(&t->distinct, __ATOMIC_RELAXED);

		/* relaxed: a report, not a decision */
		out->samples += __atomic_load_n(&t->samples, __ATOMIC_RELAXED);
		out->forbidden += __atomic_load_n(&t->forbidden, __ATOMIC_RELAXED);
		out->faults += __atomic_load_n(&t->machine.n_faults, __ATOMIC_RELAXED);
		out->waits += __atomic_load_n(&t->machine.waits, __ATOMIC_RELAXED);
		if (distinct > out->distinct)
			out->distinct = distinct;
		out->group = __atomic_load_n(&t->tuned_group, __ATOMIC_RELAXED);
		out->skew = __atomic_load_n(&t->tuned_skew, __ATOMIC_RELAXED);
		out->points = __atomic_load_n(&t->tuned_points, __ATOMIC_RELAXED);
	}
	out->finished = over;
	out->elapsed_ns = (over ? h->runner.ended_ns : clock_now_ns()) - h->started_ns;
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
		const struct fault_table *table = &v->h.teams[i].machine.faults;

		for (k = 0; k < table->n && written < n; k++)
			out[written++] = table->rows[k];
	}
	return written;
}

int vms_hunt_error(const vms_hunt *v, vms_error *err)
{
	*err = v->h.runner.error;
	return err->status;
}

void vms_hunt_free(vms_hunt *v)
{
	struct hunt *h = &v->h;
	unsigned i, a;

	vms_hunt_stop(v);
	for (i = 0; h->teams && i < h->n_teams; i++) {
		const struct machine *m = &h->teams[i].machine;

		for (a = 0; m->threads && a < h->per_team; a++) {
			if (m->threads[a])
				pthread_join(m->threads[a], NULL);
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
	runner_destroy(&h->runner);
	free(v);
}
