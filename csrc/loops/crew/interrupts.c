#include "loops/crew/interrupts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row is "RES: 12 34  Rescheduling interrupts"; arm64 says "IPI0:" but describes it
 * in the same words. */
static double row_sum(const char *line, const char *what)
{
	const char *colon = strchr(line, ':'), *at;
	double sum = 0;
	char *end;

	if (!colon || !strstr(colon, what))
		return -1;
	for (at = colon + 1;; at = end) {
		unsigned long long n = strtoull(at, &end, 10);

		if (end == at)
			return sum;
		sum += (double)n;
	}
}

static void take(double *to, const char *line, const char *what)
{
	double sum = row_sum(line, what);

	if (sum < 0)
		return;
	*to = isnan(*to) ? sum : *to + sum;
}

void interrupts_read_from(const char *path, struct interrupts *out)
{
	FILE *f = fopen(path, "re");
	size_t size = 0;
	char *line = NULL;

	out->tlb = out->call = out->reschedule = NAN;
	while (f && getline(&line, &size, f) > 0) {
		take(&out->tlb, line, "TLB shootdowns");
		take(&out->call, line, "Function call interrupts");
		take(&out->reschedule, line, "Rescheduling interrupts");
	}
	free(line);
	if (f)
		fclose(f);
}

void interrupts_read(struct interrupts *out)
{
	interrupts_read_from("/proc/interrupts", out);
}
