/*
 * The remap loops: every strategy with every kind of reader ends with the oracle
 * content; an oracle that is given cause speaks; nothing is left behind.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loop_rig.h"
#include "loops/crew/interrupts.h"
#include "loops/remap/remap.h"
#include "native/clock.h"
#include "rig.h"
#include "tap.h"

static struct loop_trial trial;

static const char *const by_journeys[] = {
	"none", "mmap-fixed", "mmap-populate", "mremap", NULL
};
static const char *const in_place[] = {
	"dontneed", "dontneed-populate", "uffd-copy", "uffd-continue", "uffd-wp", "uffd-move",
	NULL
};
static const char *const guards[] = {
	"none", "fault-wait-spin", "fault-wait-futex", "fault-retry", "pause", "stop", NULL
};
static const char *const readers[] = { "idle", "load", "cas", "lookup", NULL };

/* 0: sound; 1: this host cannot, and says why; 2: anything else. */
static int verdict(void)
{
	if (trial.error.status == VMS_EUNSUPPORTED && trial.error.text[0])
		return 1;
	return trial.error.status ? 2 : 0;
}

static void with_all_readers(const char *name, const char *guard, unsigned n_readers)
{
	const char *const whats[] = { "page", "2m" };
	unsigned what, reader, batch, bad = 0;

	for (what = 0; what < 2; what++) {
		for (reader = 0; reader < n_readers; reader++) {
			for (batch = 1; batch <= 3; batch += 2) {
				loop_prepare(&trial, "remap", name, 3, 4);
				loop_set(&trial, "what", whats[what]);
				loop_set(&trial, "reader", readers[reader]);
				loop_set(&trial, "batch", batch == 1 ? "1" : "3");
				if (guard)
					loop_set(&trial, "guard", guard);
				if (n_readers == 4 && batch == 3)
					loop_set(&trial, "grace", "before-remap");
				loop_go(&trial);
				if (verdict() == 1) {
					skip(name, trial.error.text);
					return;
				}
				bad += verdict() == 2;
				if (verdict() == 2)
					printf("# %s %s batch %u: %s\n", whats[what],
					       readers[reader], batch, trial.error.text);
			}
		}
	}
	ok(!bad, "%s%s%s: sound with every reader, for pages and huge pages, alone and in batches",
	   name, guard ? " guard=" : "", guard ? guard : "");
}

static void every_strategy(void)
{
	unsigned i;

	for (i = 0; by_journeys[i]; i++)
		with_all_readers(by_journeys[i], NULL, 4);
	for (i = 0; guards[i]; i++)
		with_all_readers("bbm", guards[i], 4);
	for (i = 0; in_place[i]; i++)
		with_all_readers(in_place[i], NULL, 3);
}

/* ---- what is counted ---- */

/* In some window the reader and the break must meet; each try is another window. */
static bool faults_show(const char *guard)
{
	unsigned i;

	for (i = 0; i < 50; i++) {
		loop_prepare(&trial, "remap", "bbm", 2, 20);
		loop_set(&trial, "guard", guard);
		if (loop_go(&trial))
			return false;
		if (loop_counter(&trial, "faults") > 0)
			return true;
	}
	return false;
}

static void figures(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned pages = mmu_vmemmap_pages((uint32_t)page, false), i;
	uint64_t begin, ms;
	double per_op;

	for (i = 0; i < 4; i++)
		ok(faults_show(guards[i]), "bbm guard=%s: readers fault in the window", guards[i]);
	loop_prepare(&trial, "remap", "mmap-fixed", 1, 10);
	loop_set(&trial, "what", "2m");
	ok(loop_go(&trial) == VMS_OK && trial.operations[0] && trial.recorded[HISTOGRAM_REMAP],
	   "without a reader: operations and their times");
	per_op = loop_counter(&trial, "saved_bytes") / (double)trial.operations[0];
	ok(fabs(per_op - (double)((pages - 1) * page)) < 0.05 * per_op,
	   "a 2 MiB page saves %u vmemmap pages: %.0f bytes", pages - 1, per_op);
	per_op = loop_counter(&trial, "system_calls") / (double)trial.operations[0];
	ok(fabs(per_op - (pages + 1)) < 0.05 * per_op,
	   "its journey makes a call for the head and each alias, and one to restore: %.2f", per_op);
	loop_prepare(&trial, "remap", "mmap-fixed", 2, 30);
	loop_set(&trial, "rate", "1000");
	loop_set(&trial, "pace", "1000");
	begin = clock_now_ns();
	loop_go(&trial);
	ms = (clock_now_ns() - begin) / 1000000;
	ok(!trial.error.status && trial.operations[0] <= ms + 2,
	   "a rate of 1000/s, %llu ms in all: %llu remaps", (unsigned long long)ms,
	   (unsigned long long)trial.operations[0]);
	ok(trial.recorded[0] == trial.operations[1], "paced, every access of the reader is timed");
}

