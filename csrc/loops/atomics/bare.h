/* One run of the plain loop: bare.c. */
#ifndef LOOPS_BARE_H
#define LOOPS_BARE_H

#include <stdint.h>

#define BARE_MAX_THREADS 64

struct bare_figures {
	double ns;         /* per operation and thread */
	double lost;       /* compare-and-swaps that lost, per operation */
	double share;      /* of its CPU that the thread got which got least, counted from
			    * the begin of the first of them */
};

/* VMS_OK or a vms_status. operation as in vms_bench_bare(); count NULL: its own. */
int bare_run(const char *operation, const int32_t *cpus, int n_threads, uint64_t operations,
	     int *count, struct bare_figures *out);

#endif
