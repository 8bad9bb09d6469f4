#include "model/local.h"

#include <sys/mman.h>

int locals_create(struct locals *ls, uint32_t max)
{
	/* untouched pages of the reserve cost nothing */
	void *p = mmap(NULL, (size_t)max * sizeof(struct local), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return 0;
	ls->at = p;
	ls->max = max;
	ls->n = 1;
	return 1;
}

void locals_destroy(struct locals *ls)
{
	if (ls->at)
		munmap(ls->at, (size_t)ls->max * sizeof(struct local));
	ls->at = NULL;
}

uint32_t locals_add(struct locals *ls, uint32_t parent, uint64_t answer)
{
	struct local *l;

	if (ls->n == ls->max)
		return LOCAL_NONE;
	l = &ls->at[ls->n];
	l->answer = answer;
	l->parent = parent;
	l->child = LOCAL_NONE;
	l->sibling = LOCAL_NONE;
	l->idle = LOCAL_NONE;
	l->depends = 0;
	l->state = 0;
	if (parent != LOCAL_NONE) {
		l->sibling = ls->at[parent].child;
		ls->at[parent].child = ls->n;
	}
	return ls->n++;
}
