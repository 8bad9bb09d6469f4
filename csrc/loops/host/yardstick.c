/*
 * What figures of two runs are held against: how fast the CPUs were meanwhile. It shares
 * nothing with what is measured, so that no change of ours moves both: the compiler's own
 * atomics, on a line that no other thread touches.
 */
#include <stdlib.h>

#include "error.h"
#include "loops/engine/loop.h"

struct line {
	_Alignas(ARCH_CACHELINE) uint64_t count;
};

static int yardstick_create(struct loop_run *run, vms_error *err)
{
	void *p;

	if (posix_memalign(&p, 4096, run->n_threads * sizeof(struct line)))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for a yardstick");
	__builtin_memset(p, 0, run->n_threads * sizeof(struct line));
	run->shared = p;
	return VMS_OK;
}

static void yardstick_destroy(struct loop_run *run)
{
	free(run->shared);
}

static void yardstick_work(struct loop_thread *t, uint64_t n)
{
	struct line *own = (struct line *)t->shared + t->index;

	/* fully ordered, for the cost of it: it orders nothing */
	for (; n; n--)
		__atomic_fetch_add(&own->count, 1, __ATOMIC_SEQ_CST);
}

static void (*yardstick_choose(const struct loop_run *run, uint32_t role))(struct loop_thread *,
									     uint64_t)
{
	(void)run;
	(void)role;
	return yardstick_work;
}

static const char *yardstick_check(struct loop_run *run)
{
	const struct line *lines = run->shared;
	uint32_t i;

	for (i = 0; i < run->n_threads; i++) {
		if (lines[i].count != run->totals[i])
			return "a count is not what its thread added";
	}
	return NULL;
}

const struct loop loop_yardstick = {
	.group = "harness",
	.name = "yardstick",
	.about = "how fast the CPUs are: what figures of two runs are held against",
	.operation = "one ordered addition on a line of the thread's own",
	.least_threads = 1,
	.roles = 1,
	.chunk = 1 << 16,
	.create = yardstick_create,
	.destroy = yardstick_destroy,
	.work = yardstick_choose,
	.check = yardstick_check,
};
