/* Accesses: an address becomes a place, an access becomes a request. */
#include "model/machine.h"
#include "model/model.h"
#include "model/translate.h"

/* Names of orders are the scenario's; OP_FENCE and the events carry them on. */
static struct op access_op(enum op_kind kind, unsigned size, enum mach_order order,
			   const struct site *site)
{
	return (struct op){ .kind = (uint8_t)kind, .size = (uint8_t)size,
			    .order = (uint8_t)order, .dep = -1, .walk = -1, .data = -1,
			    .site = site };
}

/* The load that this address came from: a pointer that this CPU loaded and that
 * shows the same object, or the one beside it (page[1].compound_info). The
 * youngest one wins. */
static int16_t address_source(const struct run *r, uintptr_t p)
{
	if (r->dep_hint >= 0)
		return r->dep_hint;
	for (unsigned i = r->n_pointers; i-- > 0;) {
		uintptr_t object = r->pointer[i].value & ~(uintptr_t)63;

		if (p >= object && p < object + 128)
			return r->pointer[i].ordinal;
	}
	return -1;
}

static uint64_t request_at(struct op *op, const volatile void *p, bool write)
{
	struct model *m = model_this;
	uintptr_t address = (uintptr_t)p;
	uint64_t answer;

	if (address - (uintptr_t)m->state < m->state_size) {
		op->place = (uint16_t)model_place(m, PLACE_STATE, address - (uintptr_t)m->state,
						  op->size);
	} else {
		translate(m, op, address, write);
	}
	if (!m->direct) {
		op->dep = address_source(m->running, address);
		op->data = m->running->data_hint;
	}
	answer = model_request(op);
	translate_answer(m, op, address, answer, write);
	return answer;
}

uint64_t model_load(const volatile void *p, unsigned size, enum mach_order order, bool plain,
		    const struct site *site)
{
	struct op op = access_op(OP_LOAD, size, order, site);

	op.flags = plain ? OPF_PLAIN : 0;
	return request_at(&op, p, false);
}

void model_store(volatile void *p, unsigned size, uint64_t v, enum mach_order order, bool plain,
		 const struct site *site)
{
	struct op op = access_op(OP_STORE, size, order, site);

	op.flags = plain ? OPF_PLAIN : 0;
	op.value = op_mask(&op, v);
	request_at(&op, p, true);
}

uint64_t model_fetch_add(volatile void *p, unsigned size, uint64_t v, enum mach_order order,
			 const struct site *site)
{
	struct op op = access_op(OP_ADD, size, order, site);

	op.value = v;
	return request_at(&op, p, true);
}

uint64_t model_xchg(volatile void *p, unsigned size, uint64_t v, enum mach_order order,
		    const struct site *site)
{
	struct op op = access_op(OP_XCHG, size, order, site);

	op.value = op_mask(&op, v);
	return request_at(&op, p, true);
}

uint64_t model_cmpxchg(volatile void *p, unsigned size, uint64_t old, uint64_t new,
		       enum mach_order order, const struct site *site)
{
	struct op op = access_op(OP_CAS, size, order, site);

	op.value = op_mask(&op, new);
	op.old = op_mask(&op, old);
	return request_at(&op, p, true);
}

void mach_spin_lock(int *lock, const struct site *site)
{
	struct op op = access_op(OP_LOCK, sizeof(*lock), MACH_ACQUIRE, site);

	op.value = 1;
	request_at(&op, lock, true);
}

void mach_spin_unlock(int *lock, const struct site *site)
{
	model_store(lock, sizeof(*lock), 0, MACH_RELEASE, false, site);
}

void mach_fence(enum mach_fence kind, const struct site *site)
{
	struct op op = access_op(OP_FENCE, 0, MACH_RELAXED, site);

	op.value = kind;
	model_request(&op);
}

/* Nothing happens at a named point that could not happen before or after it,
 * except that an interrupt may arrive. */
void mach_point(const struct site *site)
{
	interrupt_point(site);
}

void mach_relax(const struct site *site)
{
	struct op op = access_op(OP_RELAX, 0, MACH_RELAXED, site);

	model_request(&op);
}

void mach_violate(int hazard, int invariant, const struct site *site)
{
	struct op op = access_op(OP_VIOLATE, 0, MACH_RELAXED, site);

	op.value = (uint64_t)hazard << 8 | (uint64_t)invariant;
	op.old = VIOLATION_HAZARD;
	for (;;)
		model_request(&op); /* nobody answers: this CPU has stopped */
}

const struct regime *mach_regime(void)
{
	return &model_this->regime;
}

int mach_param(unsigned i)
{
	return model_this->params[i];
}

unsigned mach_actor(void)
{
	return model_this->running->cpu;
}

void *mach_state(void)
{
	return model_this->state;
}

void mach_note(unsigned note)
{
	model_this->running->notes |= note;
}

unsigned mach_notes(void)
{
	return model_this->running->notes;
}
