/* The C face of the search; see api.cdef.h for the contract. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/explore.h"
#include "model/registry.h"
#include "model/repeated.h"
#include "model/script.h"
#include "error.h"


struct vms_verify {
	vms_verify_config config;
	struct regime regime;
	int params[VMS_MAX_PARAMS];
	uint64_t started_ns, elapsed_ns;
	bool finished;
	struct explore x;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

vms_verify *vms_verify_create(const vms_verify_config *c, vms_error *err)
{
	const struct scenario *s = model_scenario(c->scenario);
	vms_verify *v;

	if (!s) {
		vms_fail(err, VMS_EUNSUPPORTED, "this scenario has no build for the model");
		return NULL;
	}
	if (c->model < 0 || c->model > VMS_MODEL_ARM64) {
		vms_fail(err, VMS_EINVAL, "model %d is not one of 0, 1, 2", c->model);
		return NULL;
	}
	if (c->preemptions > (int)SEEN_COST_MAX) {
		vms_fail(err, VMS_EINVAL, "%d preemptions are too many; at most %u",
			 c->preemptions, SEEN_COST_MAX);
		return NULL;
	}
	v = calloc(1, sizeof(*v));
	if (!v) {
		vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
		return NULL;
	}
	v->config = *c;
	memcpy(&v->regime, c->knobs, sizeof(v->regime));
	for (unsigned i = 0; i < VMS_MAX_PARAMS; i++)
		v->params[i] = c->params[i];
	v->x.scenario = s;
	v->x.regime = &v->regime;
	v->x.params = v->params;
	v->x.kind = (enum memory_model)c->model;
	v->x.limit = c->runs;
	v->x.stop_at_first = c->until_found;
	v->x.trace = true;
	v->x.strategy = (unsigned)c->strategy;
	v->x.bug_depth = (unsigned)c->depth;
	if (c->script && !script_read(&v->x, c->script, c->n_script)) {
		vms_fail(err, VMS_EINVAL, "the numbers of the run are damaged");
		free(v);
		return NULL;
	}
	v->x.preemptions = c->preemptions;
	v->x.estimate_after = c->estimate_after;
	v->x.seed = c->seed;
	v->x.jobs = (unsigned)c->jobs;
	v->x.job = (unsigned)c->job;
	return v;
}

int vms_verify_run(vms_verify *v, vms_error *err)
{
	int failed;

	v->started_ns = now_ns();
	v->x.deadline_ns = v->config.budget_ns ? v->started_ns + v->config.budget_ns : 0;
	failed = explore_run(&v->x);
	v->elapsed_ns = now_ns() - v->started_ns;
	v->finished = true;
	if (v->x.script_failed)
		return vms_fail(err, VMS_EINVAL, "the run does not fit this source");
	return failed ? vms_fail(err, VMS_EUNSUPPORTED, "no memory for the search") : VMS_OK;
}

void vms_verify_stop(vms_verify *v)
{
	v->x.asked_to_stop = true;
	v->x.stopped = true;
}

/* Why the search left something out. */
static int limit_of(const struct explore *x)
{
	if (x->asked_to_stop)
		return VMS_LIMIT_STOPPED;
	if (x->strategy)
		return VMS_LIMIT_SAMPLED;
	if (x->stop_at_first && x->n_found)
		return VMS_LIMIT_FOUND;
	if (x->out_of_time)
		return VMS_LIMIT_BUDGET;
	if (x->limit && x->executions + x->blocked >= x->limit)
		return VMS_LIMIT_RUNS;
	if (x->cut)
		return VMS_LIMIT_PREEMPTIONS;
	return x->bounded ? VMS_LIMIT_ROOM : VMS_LIMIT_NONE;
}

/* What a search outgrew. */
static const char *room_of(const struct explore *x)
{
	static const char *const names[FULL_KINDS] = {
		[FULL_NOTHING] = "",
		[FULL_EVENTS] = "a run has more than 1024 events",
		[FULL_GRAPHS] = "more graphs are alive at once than 1 GiB holds",
		[FULL_LOCALS] = "the CPUs have more than 4,194,304 local states",
		[FULL_PATH] = "a CPU makes more than 4096 requests in a run",
		[FULL_PLACES] = "more than 4096 pieces of memory are touched",
		[FULL_FOLLOWED] = "more than 1024 words of struct pages, cuts of words or early values are followed",
		[FULL_GUESSES] = "a read may see more than 64 values early",
		[FULL_PASSES] = "the search would start again for the 200th time",
		[FULL_RANGES] = "a CPU changes more than 64 ranges of page-table entries, or INIT fills as many",
		[FULL_MEMORY] = "the system gave no more memory",
	};

	return x->follow.more && x->full == FULL_NOTHING ? names[FULL_PASSES] : names[x->full];
}

int vms_verify_join(vms_verify *v, const vms_verify *other)
{
	return follow_join(&v->x.follow, &other->x.follow);
}

