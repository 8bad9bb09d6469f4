/* One run of the plain loop: bare.c. */
#ifndef LOOPS_BARE_H
#define LOOPS_BARE_H

#include <stdint.h>

#define BARE_MAX_THREADS 64

struct bare_figures {
	double ns;         /* per operation and thread */
	double cpu_share;  /* CPU time over wall time of the thread that got least */
};

/* VMS_OK or a vms_status. operation as in vms_bare_loop_ns(). */
int bare_run(const char *operation, const int32_t *cpus, int n_threads, uint64_t operations,
	     struct bare_figures *out);

#endif
