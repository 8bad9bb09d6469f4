/* The slow half of the machine operations, without stalls: who plans those puts its
 * own into a copy. */
#ifndef NATIVE_OPS_H
#define NATIVE_OPS_H

#include "native/cpu.h"

extern const struct mach_ops native_ops;

#endif
