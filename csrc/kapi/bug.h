/*
 * Claims of the code about itself. One that fails is a violation of the run, told with its
 * text and line; WARN_ON() too, which in the kernel would go on.
 */
#ifndef KAPI_BUG_H
#define KAPI_BUG_H

#include "kapi/access.h"

/* Returns whether it failed, as WARN_ON() does. */
KAPI_INLINE bool kapi_claim(bool failed, const struct site *site)
{
	if (unlikely(failed))
		mach_violate(0, 0, site);
	return failed;
}

#define BUG_ON(condition) ((void)kapi_claim((condition), KAPI_SITE("BUG_ON(" #condition ")")))
#define WARN_ON(condition) kapi_claim((condition), KAPI_SITE("WARN_ON(" #condition ")"))
#define WARN_ON_ONCE(condition) \
	kapi_claim((condition), KAPI_SITE("WARN_ON_ONCE(" #condition ")"))
#define WARN(condition, ...) kapi_claim((condition), KAPI_SITE("WARN(" #condition ")"))
#define WARN_ONCE(condition, ...) \
	kapi_claim((condition), KAPI_SITE("WARN_ONCE(" #condition ")"))

#endif
