/* The list of loops, and what may be asked of one; implemented by describe.c. */
#ifndef LOOPS_REGISTRY_H
#define LOOPS_REGISTRY_H

#include "loops/engine/loop.h"

const struct loop *loop_at(int index); /* NULL: there is none */
int loop_settings(const struct loop *loop);
int loop_choices(const struct loop_setting *s); /* 0: a number */

/* vms_loop_start() of a loop that need not be listed, and with memory for the line that
 * its threads share: a loop beside another stands on the same one, since where it is
 * costs or saves a tenth. place NULL: it finds its own. */
vms_loop_run *loop_start_at(const struct loop *loop, const vms_loop_config *config, void *place,
			    vms_error *err);

#endif
