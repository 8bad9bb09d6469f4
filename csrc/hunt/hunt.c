#include "hunt/hunt.h"

#include <unistd.h>

#include "native/clock.h"

bool hunt_over(const struct hunt *h)
{
	if (runner_stopping(&h->runner))
		return true;
	if (h->config.until_found && __atomic_load_n(&h->found, __ATOMIC_RELAXED))
		return true;
	return clock_now_ns() - h->started_ns >= h->config.budget_ns;
}

void hunt_found(struct hunt *h)
{
	__atomic_store_n(&h->found, 1, __ATOMIC_RELAXED);
}

uint32_t hunt_page_size(void)
{
	return (uint32_t)sysconf(_SC_PAGESIZE);
}
