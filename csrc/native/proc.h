/* Numbers that the kernel tells in files of one line. */
#ifndef NATIVE_PROC_H
#define NATIVE_PROC_H

#include <stdint.h>
#include <stdio.h>

#define PROC_MAX_MAP_COUNT "/proc/sys/vm/max_map_count"

/* -1: cannot be read. */
static inline int64_t proc_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long long n = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%lld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

#endif
