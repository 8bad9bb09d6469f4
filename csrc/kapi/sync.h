/* RCU, interrupts and locks. */
#ifndef KAPI_SYNC_H
#define KAPI_SYNC_H

#include "kapi/rcu.h"
#include "kapi/irq.h"
#include "kapi/spinlock.h"

#endif
