/* Starting a hunt: everything that can be refused is refused before a thread runs. */
#include <stdlib.h>
#include <string.h>

#include "arch/host.h"
#include "error.h"
#include "hunt/hunt.h"
#include "hunt/team.h"
#include "native/clock.h"
#include "native/fault.h"
#include "native/pause.h"
#include "native/rcu.h"

static int check_params(const vms_hunt_config *c, vms_error *err)
{
	const struct scenario *s = c->scenario->plain[0];
	unsigned i;

	for (i = 0; i < s->n_params; i++) {
		const struct param *p = &s->params[i];

		if (c->params[i] < p->low || c->params[i] > p->high)
			return vms_fail(err, VMS_EINVAL,
					"parameter %s of %s: %d is not in %d..%d", p->name,
					s->name, c->params[i], p->low, p->high);
	}
	return VMS_OK;
}

static int check_config(const vms_hunt_config *c, vms_error *err)
{
	int per_team;

	if (!c->scenario)
		return vms_fail(err, VMS_EINVAL, "no scenario given");
	if (check_params(c, err) || vms_check_knobs(c->knobs, err))
		return VMS_EINVAL;
	if (c->atomics == VMS_ATOMICS_LSE && arch_has_lse() <= 0)
		return vms_fail(err, VMS_EUNSUPPORTED,
				"--atomics lse: this CPU has no LSE (HWCAP_ATOMICS); use llsc or auto");
	if (c->scenario->plain[0]->flags & SCENARIO_MODEL_ONLY)
		return vms_fail(err, VMS_EUNSUPPORTED,
				"%s: hardware keeps no stale translation for user space, so real "
				"threads cannot show this; use verify", c->scenario->plain[0]->name);
	per_team = vms_scenario_threads(c->scenario, c->params);
	if (per_team > KAPI_MAX_ACTORS)
		return vms_fail(err, VMS_EINVAL, "%s needs %d actors, the limit is %d",
				c->scenario->plain[0]->name, per_team, KAPI_MAX_ACTORS);
	if (c->n_threads < per_team || c->n_threads % per_team)
		return vms_fail(err, VMS_EINVAL,
				"threads: %s needs a multiple of %d, got %d",
				c->scenario->plain[0]->name, per_team, c->n_threads);
	if (c->batch < 0 || c->batch > 1 << 20)
		return vms_fail(err, VMS_EINVAL, "batch: %d is not in 1..%d", c->batch, 1 << 20);
	return VMS_OK;
}

static int32_t param_by_name(const vms_hunt_config *c, const char *name)
{
	const struct scenario *s = c->scenario->plain[0];
	unsigned i;

	for (i = 0; i < s->n_params; i++) {
		if (!strcmp(s->params[i].name, name))
			return c->params[i];
	}
	return 0;
}

static void fill_actors(const struct scenario *s, const int32_t *params,
			const struct actor **actors)
{
	unsigned i, n = 0;
	int times;

	for (i = 0; i < s->n_actors; i++) {
		const struct actor *a = &s->actors[i];

		for (times = a->times_param ? params[a->times_param - 1] : 1; times > 0; times--)
			actors[n++] = a;
	}
}

static void prepare_team(struct hunt *h, unsigned i)
{
	struct team *t = &h->teams[i];
	unsigned variant = vms_variant(h->config.atomics);

	t->hunt = h;
	t->index = i;
	t->n_actors = h->per_team;
	t->plain = h->scenario->plain[variant];
	t->points = h->scenario->points[variant];
	t->seed = mix64(h->config.seed ^ mix64(i + 1));
	fill_actors(t->plain, h->config.params, t->actors);
	fill_actors(t->points, h->config.params, t->point_actors);
}

static struct hunt *allocate(const vms_hunt_config *c, vms_error *err)
{
	vms_hunt *v = calloc(1, sizeof(*v));
	struct hunt *h = v ? &v->h : NULL;

	if (!h) {
		vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
		return NULL;
	}
	runner_create(&h->runner);
	h->config = *c;
	h->scenario = c->scenario;
	h->per_team = (unsigned)vms_scenario_threads(c->scenario, c->params);
	h->n_teams = (unsigned)c->n_threads / h->per_team;
	_Static_assert(sizeof(struct regime) <= sizeof(c->knobs), "a knob is one int32_t");
	memcpy(&h->regime, c->knobs, sizeof(h->regime));
	h->membarrier = c->membarrier && rcu_have_membarrier();
	h->gigantic = param_by_name(c, "gigantic") != 0;
	h->teams = calloc(h->n_teams, sizeof(*h->teams));
	h->stats = calloc((size_t)c->n_threads, sizeof(*h->stats));
	if (!h->teams || !h->stats) {
		vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %d threads", c->n_threads);
		vms_hunt_free(v);
		return NULL;
	}
	return h;
}

static int start_thread(struct hunt *h, struct team *t, unsigned a, vms_error *err)
{
	unsigned i = t->index * h->per_team + a;
	vms_thread_stat *s = &h->stats[i];
	pthread_t *thread = &t->machine.threads[a];
	int status;

	s->cpu = h->config.cpus ? h->config.cpus[i] : -1;
	status = runner_start(&h->runner, thread, s->cpu, team_thread, &t->machine.cpus[a], err);
	if (status)
		*thread = 0;
	return status;
}

/* A team of which a thread could not start must not wait for it for ever: actors
 * that do exist are held back until all do. */
static int start_threads(struct hunt *h, vms_error *err)
{
	unsigned i, a;
	int status = VMS_OK;

	for (i = 0; i < h->n_teams && !status; i++) {
		for (a = 0; a < h->per_team && !status; a++)
			status = start_thread(h, &h->teams[i], a, err);
	}
	if (status) {
		/* let the incomplete teams go: nobody has passed the gate */
		for (i = 0; i < h->n_teams; i++)
			h->teams[i].stop = true;
	}
	h->config.cpus = NULL; /* the caller's */
	runner_open(&h->runner);
	return status;
}

static int start(struct hunt *h, vms_error *err)
{
	unsigned i;
	int status;

	status = pause_install(err);
	if (status)
		return status;
	status = fault_install(err);
	if (status) {
		pause_uninstall();
		return status;
	}
	h->handlers = true;
	for (i = 0; i < h->n_teams; i++) {
		prepare_team(h, i);
		status = team_create(&h->teams[i], err);
		if (status)
			return status;
	}
	h->started_ns = clock_now_ns();
	return start_threads(h, err);
}

vms_hunt *vms_hunt_start(const vms_hunt_config *config, vms_error *err)
{
	struct hunt *h;

	memset(err, 0, sizeof(*err));
	if (check_config(config, err))
		return NULL;
	h = allocate(config, err);
	if (!h)
		return NULL;
	if (start(h, err)) {
		vms_hunt_free((vms_hunt *)h);
		return NULL;
	}
	return (vms_hunt *)h;
}
