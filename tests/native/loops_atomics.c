/*
 * Group `atomics`: every operation with every choice keeps its sum, an operation that
 * does not is found out, and the code that is said to be timed is there.
 */
#include <string.h>

#include "loops/atomics/atomics.h"
#include "loops/engine/registry.h"
#include "native/clock.h"
#include "tap.h"

#define BYTES_MOST 65536u /* without optimisation and with a sanitizer's checks */

extern const struct loop loop_xadd, loop_add_unless;

static vms_loop_config config_of(const struct loop *loop, int threads)
{
	vms_loop_config c = { .n_threads = threads, .warmup_ns = 200000, .measure_ns = 1000000 };
	int i;

	for (i = 0; i < loop_settings(loop); i++)
		c.settings[i] = loop->settings[i].preset;
	return c;
}

/* Runs it to its end; the status, and the figures in t. */
static int run(const struct loop *loop, const vms_loop_config *c, vms_loop_thread *t,
	       vms_error *err)
{
	vms_loop_run *r = loop_start_at(loop, c, NULL, err);
	int status;

	if (!r)
		return err->status;
	while (!vms_loop_wait(r, 1000))
		;
	vms_loop_threads(r, t, c->n_threads);
	status = vms_loop_error(r, err);
	vms_loop_free(r);
	return status;
}

static bool ran(const struct loop *loop, const vms_loop_config *c)
{
	vms_loop_thread t[4];
	vms_error err;
	int i, status = run(loop, c, t, &err);
	bool worked = true;

	if (status)
		printf("# %s: %s\n", loop->name, err.text);
	for (i = 0; !status && i < c->n_threads; i++)
		worked = worked && t[i].operations > 0;
	return !status && worked;
}

/* Every choice of every setting, the others at their presets. */
static void every_choice(const struct loop *loop, int atomics)
{
	int i, choice, threads;
	bool good = true;

	for (threads = 1; threads <= 3; threads++) {
		for (i = 0; i < loop_settings(loop); i++) {
			const struct loop_setting *s = &loop->settings[i];
			int last = s->choices ? loop_choices(s) - 1 : 3;

			for (choice = 0; choice <= last; choice++) {
				vms_loop_config c = config_of(loop, threads);

				c.settings[i] = choice;
				c.atomics = atomics;
				good = ran(loop, &c) && good;
			}
		}
	}
	ok(good, "%s (%s) keeps its sum with every choice, 1 to 3 threads", loop->name,
	   vms_loop_atomics(0, atomics));
}

/* ---- the oracle ---- */

/* One of a thousand additions is forgotten. */
static void forgetful(struct loop_thread *t, uint64_t n)
{
	struct atomics_share *own = t->own;
	uint64_t i;

	for (i = 0; i < n; i++) {
		if ((t->operations + i) % 1000 != 999)
			arch_fetch_add_full(own->count, 1);
	}
}

static void (*choose_forgetful(const struct loop_run *r, uint32_t role))(struct loop_thread *,
									   uint64_t)
{
	(void)r;
	(void)role;
	return forgetful;
}

static void the_forgetful_twin(void)
{
	struct loop twin = loop_xadd;
	vms_loop_config c = config_of(&twin, 2);
	vms_loop_thread t[2];
	vms_error err = { 0 };

	twin.work = choose_forgetful;
	ok(run(&twin, &c, t, &err) == VMS_EUNTRUSTED && strstr(err.text, "void"),
	   "an add that is forgotten makes the figures void: %s", err.text);
}

/* As after 2^32 operations: the next addition but a few would make the count 0. */
static void enter_near_zero(struct loop_thread *t)
{
	struct atomics_share *own = t->own;
	const uint32_t near = 0u - 5000;

	if (t->index)
		return;
	own->lowered -= near - (uint32_t)own->count[0];
	own->count[0] = (int)near;
}

static void a_count_that_comes_round(void)
{
	struct loop twin = loop_add_unless;
	vms_loop_config c = config_of(&twin, 2);
	vms_loop_thread t[2];
	vms_error err = { 0 };

	twin.enter = enter_near_zero;
	twin.chunk = 1000;
	c.operations = 20000; /* of each thread: beyond zero, were it not lowered */
	ok(run(&twin, &c, t, &err) == VMS_OK && !t[0].refused && !t[1].refused,
	   "a count that comes near to going round is lowered: none is refused%s", err.text);
}

