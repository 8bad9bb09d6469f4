#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int vms_fail(vms_error *err, int status, const char *format, ...)
{
	va_list args;

	if (!err)
		return status;
	err->status = status;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return status;
}
