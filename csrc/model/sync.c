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

static void count(enum place_kind kind, unsigned n, unsigned flags, const struct site *site)
{
	struct op op = { .kind = OP_STORE, .size = 8, .flags = (uint8_t)flags, .dep = -1,
			 .walk = -1, .data = -1, .value = n, .site = site };

	op.place = (uint16_t)model_place(model_this, kind, model_this->running->cpu, 8);
	model_request(&op);
}

static uint64_t ask(enum op_kind kind, enum place_kind place, unsigned cpu, uint64_t value,
		    const struct site *site)
{
	struct op op = { .kind = (uint8_t)kind, .size = 8, .dep = -1, .walk = -1, .data = -1,
			 .value = value,
			 .site = site };

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
