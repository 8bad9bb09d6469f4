/* What other CPUs were interrupted for, from /proc/interrupts: sums over all CPUs. */
#ifndef LOOPS_INTERRUPTS_H
#define LOOPS_INTERRUPTS_H

struct interrupts {
	double tlb;        /* TLB shootdowns; NaN: this architecture counts none */
	double call;       /* function calls */
	double reschedule;
};

/* Since the host booted. Rows that are not there are NaN. */
void interrupts_read(struct interrupts *out);
/* The same from another file of that form, for tests. */
void interrupts_read_from(const char *path, struct interrupts *out);

#endif
