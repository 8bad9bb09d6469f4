#include "model/translate.h"

#include "kapi/diagnose.h"
#include "model/machine.h"

static struct op word_op(enum op_kind kind, unsigned size, uint64_t value,
			 const struct site *site)
{
	return (struct op){ .kind = (uint8_t)kind, .size = (uint8_t)size, .cells = 1,
			    .value = value, .walk = -1, .site = site };
}

uint64_t direct_word(struct model *m, enum op_kind kind, enum place_kind place, uint64_t offset,
		     unsigned size, uint64_t value, const struct site *site)
{
	struct op op = word_op(kind, size, value, site);

	op.address = place_key(place, offset);
	if (!m->twin) {
		follow_add(m->follow, place_key(place, offset), size);
		model_cells(m, &op, place, offset);
	}
	if (place == PLACE_PTE && kind == OP_STORE && !(value & PTE_PRESENT) &&
	    m->running->mmu.pausing)
		op.flags |= OPF_HIDDEN;
	return model_request(&op);
}

/* The entry as this CPU's TLB has it, or as a walk finds it now. */
static uint64_t walk(struct model *m, unsigned vpn, struct op *access)
{
	struct op op = word_op(OP_LOAD, 8, 0, access->site);

	op.flags = OPF_WALK;
	op.address = access->address; /* two walks for different addresses are two */
	follow_add(m->follow, place_key(PLACE_PTE, vpn), 8);
	op.place = (uint16_t)model_place(m, PLACE_PTE, vpn, 8);
	access->walk = (int16_t)m->running->ordinal;
	return model_request(&op);
}

/* The waiting handler: until somebody has made the entry again. */
static void wait_for_make(struct model *m, unsigned vpn, const struct site *site)
{
	struct op op = word_op(OP_AWAIT, 8, PTE_PRESENT, site);

	op.flags = OPF_WALK;
	op.place = (uint16_t)model_place(m, PLACE_PTE, vpn, 8);
	model_request(&op);
}

static void fault(struct model *m, const struct op *access, uintptr_t address, uint64_t pte,
		  bool write)
{
	const struct mmu_cpu *c = &m->running->mmu;
	struct fault_facts facts = { .write = write, .hole = !(pte & PTE_PRESENT) };
	struct diagnosis d;

	facts.compare = write && address == c->mark;
	facts.remapped = facts.compare && pte != c->mark_pte;
	facts.in_section = c->rcu_nest != 0;
	facts.own_window = c->broken != 0;
	d = diagnose_fault(&m->regime, &facts);
	mach_violate(d.hazard, d.invariant, access->site);
}

void translate(struct model *m, struct op *op, uintptr_t address, bool write)
{
	struct mmu *u = &m->mmu;
	struct mmu_cpu *c = &m->running->mmu;
	uintptr_t offset = address - (uintptr_t)u->window;
	unsigned vpn = (unsigned)(offset / MMU_PAGE);
	uint64_t pte;

	if (address - (uintptr_t)u->linear < u->linear_size) {
		offset = address - (uintptr_t)u->linear;
	} else if (offset >= u->window_size) {
		mach_violate(0, 0, op->site); /* a wild pointer */
	} else {
		pte = m->direct ? PTE_MAKE(1 + vpn, true) : walk(m, vpn, op);
		while (!(pte & PTE_PRESENT) && m->regime.window == WINDOW_FAULT_WAIT &&
		       !c->broken) {
			wait_for_make(m, vpn, op->site);
			pte = walk(m, vpn, op);
		}
		c->last = address;
		c->last_pte = pte;
		if (!(pte & PTE_PRESENT) || (write && !(pte & PTE_WRITE)))
			fault(m, op, address, pte, write);
		offset = (uintptr_t)PTE_FRAME(pte) * MMU_PAGE + offset % MMU_PAGE;
	}
	follow_add(m->follow, place_key(PLACE_FRAME, offset), op->size);
	model_cells(m, op, PLACE_FRAME, offset);
}

/* Whether any cell of the access holds the pattern. Fewer than four bytes may hold it by
 * chance: then it is a false alarm, which the witness shows. */
static bool meets_pattern(const struct model *m, const struct op *op, uint64_t answer,
			  uint64_t pattern)
{
	unsigned place = op->place, shift = 0;

	for (unsigned i = 0; i < op->cells; i++) {
		const struct place *p = &m->places.at[place];
		uint64_t cell = answer >> shift;

		cell = p->size >= 8 ? cell : cell & ((1ull << 8 * p->size) - 1);
		if ((p->size >= 4 || op->size < 4) &&
		    cell == model_map_pattern(pattern, place_offset(p), p->size))
			return true;
		shift += 8u * p->size;
		place = p->next;
	}
	return false;
}

void translate_answer(struct model *m, const struct op *op, uint64_t answer, bool write)
{
	if (m->direct || m->twin ||
	    op->address - (uint64_t)(uintptr_t)m->mmu.window >= m->mmu.window_size)
		return;
	if (op->kind == OP_STORE)
		return; /* the search knows at the end: search/write.c, store_after_free() */
	if (meets_pattern(m, op, answer, PATTERN_FREED))
		mach_violate(m->regime.flush == FLUSH_NONE ? 10 : write ? 8 : 9, 2, op->site);
	if (meets_pattern(m, op, answer, PATTERN_NEVER))
		mach_violate(13, 4, op->site);
}

void mach_loaded(const void *p)
{
	struct mmu_cpu *c = &model_this->running->mmu;

	c->mark = (uintptr_t)p;
	c->mark_pte = c->last == (uintptr_t)p ? c->last_pte : 0;
}

/* One interrupt for each CPU and run, while interrupts are on. */
void interrupt_point(const struct site *site)
{
	struct model *m = model_this;
	struct mmu_cpu *c = &m->running->mmu;
	struct op op = word_op(OP_CHOICE, 0, 2, site);

	if (m->direct || !m->scenario->interrupt || m->running->cpu >= m->n_cpus ||
	    c->irq_nest || c->interrupted)
		return;
	if (!model_request(&op))
		return;
	c->interrupted = true;
	c->irq_nest++; /* a handler is not interrupted again */
	m->scenario->interrupt(m->state);
	c->irq_nest--;
}