void vms_verify_progress(const vms_verify *v, vms_verify_stats *out)
{
	const struct explore *x = &v->x;

	memset(out, 0, sizeof(*out));
	out->executions = __atomic_load_n(&x->executions, __ATOMIC_RELAXED);
	out->blocked = __atomic_load_n(&x->blocked, __ATOMIC_RELAXED);
	out->pruned = __atomic_load_n(&x->pruned, __ATOMIC_RELAXED);
	out->steps = __atomic_load_n(&x->steps, __ATOMIC_RELAXED);
	out->elapsed_ns = v->finished ? v->elapsed_ns : now_ns() - v->started_ns;
	out->finished = v->finished;
	out->found = (int32_t)__atomic_load_n(&x->n_found, __ATOMIC_RELAXED);
	__atomic_load(&x->estimate, &out->estimate, __ATOMIC_RELAXED);
	if (!v->finished)
		return;
	out->limit = limit_of(x);
	out->room = room_of(x);
	out->complete = out->limit == VMS_LIMIT_NONE;
	out->states = x->m ? (int32_t)x->m->locals.n : 0;
}

int vms_verify_counts(const vms_verify *v, uint64_t *counts, int rows)
{
	int own = (int)v->x.scenario->n_outcomes, i;

	memset(counts, 0, (size_t)rows * sizeof(*counts));
	for (i = 0; i < own && i < rows; i++)
		counts[i] = v->x.outcomes[i];
	for (unsigned k = 0; k < v->x.n_found; k++) {
		const struct found *f = &v->x.found[k];
		int row = own + f->hazard - 1;

		if (f->outcome < 0 && f->hazard > 0 && f->hazard <= (int)HAZARD_ROWS && row < rows)
			counts[row] += f->count;
		if (f->outcome == explore_no_outcome(v->x.scenario) && f->outcome < rows)
			counts[f->outcome] += f->count;
	}
	return rows;
}

static const char *actor_name(const struct explore *x, unsigned cpu)
{
	return cpu < x->m->n_cpus ? x->scenario->actors[x->m->actor_of[cpu]].name : "";
}

/* Of a plain access, a full stack or a trap: which instruction of which file. */
static void locate(const struct explore *x, const struct found *f, vms_found *out)
{
	const struct op *op = f->node == LOCAL_NONE ? NULL : &x->m->locals.at[f->node].op;
	Dl_info info;

	if (f->kind < VIOLATION_ESCAPE || !op || !op->value ||
	    !dladdr((void *)(uintptr_t)op->value, &info) || !info.dli_fname)
		return;
	out->object = info.dli_fname;
	out->offset = op->value - (uint64_t)(uintptr_t)info.dli_fbase;
}

int vms_verify_found(const vms_verify *v, int index, vms_found *out)
{
	static const char *const kinds[] = { "hazard", "race", "deadlock", "spin",
					     "escape", "stack", "trap", "mixed size",
					     "outside" };
	const struct explore *x = &v->x;
	const struct found *f = &x->found[index];
	const struct site *site;

	if (index < 0 || index >= (int)x->n_found || !v->finished)
		return 0;
	site = f->node == LOCAL_NONE ? NULL : x->m->locals.at[f->node].op.site;
	*out = (vms_found){ .kind = kinds[f->kind], .actor = actor_name(x, f->cpu),
			    .file = site ? site->file : x->scenario->file,
			    .function = site ? site->function : "",
			    .operation = site ? site->operation : "",
			    .line = site ? site->line : 0, .hazard = f->hazard,
			    .invariant = f->invariant, .outcome = f->outcome,
			    .events = (int32_t)f->n, .switches = (int32_t)f->switches,
			    .count = f->count, .object = "", .other_file = "" };
	locate(x, f, out);
	site = f->other == LOCAL_NONE ? NULL : x->m->locals.at[f->other].op.site;
	if (f->kind == VIOLATION_RACE && site) {
		out->other_file = site->file;
		out->other_line = site->line;
	}
	return 1;
}

int vms_verify_repeated(const vms_verify *v, vms_found *out)
{
	unsigned n = 0;
	uint32_t node = v->finished && v->x.m ? model_repeated(v->x.m, &n) : LOCAL_NONE;
	const struct local *l;

	if (node == LOCAL_NONE)
		return 0;
	l = &v->x.m->locals.at[node];
	*out = (vms_found){ .kind = "", .actor = actor_name(&v->x, l->cpu),
			    .file = l->op.site->file, .function = l->op.site->function,
			    .operation = l->op.site->operation, .line = l->op.site->line,
			    .outcome = -1, .count = n, .object = "", .other_file = "" };
	return 1;
}