/* ---- the oracle is given cause ---- */

static struct remap *inside(void)
{
	return remap_of(&trial.run->e.run);
}

static struct page *shown(struct remap *m)
{
	const struct mmu *mmu = &m->field.crew.machine.mmu;

	return mmu_frame(mmu, mmu->ptes[0].frame);
}

static void tear(struct remap *m)
{
	__atomic_store_n(&shown(m)->index, 0x1234, __ATOMIC_RELAXED);
}

static void turn_back(struct remap *m)
{
	stamp_write(shown(m), 1);
}

static void lose_an_add(struct remap *m)
{
	__atomic_fetch_sub(&shown(m)->private, 1, __ATOMIC_RELAXED);
}

static void make_a_hole(struct remap *m)
{
	mprotect(remap_address(m, 0), m->field.crew.machine.mmu.page_size, PROT_NONE);
}

/* Again and again until a reader has met it, or once if that is enough. */
static void sabotage(const char *reader, void (*spoil)(struct remap *m), bool once,
		     const char *expected, const char *what)
{
	uint64_t end = clock_now_ns() + 10000000000u;
	struct remap *m;

	loop_prepare(&trial, "remap", "mmap-fixed", 2, 60000);
	loop_set(&trial, "reader", reader);
	loop_set(&trial, "rate", "100");
	if (!loop_start(&trial)) {
		ok(false, "%s: started", what);
		return;
	}
	m = inside();
	sleep_ms(20);
	do {
		spoil(m);
		sleep_ms(1);
	} while (!once && clock_now_ns() < end && !crew_is_oopsed(&m->field.crew) &&
		 !*(volatile bool *)&m->watchers[1].wrong);
	ok(loop_finish(&trial, true), "%s: the run ends", what);
	ok(trial.error.status == VMS_EUNTRUSTED && strstr(trial.error.text, expected),
	   "%s: the figures are void: %s", what, trial.error.text);
}

static void the_oracle_speaks(void)
{
	sabotage("load", tear, false, "torn", "a torn frame");
	sabotage("load", turn_back, false, "torn, stale", "a frame of the past");
	sabotage("cas", lose_an_add, true, "compare-and-swaps", "a lost update");
	sabotage("load", make_a_hole, false, "a reader met", "an unexpected hole");
	sabotage("cas", make_a_hole, false, "a reader met", "an unexpected hole under a write");
}

static void no_page_table(struct cpu *cpu, unsigned vpn, unsigned n, frame_t f,
			  enum mach_prot prot, bool alias)
{
	(void)vpn;
	(void)n;
	(void)f;
	(void)prot;
	(void)alias;
	fault_violate(cpu, 18, 6); /* as an unexpected fault of its own */
}

/* Everybody else is paused, then, and must not stay so. */
static void the_pauser_is_cut_off(void)
{
	loop_prepare(&trial, "remap", "bbm", 3, 60000);
	loop_set(&trial, "guard", "pause");
	loop_set(&trial, "rate", "100");
	if (!loop_start(&trial)) {
		ok(false, "started: %s", trial.error.text);
		return;
	}
	sleep_ms(20);
	__atomic_store_n(&inside()->field.crew.ops.pte_set, no_page_table, __ATOMIC_RELAXED);
	while (!crew_is_oopsed(&inside()->field.crew))
		sleep_ms(1);
	ok(loop_finish(&trial, true) && trial.error.status == VMS_EUNTRUSTED,
	   "a remapper that is cut off in a pause: %s", trial.error.text);
}

/* ---- starting and ending ---- */

static void many_runs(unsigned rounds)
{
	unsigned i, k, runs = 0, bad = 0, fds = 0, maps = 0;

	for (i = 0; i < rounds; i++) {
		for (k = 0; k < 11; k++, runs++) {
			const char *name = k < 4 ? by_journeys[k] : k < 10 ? in_place[k - 4] : "bbm";

			loop_prepare(&trial, "remap", name, 2, 1);
			trial.config.warmup_ns = 0;
			loop_set(&trial, "what", i % 2 ? "2m" : "page");
			loop_go(&trial);
			bad += verdict() == 2;
		}
		if (i == 1) {
			fds = entries("/proc/self/fd"); /* what the libraries keep is there */
			maps = mappings();
		}
	}
	ok(!bad, "%u runs, all sound", runs);
	ok(entries("/proc/self/fd") == fds, "no descriptor is left behind");
	/* stacks and heaps of threads are kept by libc for the next ones */
	ok(mappings() <= maps + 8, "no mapping is left behind: %u, then %u", maps, mappings());
}

