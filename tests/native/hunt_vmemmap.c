/* The remapped vmemmap, end to end: what each protocol meets, and what it never does. */
#include <string.h>

#include "drive.h"
#include "journey.h"
#include "native/clock.h"
#include "tap.h"

#define SAMPLES 3000
#define SECONDS 15

/* Fake heads as the kernel has them from 6.15 on; and as it had them in 5.18. */
#define SAFE "get_guard=count-then-fake-head get_rcu=true freeze=true grace_period=before-remap "
#define EARLY ""

static struct driven d;

static const vms_fault *fault_of(int hazard)
{
	int i;

	for (i = 0; i < d.n_faults; i++) {
		if (d.faults[i].hazard == hazard)
			return &d.faults[i];
	}
	return NULL;
}

static void found(const char *scenario, const char *knobs, int hazard, const char *kind)
{
	const vms_fault *f;
	vms_hunt_config c;
	unsigned seed;

	/* until_found ends at any hazard; this one may be the rarer of two */
	for (seed = 1; seed < 40; seed++) {
		drive_config(&c, scenario);
		drive_knobs(&c, knobs);
		c.seed = seed;
		c.until_found = 1;
		drive(&c, 0, SECONDS, &d);
		if (drive_forbidden(&c, &d, hazard))
			break;
	}
	ok(drive_forbidden(&c, &d, hazard) && d.sum == d.progress.samples,
	   "%s meets H%d, by seed %u", scenario, hazard, seed);
	f = fault_of(hazard);
	if (kind)
		ok(f && !strcmp(f->kind, kind) && f->count && f->line && *f->file && *f->actor &&
		   *f->operation && f->page >= 0 && d.progress.faults,
		   "by a real fault with its line: %s", f ? f->operation : "none");
	else
		ok(!f, "without any fault");
}

static void never(const char *scenario, const char *knobs, const char *what)
{
	vms_hunt_config c;

	drive_config(&c, scenario);
	drive_knobs(&c, knobs);
	drive(&c, SAMPLES, SECONDS, &d);
	ok(!d.progress.forbidden && !d.error.status && d.progress.samples &&
	   d.sum == d.progress.samples, "%s, %s: nothing forbidden in %llu samples", scenario, what,
	   (unsigned long long)d.progress.samples);
}

static void windows(void)
{
	found("window-access", SAFE "replace=break-before-make window=open", 16,
	      "hole in the window");
	never("window-access", SAFE "replace=break-before-make window=pause", "the others paused");
	never("window-access", SAFE "replace=break-before-make window=stop", "stopped for each PTE");
	never("window-access", SAFE "replace=break-before-make window=fault-wait",
	      "a handler that waits");
	ok(d.progress.waits > 0, "which did wait, %llu times", (unsigned long long)d.progress.waits);
}

static void gigantic(void)
{
	vms_hunt_config c;

	drive_config(&c, "fake-head-get");
	drive_knobs(&c, SAFE);
	drive_param(&c, "gigantic", 1);
	drive(&c, 3, SECONDS, &d);
	ok(d.progress.samples && !d.progress.forbidden && !d.error.status,
	   "1 GiB pages: nothing forbidden in %llu samples", (unsigned long long)d.progress.samples);
}

static void the_bare_journey(void)
{
	struct journey_cost cost;
	vms_hunt_config c;
	vms_error e;

	drive_config(&c, "fake-head-get");
	ok(journey_cost(c.scenario, c.knobs, 0, 20000000, &cost, &e) == VMS_OK && cost.journeys >= 3 &&
	   cost.calls >= 2 && cost.ratio > 0.5, "a journey is timed against its %llu bare calls",
	   (unsigned long long)cost.calls);
}

int main(void)
{
	vms_host host;

	if (UNDER_TSAN)
		return skip_all(NO_REMAPS);
	found("fake-head-get", EARLY, 1, "write to read-only");
	/* an ordinary tail's compare loses, which by LL/SC is no write; a fake head's wins */
	vms_host_describe(&host);
	found(strcmp(host.atomics, "llsc") ? "stale-load-cas" : "fake-head-get", EARLY, 2,
	      "write to read-only");
	found("fake-head-get", "tail=writable-alias", 4, NULL);
	never("late-lookup", EARLY, "fake heads unguarded");
	never("fake-head-get", SAFE, "fake heads guarded");
	never("fake-head-gup", SAFE, "fake heads guarded");
	never("fake-head-pfn", SAFE, "fake heads guarded");
	never("fake-head-get", SAFE "tail=shared-read-only get_guard=none get_rcu=true",
	      "shared tails");
	windows();
	gigantic();
	the_bare_journey();
	return done();
}
