#include "journey.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "error.h"
#include "native/clock.h"
#include "native/machine_state.h"
#include "native/median.h"
#include "native/ops.h"
#include "native/rcu.h"

#define MAX_PAIRS 4096

struct rig {
	struct machine machine;
	struct regime regime;
	int32_t params[VMS_MAX_PARAMS];
	const struct scenario *scenario;
	void *state;
	double ratios[MAX_PAIRS];
};

static uint64_t one_journey(struct rig *r)
{
	struct cpu *cpu = &r->machine.cpus[0];
	uint64_t t;

	memset(r->state, 0, r->scenario->state_size);
	r->scenario->init(r->state);
	r->machine.mmu.n_log = 0;
	t = clock_now_ns();
	r->scenario->actors[0].once(cpu->state);
	return clock_now_ns() - t;
}

static uint64_t same_calls(struct rig *r)
{
	struct mmu *m = &r->machine.mmu;
	uint64_t t = clock_now_ns();
	unsigned i;

	for (i = 0; i < m->n_log; i++) {
		const struct mmu_call *c = &m->log[i];

		if (c->prot == PROT_NONE)
			mprotect(c->address, c->length, PROT_NONE);
		else
			mmap(c->address, c->length, c->prot, MAP_SHARED | MAP_FIXED, m->frames.fd,
			     c->offset);
	}
	return clock_now_ns() - t;
}

static void measure(struct rig *r, uint64_t budget_ns, struct journey_cost *out)
{
	uint64_t begin = clock_now_ns();
	unsigned n = 0;

	one_journey(r); /* first touches */
	same_calls(r);
	while (n < MAX_PAIRS && (clock_now_ns() - begin < budget_ns || n < 3)) {
		uint64_t journey = one_journey(r), bare = same_calls(r);

		out->journey_ns += journey;
		out->bare_ns += bare;
		r->ratios[n++] = (double)journey / (double)bare;
	}
	out->journeys = n;
	out->calls = r->machine.mmu.n_log;
	out->ratio = median_of(r->ratios, n);
}

/* A machine of one CPU that is nobody's thread: no peers, no rendezvous. */
static int set_up(struct rig *r, const int32_t *knobs, int gigantic, vms_error *err)
{
	unsigned pages = mmu_vmemmap_pages((uint32_t)sysconf(_SC_PAGESIZE), gigantic);
	struct cpu_setup setup = {
		.ops = &native_ops,
		.regime = &r->regime,
		.params = r->params,
		.state = r->state,
		.membarrier = rcu_have_membarrier(),
	};
	int status = machine_map(&r->machine, pages, 1, 1, err);

	memcpy(&r->regime, knobs, sizeof(r->regime));
	r->params[0] = gigantic;
	if (!status)
		status = machine_create(&r->machine, 1, &setup, err);
	if (status)
		return status;
	r->machine.mmu.log_size = 4 * pages + 64;
	r->machine.mmu.log = calloc(r->machine.mmu.log_size, sizeof(*r->machine.mmu.log));
	return r->machine.mmu.log ? VMS_OK : vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
}

int journey_cost(const vms_scenario *scenario, const int32_t *knobs, int gigantic,
		 uint64_t budget_ns, struct journey_cost *out, vms_error *err)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct cpu *before = kapi_this_cpu;
	int status;

	memset(out, 0, sizeof(*out));
	memset(err, 0, sizeof(*err));
	if (!r)
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	r->scenario = scenario->plain[vms_variant(VMS_ATOMICS_AUTO)];
	r->state = calloc(1, r->scenario->state_size);
	status = r->state ? set_up(r, knobs, gigantic, err)
			  : vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
	if (!status) {
		kapi_this_cpu = r->machine.cpus;
		measure(r, budget_ns, out);
		kapi_this_cpu = before;
		if (r->machine.mmu.error) {
			mmu_explain(r->machine.mmu.error, err);
			status = err->status;
		}
	}
	free(r->machine.mmu.log);
	machine_destroy(&r->machine);
	free(r->state);
	free(r);
	return status;
}
