/* The whole vocabulary, for a scenario file. docs/vocabulary.md lists it. */
#ifndef KAPI_H
#define KAPI_H

#include "kapi/atomic_long.h"
#include "kapi/bitops.h"
#include "kapi/bug.h"
#include "kapi/cmpxchg.h"
#include "kapi/completion.h"
#include "kapi/hlist.h"
#include "kapi/llist.h"
#include "kapi/lockref.h"
#include "kapi/mutex.h"
#include "kapi/percpu.h"
#include "kapi/refcount.h"
#include "kapi/rwlock.h"
#include "kapi/scenario.h"
#include "kapi/seqlock.h"
#include "kapi/srcu.h"
#include "kapi/sync.h"
#include "kapi/hugetlb.h"
#include "kapi/reader.h"

#endif
