/* Filling a vms_error: what happened, with values, and what to do about it. */
#ifndef VMS_ERROR_H
#define VMS_ERROR_H

#include "api.h"

/* Formats into *err (which may be NULL) and returns status. */
int vms_fail(vms_error *err, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4), cold));
/* Refuses a knob whose choice does not exist. */
int vms_check_knobs(const int32_t *choices, vms_error *err);

#endif
