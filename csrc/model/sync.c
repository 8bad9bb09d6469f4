/*
 * RCU and interrupts by what they promise.
 *
 * Each CPU counts the sections that it began and those that it ended, in words
 * of their own. A grace period reads the first count of every CPU and waits for
 * the second to reach it: it waits for exactly the sections that it can see to
 * have begun. The words carry half an order each: entering orders what follows
 * after it and nothing before it, leaving the other way round. So a section by
 * itself is no barrier; only together with a grace period does it order, as in
 * the formal model (Alglave et al., Frightening small children and disconcerting
 * grown-ups, ASPLOS 2018).
 */
#include "model/machine.h"
#include "model/sync.h"
#include "model/translate.h"

static void tell(enum place_kind kind, unsigned index, unsigned n, unsigned flags,
		 const struct site *site)
{
	struct op op = { .kind = OP_STORE, .size = 8, .cells = 1, .flags = (uint8_t)flags,
			 .walk = -1, .value = n, .site = site };

	op.place = (uint16_t)model_place(model_this, kind, index, 8);
	model_request(&op);
}

static void count(enum place_kind kind, unsigned n, unsigned flags, const struct site *site)
{
	tell(kind, model_this->running->cpu, n, flags, site);
}

static uint64_t ask(enum op_kind kind, enum place_kind place, unsigned cpu, uint64_t value,
		    const struct site *site)
{
	struct op op = { .kind = (uint8_t)kind, .size = 8, .cells = 1, .walk = -1,
			 .value = value, .site = site };

	op.place = (uint16_t)model_place(model_this, place, cpu, 8);
	return model_request(&op);
}

void sync_wait_sections(enum place_kind in, enum place_kind out, const struct site *site)
{
	unsigned n = model_this->n_cpus, self = model_this->running->cpu, i;
	uint64_t begun[MODEL_CPUS];

	mach_fence(MACH_MB, site);
	for (i = 0; i < n; i++) {
		bool may = in != PLACE_RCU_IN || model_this->follow->rcu_frozen >> i & 1;

		begun[i] = i == self || !may ? 0 : ask(OP_LOAD, in, i, 0, site);
	}
	for (i = 0; i < n; i++) {
		if (begun[i])
			ask(OP_AWAIT, out, i, begun[i], site);
	}
	mach_fence(MACH_MB, site);
}

/*
 * A barrier on every CPU (membarrier(2)): the asking CPU counts up in a word of its own
 * and waits for each other CPU to answer that count. A CPU may take notice before any of
 * its accesses (ipi_point()), with a full barrier on both sides of its answer, and
 * answers everything when it ends. When it does so is the search's choice, as what a
 * read of the asking word sees. A CPU that waits for a lock takes no notice.
 */
void ipi_everywhere(const struct site *site)
{
	struct model *m = model_this;
	struct run *r = m->running;
	uint8_t own = (uint8_t)(1u << r->cpu);
	unsigned n = ++r->mmu.ipi_asked;

	if (r->cpu >= m->n_cpus || m->direct)
		return;
	if (!(m->follow->uses_ipi & own)) {
		m->follow->uses_ipi |= own;
		m->follow->more = true;
	}
	mach_fence(MACH_MB, site);
	tell(PLACE_IPI_ASKED, r->cpu, n, 0, site);
	for (unsigned i = 0; i < m->n_cpus; i++) {
		if (i != r->cpu && m->follow->ipi_frozen & own)
			ask(OP_AWAIT, PLACE_IPI_DONE, r->cpu * MODEL_CPUS + i, n, site);
	}
	mach_fence(MACH_MB, site);
}

#define IPI_ALL 255u /* more than anybody asks for */

static void answer_ipi(unsigned asker, unsigned n, const struct site *site)
{
	mach_fence(MACH_MB, site);
	tell(PLACE_IPI_DONE, asker * MODEL_CPUS + model_this->running->cpu, n, 0, site);
	mach_fence(MACH_MB, site);
}

void ipi_point(const struct site *site)
{
	struct model *m = model_this;
	struct run *r = m->running;

	if (m->direct || !m->follow->ipi_frozen || r->cpu >= m->n_cpus)
		return;
	for (unsigned i = 0; i < m->n_cpus; i++) {
		uint64_t n;

		if (i == r->cpu || !(m->follow->ipi_frozen >> i & 1))
			continue;
		n = ask(OP_LOAD, PLACE_IPI_ASKED, i, 0, site);
		if (n <= r->mmu.ipi_seen[i])
			continue;
		r->mmu.ipi_seen[i] = (uint8_t)n;
		answer_ipi(i, (unsigned)n, site);
	}
}

void ipi_end(const struct site *site)
{
	struct model *m = model_this;

	for (unsigned i = 0; i < m->n_cpus; i++) {
		if (i != m->running->cpu && m->follow->ipi_frozen >> i & 1)
			answer_ipi(i, IPI_ALL, site);
	}
}

void mach_rcu_read_lock(const struct site *site)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	if (!(model_this->follow->uses_rcu >> model_this->running->cpu & 1)) {
		model_this->follow->uses_rcu |= (uint8_t)(1u << model_this->running->cpu);
		model_this->follow->more = true;
	}
	if (c->rcu_nest++ == 0)
		count(PLACE_RCU_IN, ++c->rcu_count, OPF_ENTER, site);
}

void mach_rcu_read_unlock(const struct site *site)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	if (--c->rcu_nest == 0)
		count(PLACE_RCU_OUT, c->rcu_count, OPF_LEAVE, site);
}

void mach_synchronize_rcu(const struct site *site)
{
	struct run *r = model_this->running;

	/* inside a section it waits for itself: that deadlock must be seen */
	if (r->mmu.rcu_nest)
		ask(OP_AWAIT, PLACE_RCU_OUT, r->cpu, r->mmu.rcu_count, site);
	sync_wait_sections(PLACE_RCU_IN, PLACE_RCU_OUT, site);
}

/* Interrupts off is a read section too: a grace period needs every CPU to have
 * passed through a state in which it could have been interrupted. */
void mach_irq_disable(const struct site *site)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	if (!model_this->follow->uses_irq)
		model_this->follow->uses_irq = model_this->follow->more = true;
	if (c->irq_nest++ == 0)
		count(PLACE_IRQ_IN, ++c->irq_count, OPF_ENTER, site);
	mach_rcu_read_lock(site);
}

void mach_irq_enable(const struct site *site)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	mach_rcu_read_unlock(site);
	if (--c->irq_nest == 0)
		count(PLACE_IRQ_OUT, c->irq_count, OPF_LEAVE, site);
	interrupt_point(site);
}
