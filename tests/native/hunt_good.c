/*
 * Protocols that hold, on real threads: in so many samples nothing forbidden, which
 * is an invariant of theirs and no matter of luck; and the counts add up.
 */
#include "drive.h"
#include "tap.h"

#define SAMPLES (UNDER_TSAN ? 20000u : 200000u)
#define SECONDS 3

static struct driven d;

static void hunt(vms_hunt_config *c, const char *what, uint64_t samples)
{
	drive(c, samples, SECONDS, &d);
	ok(!drive_forbidden(c, &d, 0) && !d.progress.forbidden && !d.error.status,
	   "%s: nothing forbidden", what);
	ok(d.progress.samples && d.sum == d.progress.samples, "%s: the counts add up to %llu samples",
	   what, (unsigned long long)d.progress.samples);
}

static void in_both_builds(vms_hunt_config *c, const char *what)
{
	char name[80];

	c->build = VMS_BUILD_PLAIN;
	snprintf(name, sizeof(name), "%s, plain", what);
	hunt(c, name, SAMPLES);
	c->build = VMS_BUILD_POINTS;
	snprintf(name, sizeof(name), "%s, with points", what);
	hunt(c, name, SAMPLES / 8);
}

static void specref(int readers)
{
	vms_hunt_config c;
	char name[40];

	drive_config(&c, "specref");
	drive_param(&c, "readers", readers);
	snprintf(name, sizeof(name), "specref, %d readers", readers);
	in_both_builds(&c, name);
}

static void a_primitive(const char *scenario)
{
	vms_hunt_config c;

	drive_config(&c, scenario);
	in_both_builds(&c, scenario);
}

static void fenced_store_buffering(void)
{
	vms_hunt_config c;

	drive_config(&c, "store-buffering");
	drive_param(&c, "fence", 1);
	in_both_builds(&c, "store-buffering with smp_mb()");
	ok(!drive_count(&c, &d, "both-zero"), "and neither outcome of an unfenced one");
}

static void grace_periods_without_membarrier(void)
{
	vms_hunt_config c;

	drive_config(&c, "rcu-publish");
	c.membarrier = 0;
	hunt(&c, "rcu-publish, readers that fence", SAMPLES / 8);
}

static void two_teams(void)
{
	vms_hunt_config c;

	drive_config(&c, "refcount-conservation");
	c.n_threads *= 2;
	hunt(&c, "two teams", SAMPLES / 4);
}

int main(void)
{
	specref(1);
	specref(2);
	specref(3);
	a_primitive("refcount-conservation");
	a_primitive("freeze-unfreeze");
	a_primitive("rcu-publish");
	fenced_store_buffering();
	grace_periods_without_membarrier();
	two_teams();
	return done();
}
