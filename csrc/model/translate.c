#include "model/translate.h"

int mmu_create(struct model *m, unsigned blocks, unsigned pages_per_block)
{
	m->mmu.blocks = blocks;
	m->mmu.pages_per_block = pages_per_block;
	return 1;
}

void mmu_destroy(struct model *m)
{
	(void)m;
}

uint64_t mmu_initial(struct model *m, unsigned kind, uint64_t offset, unsigned size)
{
	(void)m, (void)kind, (void)offset, (void)size;
	return 0;
}

bool translate(struct model *m, struct op *op, uintptr_t address, bool write)
{
	(void)m, (void)op, (void)address, (void)write;
	return false;
}
