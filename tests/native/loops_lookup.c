/* The lookup loops: references are conserved under each regime, and a lost one is told. */
#include <string.h>

#include "loop_rig.h"
#include "loops/crew/field.h"
#include "rig.h"
#include "tap.h"

static struct loop_trial trial;

struct knob {
	const char *name, *choice;
};

static const struct regime_case {
	const char *name;
	struct knob knobs[8];
} regimes[] = {
	{ "none", { { "freeze", "true" } } },
	{ "unfrozen restore", { { "freeze", "false" } } },
	{ "RCU inside try_get, fake-head test first",
	  { { "freeze", "true" }, { "get_guard", "fake-head-then-count" }, { "get_rcu", "true" },
	    { "grace_period", "before-remap" } } },
	{ "count first",
	  { { "freeze", "true" }, { "get_guard", "count-then-fake-head" }, { "get_rcu", "true" },
	    { "grace_period", "before-remap" } } },
	{ "shared tails, canonical",
	  { { "freeze", "true" }, { "tail", "shared-read-only" }, { "canonicalise", "true" },
	    { "restore", "template" } } },
	{ "break-before-make, waiting handler",
	  { { "freeze", "true" }, { "replace", "break-before-make" }, { "window", "fault-wait" } } },
	{ "break-before-make, pause",
	  { { "freeze", "true" }, { "replace", "break-before-make" }, { "window", "pause" } } },
	{ "break-before-make, stop",
	  { { "freeze", "true" }, { "replace", "break-before-make" }, { "window", "stop" } } },
	{ "break-before-make, open window",
	  { { "freeze", "true" }, { "replace", "break-before-make" }, { "window", "open" } } },
};

static void under(const struct regime_case *r)
{
	unsigned i;

	for (i = 0; i < 8 && r->knobs[i].name; i++)
		loop_knob(&trial, r->knobs[i].name, r->knobs[i].choice);
}

static void alone(const char *pages, const char *state)
{
	loop_prepare(&trial, "lookup", "filemap", 2, 10);
	loop_set(&trial, "pages", pages);
	loop_set(&trial, "state", state);
	under(&regimes[3]);
	loop_go(&trial);
	ok(!trial.error.status && trial.operations[0] && trial.operations[1],
	   "lookups of %s %s pages%s%s", pages, state, trial.error.status ? ": " : "",
	   trial.error.text);
}

static void remapped(const struct regime_case *r)
{
	const char *const rates[] = { "0", "2000" };
	unsigned i;

	for (i = 0; i < 2; i++) {
		loop_prepare(&trial, "lookup", "remapped", 3, 20);
		loop_set(&trial, "pages", i ? "5" : "1");
		loop_set(&trial, "rate", rates[i]);
		loop_set(&trial, "state", i ? "plain" : "optimised");
		under(r);
		loop_go(&trial);
		ok(!trial.error.status && trial.operations[0] && trial.operations[1],
		   "%s, journeys at %s a second: references conserved%s%s", r->name, rates[i],
		   trial.error.status ? ": " : "", trial.error.text);
	}
}

/* A lookup may hold references of its own meanwhile; what is missing stays missing. */
static void lose_a_reference(int by)
{
	struct field *f;
	struct page *head;

	loop_prepare(&trial, "lookup", "filemap", 2, 60000);
	if (!loop_start(&trial)) {
		ok(false, "started: %s", trial.error.text);
		return;
	}
	f = field_of(&trial.run->e.run);
	sleep_ms(10);
	head = mmu_frame(&f->crew.machine.mmu, f->crew.machine.mmu.ptes[0].frame);
	__atomic_fetch_add(&head->_refcount.counter, by, __ATOMIC_RELAXED);
	sleep_ms(5);
	ok(loop_finish(&trial, true), "the run ends");
	ok(trial.error.status == VMS_EUNTRUSTED && strstr(trial.error.text, "references"),
	   "%s reference: %s", by > 0 ? "a leaked" : "a lost", trial.error.text);
}

/* With nobody on a journey, in a frame that nobody owns. */
static void write_a_free_frame(void)
{
	struct field *f;
	unsigned i;

	loop_prepare(&trial, "lookup", "remapped", 2, 60000);
	under(&regimes[0]);
	loop_set(&trial, "rate", "200");
	if (!loop_start(&trial)) {
		ok(false, "started: %s", trial.error.text);
		return;
	}
	f = field_of(&trial.run->e.run);
	sleep_ms(10);
	for (i = 0; i < 2000 && !*(volatile bool *)&f->crew.scribbled_over; i++) {
		struct mmu *m = &f->crew.machine.mmu;
		uint32_t frames = (uint32_t)frames_count(&m->frames), k;

		/* in its last word, which no struct page that is in use has here */
		for (k = 1; k < frames; k++)
			__atomic_store_n((uint64_t *)mmu_frame(m, k) + m->page_size / 8 - 1, 1,
					 __ATOMIC_RELAXED);
		sleep_ms(1);
	}
	ok(loop_finish(&trial, true), "the run ends");
	ok(trial.error.status == VMS_EUNTRUSTED && strstr(trial.error.text, "free"),
	   "a write to a free frame: %s", trial.error.text);
}

/* However far a journey was, it ends where it began. */
static void stopped_midway(void)
{
	unsigned i, bad = 0;

	for (i = 0; i < 30; i++) {
		loop_prepare(&trial, "lookup", "remapped", 3, 60000);
		under(&regimes[3]);
		loop_set(&trial, "rate", "0");
		loop_set(&trial, "state", i & 1 ? "plain" : "optimised");
		if (!loop_start(&trial)) {
			bad++;
			continue;
		}
		sleep_ms(1 + i % 7);
		bad += !loop_finish(&trial, true) || trial.error.status;
	}
	ok(!bad, "stopped at any moment, references are conserved and pages stand: %s",
	   trial.error.text);
}

int main(void)
{
	unsigned i;

	alone("1", "plain");
	lose_a_reference(1);
	if (UNDER_TSAN) {
		skip("everything that remaps", NO_REMAPS);
		return done();
	}
	alone("1", "optimised");
	alone("64", "optimised");
	alone("512", "plain");
	for (i = 0; i < sizeof(regimes) / sizeof(regimes[0]); i++)
		remapped(&regimes[i]);
	write_a_free_frame();
	stopped_midway();
	return done();
}