static void stopping(void)
{
	static const char *const names[] = { "mmap-fixed", "uffd-copy", "uffd-continue" };
	unsigned i;
	bool prompt;

	for (i = 0; i < 3; i++) {
		uint64_t begin;

		loop_prepare(&trial, "remap", names[i], 2, 600000);
		loop_set(&trial, "rate", "1");
		if (!loop_start(&trial)) {
			skip(names[i], trial.error.text);
			continue;
		}
		sleep_ms(20);
		begin = clock_now_ns();
		prompt = loop_finish(&trial, true);
		ok(prompt && clock_now_ns() - begin < 5000000000u,
		   "%s at one a second stops when told", names[i]);
	}
}

/* More than a scenario has actors. */
static void many_threads(void)
{
	static const char *const some[] = { "fault-wait-futex", "pause" };
	unsigned i;

	for (i = 0; i < 2; i++) {
		loop_prepare(&trial, "remap", "bbm", LOOP_RIG_THREADS, 10);
		loop_set(&trial, "guard", some[i]);
		loop_set(&trial, "reader", "lookup");
		loop_go(&trial);
		ok(!trial.error.status && trial.operations[0], "guard=%s and %d readers%s%s", some[i],
		   LOOP_RIG_THREADS - 1, trial.error.status ? ": " : "", trial.error.text);
	}
}

static volatile sig_atomic_t foreign;

static void on_foreign(int sig)
{
	foreign = sig;
	signal(SIGSEGV, SIG_DFL);
}

static void handlers(void)
{
	struct sigaction mine = { .sa_handler = on_foreign }, now;

	sigaction(SIGSEGV, &mine, NULL);
	loop_prepare(&trial, "remap", "bbm", 2, 5);
	ok(loop_go(&trial) == VMS_OK, "with a SIGSEGV handler of the program's own");
	sigaction(SIGSEGV, NULL, &now);
	ok(now.sa_handler == on_foreign, "which it has back afterwards");
	signal(SIGSEGV, SIG_DFL);
}

static void refusals(void)
{
	loop_prepare(&trial, "remap", "mmap-fixed", 2, 5);
	trial.config.settings[SET_BATCH] = 513;
	ok(loop_go(&trial) == VMS_EINVAL && strstr(trial.error.text, "batch"),
	   "a batch of 513 is refused: %s", trial.error.text);
	loop_prepare(&trial, "remap", "mmap-fixed", 1, 5);
	loop_set(&trial, "what", "1g");
	loop_set(&trial, "batch", "512");
	ok(loop_go(&trial) == VMS_EUNSUPPORTED && strstr(trial.error.text, "max_map_count"),
	   "512 gigantic pages need more mappings than there may be: %s", trial.error.text);
}

/* ---- /proc/interrupts ---- */

static void read_as(const char *text, struct interrupts *out)
{
	char path[] = "/tmp/interruptsXXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("Bail out! no temporary file\n");
	close(fd);
	interrupts_read_from(path, out);
	unlink(path);
}

static void interrupt_rows(void)
{
	struct interrupts i;

	read_as("           CPU0       CPU1\n"
		"RES:         10         20   Rescheduling interrupts\n"
		"CAL:          1          2   Function call interrupts\n"
		"TLB:        100        200   TLB shootdowns\n", &i);
	ok(i.reschedule == 30 && i.call == 3 && i.tlb == 300, "x86's rows, summed over the CPUs");
	read_as("           CPU0       CPU1       CPU2\n"
		" 11:          5          6          7     GICv3  27 Level     arch_timer\n"
		"IPI0:         1          2          3       Rescheduling interrupts\n"
		"IPI1:        10         20         30       Function call interrupts\n"
		"IPI2:         7          7          7       CPU stop interrupts\n", &i);
	ok(i.reschedule == 6 && i.call == 60 && isnan(i.tlb),
	   "arm64's, which has no shootdowns: not a number");
	interrupts_read_from("/nonexistent", &i);
	ok(isnan(i.reschedule) && isnan(i.call) && isnan(i.tlb), "no file, no numbers");
}

int main(int argc, char **argv)
{
	interrupt_rows();
	if (UNDER_TSAN) {
		skip("everything that remaps", NO_REMAPS);
		return done();
	}
	refusals();
	every_strategy();
	figures();
	the_oracle_speaks();
	the_pauser_is_cut_off();
	stopping();
	handlers();
	many_threads();
	many_runs(argc > 1 ? (unsigned)atoi(argv[1]) : 12);
	return done();
}
