/* Buckets of a histogram: each value has one, and its floor says which. */
#include "loops/engine/loop.h"
#include "tap.h"

static void floors(void)
{
	bool back = true, grow = true, fill = true;
	int b;

	for (b = 0; b < VMS_HISTOGRAM_BUCKETS; b++) {
		uint64_t floor = vms_histogram_floor(b);

		back = back && histogram_bucket(floor) == (unsigned)b;
		if (b) {
			grow = grow && floor > vms_histogram_floor(b - 1);
			fill = fill && histogram_bucket(floor - 1) == (unsigned)b - 1;
		}
	}
	ok(back, "the floor of every bucket lies in it");
	ok(grow, "floors grow");
	ok(fill, "the value below a floor is the bucket before's");
}

/* 16 steps in a power of two: no bucket is wider than a sixteenth of its floor. */
static void width(void)
{
	bool narrow = true;
	int b;

	for (b = VMS_HISTOGRAM_STEPS; b + 1 < VMS_HISTOGRAM_BUCKETS; b++) {
		uint64_t floor = vms_histogram_floor(b);

		narrow = narrow && vms_histogram_floor(b + 1) - floor <= floor / 16;
	}
	ok(narrow, "a bucket is a sixteenth of its floor wide at most");
}

static void ends(void)
{
	uint64_t buckets[VMS_HISTOGRAM_BUCKETS] = { 0 };

	ok(histogram_bucket(0) == 0 && histogram_bucket(15) == 15, "small values are exact");
	ok(histogram_bucket((1ull << 40) - 1) < VMS_HISTOGRAM_BUCKETS - 1,
	   "2^40 ns, 18 minutes, is below the last bucket");
	ok(histogram_bucket(UINT64_MAX) == VMS_HISTOGRAM_BUCKETS - 1,
	   "what is longer is in the last");
	histogram_add(buckets, 1000);
	ok(buckets[histogram_bucket(1000)] == 1, "a value is counted once");
	ok(vms_histogram_floor(-1) == 0 &&
	   vms_histogram_floor(VMS_HISTOGRAM_BUCKETS) ==
		   vms_histogram_floor(VMS_HISTOGRAM_BUCKETS - 1),
	   "a bucket that is none is the nearest");
}

int main(void)
{
	floors();
	width();
	ends();
	return done();
}
