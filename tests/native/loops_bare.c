/* The plain loop, and ours beside it: what they do and report, not how fast they are. */
#include <string.h>

#include "api.h"
#include "loops/atomics/bare.h"
#include "tap.h"

#define OPERATIONS 5000u
#define START 1000000

static void the_plain_loop(const char *operation, int adds)
{
	struct bare_figures f;
	int count = 0, threads;

	for (threads = 1; threads <= 2; threads++) {
		int status = bare_run(operation, NULL, threads, OPERATIONS, &count, &f);

		ok(!status && f.ns > 0 && f.lost >= 0 && f.share > 0,
		   "plain %s, %d threads: figures", operation, threads);
		/* the warm-up and the load that is held come on top */
		ok(adds ? count >= START + threads * (int)OPERATIONS : count == START,
		   "plain %s, %d threads: the count says so", operation, threads);
	}
}

static void refusals(void)
{
	struct bare_figures f;
	vms_bare_cost cost;
	vms_error err;

	ok(bare_run("sub", NULL, 1, OPERATIONS, NULL, &f) == VMS_EINVAL, "an operation it has not");
	ok(bare_run("xadd", NULL, 0, OPERATIONS, NULL, &f) == VMS_EINVAL, "no threads");
	ok(bare_run("xadd", NULL, BARE_MAX_THREADS + 1, OPERATIONS, NULL, &f) == VMS_EINVAL,
	   "too many threads");
	ok(bare_run("xadd", NULL, 1, 0, NULL, &f) == VMS_EINVAL, "no operations");
	ok(vms_bench_bare("rcuref", NULL, 1, 0, &cost, &err) == VMS_EINVAL &&
	   strstr(err.text, "rcuref"), "beside a plain loop that there is not: %s", err.text);
}

static void beside(int threads)
{
	vms_bare_cost cost;
	vms_error err;
	int status = vms_bench_bare("add_unless", NULL, threads, 30000000, &cost, &err);

	ok(!status && cost.pairs + cost.dropped >= 2, "beside, %d threads: pairs are made", threads);
	if (!cost.pairs) {
		skip("their ratio", "no pair had its CPUs to itself");
		return;
	}
	ok(cost.ratio_low <= cost.ratio && cost.ratio <= cost.ratio_high && cost.ratio_low > 0 &&
	   cost.ours_ns > 0 && cost.bare_ns > 0,
	   "beside, %d threads: the ratio is in its interval", threads);
}

int main(void)
{
	the_plain_loop("add_unless", 1);
	the_plain_loop("xadd", 1);
	the_plain_loop("get_put", 0);
	refusals();
	beside(1);
	beside(2);
	return done();
}
