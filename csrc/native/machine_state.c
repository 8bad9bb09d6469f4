#include "native/machine_state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

static void show_window(struct cpu *cpu, const struct mmu *mmu)
{
	cpu->page_size = mmu->page_size;
	cpu->vmemmap_pages = mmu->vmemmap_pages;
	cpu->window_size = (uintptr_t)mmu->blocks * mmu->vmemmap_pages * mmu->page_size; /* one instance */
	cpu->linear = mmu->frames.linear;
	cpu->vmemmap = (uintptr_t)mmu->window;
	cpu->ptes = mmu->ptes;
}

int machine_map(struct machine *m, unsigned vmemmap_pages, unsigned blocks,
		unsigned instances, vms_error *err)
{
	int status = mmu_create(&m->mmu, vmemmap_pages, blocks, instances, err);
	unsigned i;

	m->has_mmu = true;
	for (i = 0; i < m->n_cpus && !status; i++)
		show_window(&m->cpus[i], &m->mmu);
	return status;
}

static void create_cpu(struct machine *m, unsigned i, const struct cpu_setup *setup)
{
	struct cpu *cpu = &m->cpus[i];

	cpu->machine = m;
	cpu->actor = i;
	cpu->name = "";
	cpu->ops = setup->ops;
	cpu->regime = setup->regime;
	cpu->params = setup->params;
	cpu->state = setup->state;
	cpu->rng = i + 1;
	cpu->rcu_fence = !setup->membarrier;
	cpu->stall_at = UINT64_MAX;
	if (m->has_mmu)
		show_window(cpu, &m->mmu);
}

int machine_create(struct machine *m, unsigned n_cpus, const struct cpu_setup *setup,
		   vms_error *err)
{
	size_t size = n_cpus * sizeof(*m->cpus);
	unsigned i;

	m->threads = calloc(n_cpus, sizeof(*m->threads));
	if (!m->threads || posix_memalign((void **)&m->cpus, (size_t)sysconf(_SC_PAGESIZE), size)) {
		m->cpus = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %u CPUs", n_cpus);
	}
	memset(m->cpus, 0, size);
	m->n_cpus = n_cpus;
	for (i = 0; i < n_cpus; i++)
		create_cpu(m, i, setup);
	return VMS_OK;
}

void machine_destroy(struct machine *m)
{
	/* ptes: a map of which not even that was made has nothing to give back */
	if (m->has_mmu && m->mmu.ptes)
		mmu_destroy(&m->mmu);
	free(m->cpus);
	free(m->threads);
	m->cpus = NULL;
	m->threads = NULL;
}
