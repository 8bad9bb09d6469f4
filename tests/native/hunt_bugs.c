/* Known bugs of the primitives are found, and the hunt then ends by itself. */
#include <sched.h>

#include "drive.h"
#include "tap.h"

#define SECONDS 20

static struct driven d;

/* One of these outcomes, or of either; the hunt ends at the first batch with any. */
static void found(const char *scenario, int bug, const char *outcome, const char *other,
		  const char *named)
{
	vms_hunt_config c;

	drive_config(&c, scenario);
	drive_param(&c, "bug", bug);
	c.until_found = 1;
	drive(&c, 0, SECONDS, &d);
	ok(drive_count(&c, &d, outcome) + drive_count(&c, &d, other) == d.progress.forbidden &&
		   d.progress.forbidden,
	   "%s is found: %s or %s, %llu samples", named, outcome, other,
	   (unsigned long long)d.progress.samples);
	ok(d.progress.finished && d.progress.elapsed_ns < SECONDS * 900000000ull,
	   "and ends the hunt");
	ok(d.sum == d.progress.samples && drive_forbidden(&c, &d, 0) == d.progress.forbidden,
	   "with counts that add up");
}

/* Their plain accesses race, as the bug has it: ThreadSanitizer would say so. */
static void found_by_plain_accesses(const char *scenario, int bug, const char *outcome,
				    const char *other, const char *named)
{
	if (UNDER_TSAN)
		skip(named, "its plain accesses race on purpose");
	else
		found(scenario, bug, outcome, other, named);
}

static int first_cpu(void)
{
	cpu_set_t allowed;
	int i;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (i = 0; i < CPU_SETSIZE - 1 && !CPU_ISSET(i, &allowed); i++)
		;
	return i;
}

/* Two actors on one CPU: only stalls bring them together. */
static void on_one_cpu(const char *scenario, int bug, const char *named)
{
	int32_t cpus[] = { first_cpu(), first_cpu() };
	vms_hunt_config c;

	drive_config(&c, scenario);
	drive_param(&c, "bug", bug);
	c.until_found = 1;
	c.cpus = cpus;
	drive(&c, 0, SECONDS, &d);
	ok(d.progress.forbidden, "%s is found on one CPU, %llu samples, %.2f s", named,
	   (unsigned long long)d.progress.samples, (double)d.progress.elapsed_ns / 1e9);
}

static void unfenced_store_buffering(void)
{
	vms_hunt_config c;

	drive_config(&c, "store-buffering");
	drive(&c, UNDER_TSAN ? 20000 : 400000, 5, &d);
	ok(!d.progress.forbidden && d.progress.distinct >= 1,
	   "without a fence store buffering is interesting at most");
	ok(d.sum == d.progress.samples, "and counted");
}

int main(void)
{
	found_by_plain_accesses("specref", 1, "stale", "underflow", "no recheck");
	found_by_plain_accesses("specref", 2, "stale", "underflow", "an unconditional add");
	found("refcount-conservation", 1, "count-off", "freed-twice", "a split increment");
	found("refcount-conservation", 2, "freed-twice", "count-off", "a double put");
	found_by_plain_accesses("freeze-unfreeze", 1, "intruded", "lost-reference",
				"freeze by read and set");
	found_by_plain_accesses("freeze-unfreeze", 2, "lost-reference", "intruded",
				"unfreeze of an unfrozen");
	found("rcu-publish", 1, "reused", "none other", "no grace period");
	found("rcu-publish", 2, "reused", "none other", "a reader outside its section");
	on_one_cpu("refcount-conservation", 1, "a split increment");
	on_one_cpu("rcu-publish", 2, "a reader outside its section");
	if (UNDER_TSAN)
		skip("no recheck on one CPU", "its plain accesses race on purpose");
	else
		on_one_cpu("specref", 1, "no recheck");
	unfenced_store_buffering();
	return done();
}
