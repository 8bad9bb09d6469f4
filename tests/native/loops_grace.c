/* The loops of group grace, and the oracle that tells a grace period that was none. */
#include <string.h>

#include "loop_rig.h"
#include "loops/crew/crew.h"
#include "native/clock.h"
#include "rig.h"
#include "tap.h"

static struct loop_trial trial;

static const char *const fences[] = { "membarrier", "readers" };

static bool have(const char *fence)
{
	return strcmp(fence, "membarrier") || rcu_have_membarrier();
}

static void sound(const char *fence)
{
	const char *const batches[] = { "1", "512" }, *const readers[] = { "sections", "idle" };
	unsigned i, k;

	loop_prepare(&trial, "grace", "read-side", 2, 10);
	loop_set(&trial, "fences", fence);
	ok(loop_go(&trial) == VMS_OK && trial.operations[0] && trial.operations[1],
	   "%s: read sections", fence);
	for (i = 0; i < 2; i++) {
		for (k = 0; k < 2; k++) {
			loop_prepare(&trial, "grace", "synchronize", 3, 30);
			loop_set(&trial, "fences", fence);
			loop_set(&trial, "batch", batches[i]);
			loop_set(&trial, "readers", readers[k]);
			trial.config.operations = i ? 4 * 512 : 100; /* grace periods may be long */
			loop_go(&trial);
			ok(!trial.error.status && trial.recorded[0],
			   "%s: batches of %s, readers %s: %llu grace periods%s%s", fence,
			   batches[i], readers[k], (unsigned long long)trial.recorded[0],
			   trial.error.status ? ": " : "", trial.error.text);
		}
	}
}

static void no_grace(struct cpu *cpu)
{
	(void)cpu;
}

/* Readers are in a section most of the time, so soon one is when an object dies. */
static void broken_grace(void)
{
	unsigned i;
	bool told = false;

	for (i = 0; i < 100 && !told; i++) {
		struct crew *c;

		loop_prepare(&trial, "grace", "synchronize", 3, 50);
		if (!loop_start(&trial))
			break;
		c = trial.run->e.run.shared; /* first member */
		__atomic_store_n(&c->ops.synchronize_rcu, no_grace, __ATOMIC_RELAXED);
		if (!loop_finish(&trial, false))
			break;
		told = trial.error.status == VMS_EUNTRUSTED;
	}
	ok(told && strstr(trial.error.text, "grace period"),
	   "without a grace period the figures are void: %s", trial.error.text);
}

static void stopping(void)
{
	uint64_t begin;
	bool prompt;

	loop_prepare(&trial, "grace", "synchronize", 2, 600000);
	loop_set(&trial, "batch", "512");
	if (!loop_start(&trial)) {
		ok(false, "started: %s", trial.error.text);
		return;
	}
	sleep_ms(10);
	begin = clock_now_ns();
	prompt = loop_finish(&trial, true);
	ok(prompt && clock_now_ns() - begin < 5000000000u, "stops when told");
}

int main(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		if (have(fences[i]))
			sound(fences[i]);
		else
			skip(fences[i], "this kernel has no private expedited membarrier");
	}
	/* the write of the twin's hook is no race that matters to it */
	if (UNDER_TSAN)
		skip("a broken grace period", "the saboteur's write is a race by design");
	else
		broken_grace();
	stopping();
	return done();
}