/* ---- what is counted ---- */

static void counts_alone(void)
{
	vms_loop_config c = config_of(&loop_xadd, 1);
	vms_loop_thread t;
	vms_error err;

	c.settings[3] = 1;
	ok(!run(&loop_xadd, &c, &t, &err) && t.retries == 0 && t.refused == 0 && t.runs == 1 &&
	   t.longest_run == t.operations,
	   "a thread alone loses nothing, and its one run is the whole window");
}

/* Runs of all threads are pieces of one sequence: none is longer than its thread's
 * operations, and as many begin as somebody else's end, but for the first and last. */
static void counts_of_two(void)
{
	vms_loop_config c = config_of(&loop_add_unless, 2);
	vms_loop_thread t[2];
	vms_error err;
	int i;
	bool sane = true;

	c.settings[4] = 1;
	c.measure_ns = 20000000;
	sane = !run(&loop_add_unless, &c, t, &err);
	for (i = 0; i < 2; i++)
		sane = sane && t[i].runs >= 1 && t[i].runs <= t[i].operations &&
		       t[i].longest_run <= t[i].operations;
	ok(sane, "two threads' runs fit their operations (%llu and %llu runs)",
	   (unsigned long long)t[0].runs, (unsigned long long)t[1].runs);
}

/* ---- the code ---- */

static bool has_bytes(const unsigned char *code, uint64_t n, const char *what, size_t size)
{
	return memmem(code, n, what, size) != NULL;
}

static bool code_is_there(int loop, const int32_t *settings)
{
	const void *code;
	uint64_t n = vms_loop_code(loop, settings, VMS_ATOMICS_AUTO, &code);

	return code && n > 8 && n < BYTES_MOST;
}

static void code_of_every_loop(void)
{
	int loop, i;

	for (loop = 0; loop < vms_loop_count(); loop++) {
		const struct loop *l = loop_at(loop);
		vms_loop_config c = config_of(l, 1);
		bool there = true;

		if (strcmp(l->group, "atomics"))
			continue;
		for (i = 0; i < loop_settings(l); i++) {
			c.settings[i]++;
			there = there && code_is_there(loop, c.settings);
			c.settings[i]--;
		}
		ok(there, "the code of %s is found", l->name);
	}
}

/* On x86-64 the bytes are known without a disassembler. */
static void code_of_add_unless(void)
{
	vms_loop_config c = config_of(&loop_add_unless, 1);
	const void *bare, *counted;
	vms_host host;
	uint64_t n, m;
	int loop = 0;

	while (loop_at(loop) != &loop_add_unless)
		loop++;
	n = vms_loop_code(loop, c.settings, VMS_ATOMICS_AUTO, &bare);
	c.settings[4] = 1;
	m = vms_loop_code(loop, c.settings, VMS_ATOMICS_AUTO, &counted);
	ok(bare != counted && n && m, "loops that count are other code");
	vms_host_describe(&host);
	if (strcmp(host.arch, "x86-64")) {
		skip("the instruction is in the code", "bytes known for x86-64 alone");
		return;
	}
#ifndef __OPTIMIZE__
	skip("the instruction is in the code", "without optimisation it is in a call");
	return;
#endif
	/* lock cmpxchg, with a REX prefix or without */
	ok(!strcmp(vms_loop_instruction(loop, VMS_ATOMICS_AUTO), "lock cmpxchg") &&
	   (has_bytes(bare, n, "\xf0\x0f\xb1", 3) || has_bytes(bare, n, "\xf0\x44\x0f\xb1", 4)),
	   "the instruction that is claimed is in the code");
}

int main(void)
{
	int i, atomics;

	for (i = 0; i < vms_loop_count(); i++) {
		if (strcmp(loop_at(i)->group, "atomics"))
			continue;
		for (atomics = VMS_ATOMICS_AUTO; atomics <= VMS_ATOMICS_OUTLINE; atomics++) {
			if (!vms_loop_atomics_lacks(i, atomics))
				every_choice(loop_at(i), atomics);
		}
	}
	the_forgetful_twin();
	a_count_that_comes_round();
	counts_alone();
	counts_of_two();
	code_of_every_loop();
	code_of_add_unless();
	return done();
}
