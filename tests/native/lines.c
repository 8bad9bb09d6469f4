/* Lines that two CPUs hand to one another: the nearest of a room is found and left clean. */
#include "native/lines.h"

#include <sched.h>

#include "api.h"
#include "rig.h"
#include "tap.h"

#define MS 1000000ull

/* The first two CPUs that we may use; false: there is one. */
static bool two_cpus(int *a, int *b)
{
	cpu_set_t set;
	int cpu;

	*a = *b = -1;
	sched_getaffinity(0, sizeof(set), &set);
	for (cpu = 0; cpu < CPU_SETSIZE && *b < 0; cpu++) {
		if (CPU_ISSET(cpu, &set))
			*(*a < 0 ? a : b) = cpu;
	}
	return *b >= 0;
}

static void a_game(void *room)
{
	struct nearest_line found = { 0 };
	unsigned *words = room;
	bool clean = true;
	int a, b, i;

	if (!two_cpus(&a, &b)) {
		skip("the nearest line is found", "one CPU");
		return;
	}
	ok(lines_nearest(room, a, b, MS, &found) == VMS_OK, "two CPUs hand lines to and fro");
	ok(found.ns > 0 && (char *)found.line >= (char *)room &&
	   ((uintptr_t)found.line & 63) == 0, "the nearest is a line of the room (%.1f ns)", found.ns);
	for (i = 0; i < 1024; i++)
		clean = clean && !words[i];
	ok(clean, "and all of them are zero again");
	ok(lines_nearest(room, a, b, 0, &found) == VMS_OK && found.ns > 0,
	   "no time at all is one pass");
	ok(vms_probe_handoff_ns(a, b, MS) > 0, "the probe is of a room of its own");
}

static void refusals(void *room)
{
	struct nearest_line found;
	int a, b;

	two_cpus(&a, &b);
	ok(lines_nearest(room, -1, a, MS, &found) == VMS_EINVAL, "a CPU that is none is refused");
	ok(lines_nearest(room, a, CPU_SETSIZE + 1, MS, &found) == VMS_EINVAL,
	   "so is one for the other thread, and the first does not wait for it");
	ok(vms_probe_handoff_ns(a, CPU_SETSIZE + 1, MS) < 0, "and by the probe");
}

int main(void)
{
	void *room = lines_room();

	ok(room != NULL, "there is room");
	a_game(room);
	refusals(room);
	lines_leave(room);
	lines_leave(NULL);
	return done();
}
