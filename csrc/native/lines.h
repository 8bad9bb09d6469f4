/*
 * Cache lines that two CPUs hand to one another. A line has its home in one slice of the
 * last level cache, by its physical address, and by way of a far slice a hand-off takes
 * longer: 54 and 71 ns were seen in one page, a few lines apart. What a single line says
 * is therefore luck of its page, and differs from process to process. The nearest of
 * some lines says how far the CPUs are from one another; on it contention is measured.
 */
#ifndef NATIVE_LINES_H
#define NATIVE_LINES_H

#include <stdint.h>

struct nearest_line {
	void *line;            /* in the room, zero again */
	double ns;             /* one way, the median of its passes */
};

/* Zeroed memory that nobody has touched, for lines; NULL: there is none. */
void *lines_room(void);
void lines_leave(void *room);

/* Hand the lines of a room to and fro for about so long, once at the least; the first CPU
 * touches them first. VMS_OK, or VMS_EINVAL where no thread can be put on a CPU. */
int lines_nearest(void *room, int cpu_a, int cpu_b, uint64_t budget_ns,
		  struct nearest_line *out);

#endif
