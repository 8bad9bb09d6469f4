/* The C face with its include guard; see api.cdef.h for the contract. */
#ifndef VMS_API_H
#define VMS_API_H

#include <stddef.h>
#include <stdint.h>

#include "api.cdef.h"

#endif
