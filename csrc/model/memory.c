/* Accesses: an address becomes a place, an access becomes a request. */
#include "model/access.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/sync.h"
#include "model/translate.h"

static const uint8_t kinds[] = {
	[ACCESS_LOAD] = OP_LOAD, [ACCESS_STORE] = OP_STORE, [ACCESS_ADD] = OP_ADD,
	[ACCESS_OR] = OP_OR, [ACCESS_AND] = OP_AND, [ACCESS_XOR] = OP_XOR,
	[ACCESS_XCHG] = OP_XCHG, [ACCESS_CAS] = OP_CAS, [ACCESS_LOCK] = OP_LOCK,
	[ACCESS_RELAX] = OP_RELAX, [ACCESS_UNLOCK] = OP_STORE,
};

/* This CPU met a violation of the search's own kinds and goes no further. */
static void stop(enum violation kind, uint64_t value, const struct site *site)
{
	struct op op = { .kind = OP_VIOLATE, .old = kind, .value = value, .walk = -1,
			 .site = site };

	model_this->direct = false;
	for (;;)
		model_request(&op); /* nobody answers */
}

/* From an address to the cells that the access covers. */
static void locate(struct model *m, struct op *op, bool write)
{
	uint64_t offset = op->address - (uint64_t)(uintptr_t)m->state;

	if (m->twin)
		return; /* nothing comes of it: the address says it all */
	if (op->address - (uint64_t)(uintptr_t)m->reserved >= m->reserved_size) {
		translate(m, op, (uintptr_t)op->address, write);
		return;
	}
	if (offset >= m->state_size || m->state_size - offset < op->size)
		stop(VIOLATION_OUTSIDE, offset, op->site);
	model_cells(m, op, PLACE_STATE, offset);
}

uint64_t model_accessed(const volatile void *p, uint64_t value, uint64_t old, unsigned how,
			const struct site *site, const void *frame)
{
	struct model *m = model_this;
	struct op op = { .kind = kinds[ACCESS_KIND(how)], .size = (uint8_t)ACCESS_SIZE(how),
			 .order = (uint8_t)ACCESS_ORDER(how), .walk = -1, .site = site,
			 .flags = ACCESS_PLAIN(how) ? OPF_PLAIN : 0 };
	bool write = op.kind != OP_LOAD;
	uint64_t answer;

	m->running->frame = frame;
	if (op.kind == OP_RELAX) {
		model_request(&op);
		return 0;
	}
	ipi_point(site);
	m->running->frame = frame;
	if (ACCESS_KIND(how) == ACCESS_UNLOCK)
		op.flags |= OPF_UNLOCK;
	op.address = (uint64_t)(uintptr_t)p;
	op.value = op.kind == OP_LOAD ? 0 : op_mask(&op, value);
	op.old = op.kind == OP_CAS ? op_mask(&op, old) : 0;
	if (op.address % op.size)
		stop(VIOLATION_SIZE, op.size, site);
	locate(m, &op, write);
	m->running->frame = frame;
	answer = model_request(&op);
	translate_answer(m, &op, answer, write);
	return answer;
}

void mach_fence(enum mach_fence kind, const struct site *site)
{
	struct op op = { .kind = OP_FENCE, .walk = -1, .value = kind, .site = site };

	if (kind == MACH_MB_OTHERS) {
		ipi_everywhere(site);
		return;
	}
	model_request(&op);
}

/* Nothing happens at a named point that could not happen before or after it,
 * except that an interrupt may arrive. */
void mach_point(const struct site *site)
{
	interrupt_point(site);
}

void mach_violate(int hazard, int invariant, const struct site *site)
{
	stop(VIOLATION_HAZARD, (uint64_t)hazard << 8 | (uint64_t)invariant, site);
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
