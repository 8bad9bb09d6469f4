/* The whole vocabulary, for a scenario file. */
#ifndef KAPI_H
#define KAPI_H

#include "kapi/atomic.h"
#include "kapi/scenario.h"
#include "kapi/sync.h"
#include "kapi/hugetlb.h"
#include "kapi/reader.h"

#endif