static void place_name(const struct place *p, char *text, size_t size)
{
	static const char *const counts[PLACE_KINDS] = {
		[PLACE_RCU_IN] = "rcu sections begun", [PLACE_RCU_OUT] = "rcu sections ended",
		[PLACE_IRQ_IN] = "irq-off begun", [PLACE_IRQ_OUT] = "irq-off ended",
		[PLACE_PAUSE] = "pauses begun", [PLACE_RESUME] = "pauses ended",
		[PLACE_ARGUMENT] = "result",
	};
	unsigned long at = (unsigned long)place_offset(p);

	switch (place_kind(p)) {
	case PLACE_STATE:
		snprintf(text, size, "state+%lu", at);
		break;
	case PLACE_FRAME:
		snprintf(text, size, "frame %lu+0x%lx", at / MMU_PAGE, at % MMU_PAGE);
		break;
	case PLACE_PTE:
		snprintf(text, size, "pte %lu", at);
		break;
	case PLACE_OWNER:
		snprintf(text, size, "owner of frame %lu", at);
		break;
	default: /* two counts, of sections begun and of those ended: model/sync.c */
		snprintf(text, size, "%s on CPU %lu", counts[place_kind(p)], at);
	}
}

int vms_verify_event(const vms_verify *v, int found, int index, vms_event *out)
{
	const struct explore *x = &v->x;
	const struct found *f = &x->found[found];
	const struct trace_event *e;
	const struct op *op;

	if (found < 0 || found >= (int)x->n_found || index < 0 || index >= (int)f->n)
		return 0;
	e = &f->trace[index];
	op = &x->m->locals.at[e->node].op;
	*out = (vms_event){ .actor = actor_name(x, e->cpu), .file = op->site->file,
			    .function = op->site->function, .operation = op->site->operation,
			    .line = op->site->line, .value = e->value, .before = e->before,
			    .cpu = e->cpu, .read = e->read, .write = e->write, .rf = e->rf,
			    .stale = e->stale, .order = op->order,
			    .walk = op->flags & OPF_WALK ? 1 : 0 };
	if (op->kind == OP_CHOICE)
		snprintf(out->place, sizeof(out->place), "interrupt");
	else
		place_name(&x->m->places.at[e->place], out->place, sizeof(out->place));
	return 1;
}

/* Whether the memory model keeps anything in order for it that it would not anyway. */
static bool fence_matters(const struct explore *x, const struct op *op)
{
	return op->kind == OP_FENCE &&
	       (x->kind == MODEL_ARM64 || (x->kind == MODEL_TSO && op->value == MACH_MB));
}

/* A fence is no event: it stands between two of its CPU's, in the tree of local states.
 * One that belongs to either of them, as a grace period's, is told with it. */
int vms_verify_fence(const vms_verify *v, int found, int index, int nth, vms_event *out)
{
	const struct explore *x = &v->x;
	const struct found *f = &x->found[found];
	const struct local *at = x->m ? x->m->locals.at : NULL;
	const struct site *own, *last;
	const struct op *fence = NULL;
	int before;

	if (!at || found < 0 || found >= (int)x->n_found || index < 0 || index >= (int)f->n)
		return 0;
	for (before = index - 1; before >= 0 && f->trace[before].cpu != f->trace[index].cpu;)
		before--;
	if (before < 0 || f->trace[before].node == f->trace[index].node)
		return 0; /* what comes first it orders after nothing; or one access, two events */
	own = at[f->trace[index].node].op.site;
	last = at[f->trace[before].node].op.site;
	for (uint32_t node = at[f->trace[index].node].parent;
	     node != LOCAL_NONE && node != f->trace[before].node; node = at[node].parent) {
		const struct op *op = &at[node].op;

		if (fence_matters(x, op) && op->site != own && op->site != last && nth-- == 0)
			fence = op;
	}
	if (!fence)
		return 0;
	*out = (vms_event){ .actor = actor_name(x, f->trace[index].cpu),
			    .file = fence->site->file, .function = fence->site->function,
			    .operation = fence->site->operation, .line = fence->site->line,
			    .cpu = f->trace[index].cpu, .rf = -1 };
	return 1;
}

static uint64_t mix(uint64_t h, const char *text, int line)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3ull;
	return (h ^ (unsigned)line) * 0x100000001b3ull;
}

int vms_verify_script(const vms_verify *v, int found, int64_t *out, int n)
{
	if (found < 0 || found >= (int)v->x.n_found)
		return 0;
	return script_write(&v->x, &v->x.found[found], out, n);
}

uint64_t vms_verify_digest(const vms_verify *v, int found)
{
	const struct found *f = &v->x.found[found];
	uint64_t h = 0xcbf29ce484222325ull;

	if (found < 0 || found >= (int)v->x.n_found)
		return 0;
	for (unsigned i = 0; i < f->n; i++) {
		const struct site *site = v->x.m->locals.at[f->trace[i].node].op.site;

		h = mix(h, site->operation, site->line);
		h = (h ^ f->trace[i].cpu) * 0x100000001b3ull;
	}
	return h;
}

void vms_verify_free(vms_verify *v)
{
	if (!v)
		return;
	explore_end(&v->x);
	free((void *)(uintptr_t)v->x.script);
	free(v);
}
