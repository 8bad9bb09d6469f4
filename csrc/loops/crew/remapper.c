#include "loops/crew/remapper.h"

#include <time.h>

#include "loops/crew/interrupts.h"
#include "native/clock.h"

#define SPIN_NS 200000   /* before its turn it spins: a sleeper wakes late */
#define NAP_NS 5000000   /* and sleeps no longer than this, to hear that it should stop */

void remapper_init(struct remapper *r, const struct loop_run *run, unsigned batch,
		   uint64_t rate)
{
	r->run = run;
	r->batch = batch;
	r->interval_ns = rate ? batch * 1000000000ull / rate : 0;
	r->next_ns = clock_now_ns();
}

bool remapper_owes(struct remapper *r, uint64_t n)
{
	r->owed += n;
	if (r->owed < r->batch || loop_stopping(r->run))
		return false;
	r->owed -= r->batch;
	return true;
}

static void nap(uint64_t ns)
{
	const struct timespec t = { 0, (long)(ns < NAP_NS ? ns : NAP_NS) };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

uint64_t remapper_turn(struct remapper *r)
{
	uint64_t turn = r->next_ns, now;

	if (!r->interval_ns)
		return 0;
	r->next_ns += r->interval_ns;
	while ((now = clock_now_ns()) < turn && !loop_stopping(r->run)) {
		if (turn - now > 2 * SPIN_NS)
			nap(turn - now - SPIN_NS);
		else
			arch_cpu_relax();
	}
	return turn;
}

void remapper_look(struct loop_thread *t)
{
	struct interrupts now;

	if (t->role != 1)
		return;
	interrupts_read(&now);
	t->counters[COUNT_TLB] = now.tlb;
	t->counters[COUNT_CALL] = now.call;
	t->counters[COUNT_RESCHEDULE] = now.reschedule;
}
