/*
 * Real faults as outcomes. SIGSEGV and SIGBUS of an actor inside its own window
 * are decoded, recorded and end that actor's run, as an oops ends a task; or, with
 * a waiting handler, wait for the window to close and try again. Every other
 * fault, and what else an actor's own C may die of, is named and goes to whoever
 * had the handler before us.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/signal.h"
#include "kapi/diagnose.h"
#include "error.h"
#include "handlers.h"
#include "native/fault.h"
#include "native/machine_state.h"

static void on_fault(int sig, siginfo_t *info, void *context);

static struct handlers handlers = {
	.signals = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP },
	.handle = on_fault,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

/* sigabbrev_np() may not be called in a handler. */
static const char *signal_name(int sig)
{
	return sig == SIGSEGV ? "SIGSEGV" : sig == SIGBUS ? "SIGBUS" : sig == SIGFPE ? "SIGFPE"
	       : sig == SIGILL ? "SIGILL" : "SIGTRAP";
}

/* ---- recording ---- */

static vms_fault *fault_row(struct fault_table *table, const struct site *site, int hazard,
			    const char *actor)
{
	int i;

	for (i = 0; i < table->n; i++) {
		vms_fault *f = &table->rows[i];

		if (f->hazard == hazard && f->line == site->line && f->actor == actor &&
		    !strcmp(f->file, site->file))
			return f;
	}
	if (table->n == VMS_MAX_FAULTS)
		return NULL;
	memset(&table->rows[table->n], 0, sizeof(vms_fault));
	return &table->rows[table->n++];
}

static void record(struct cpu *cpu, const char *kind, uintptr_t address, bool write, int hazard)
{
	static const struct site nowhere = { "", "", "before the first operation", 0 };
	const struct site *site = cpu->site ? cpu->site : &nowhere;
	struct fault_table *table = &cpu->machine->faults;
	const char *actor = cpu->name;
	vms_fault *f;

	/* acquire/release: the table's rows; an actor is here at most once */
	while (arch_xchg_acquire(&table->lock, 1))
		sched_yield();
	f = fault_row(table, site, hazard, actor);
	if (f) {
		f->kind = kind;
		f->actor = actor;
		f->file = site->file;
		f->function = site->function;
		f->operation = site->operation;
		f->line = site->line;
		f->address = address;
		f->page = address - cpu->vmemmap < cpu->window_size
				  ? (int64_t)((address - cpu->vmemmap) / STRUCT_PAGE_SIZE) : -1;
		f->hazard = hazard;
		f->write = write;
		f->count++;
	}
	__atomic_store_n(&table->lock, 0, __ATOMIC_RELEASE);
	__atomic_fetch_add(&cpu->machine->n_faults, 1, __ATOMIC_RELAXED);
}

/* ---- ending a run ---- */

_Noreturn void fault_abort_run(struct cpu *cpu, int hazard, int invariant)
{
	cpu->hazard = hazard;
	cpu->invariant = invariant;
	siglongjmp(cpu->recovery, 1);
}

void fault_violate(struct cpu *cpu, int hazard, int invariant)
{
	if (cpu->guarded)
		fault_abort_run(cpu, hazard, invariant);
	cpu->hazard = hazard;
	cpu->invariant = invariant;
}

/* ---- the handler ---- */

/* Only what a signal handler may call; and one write, since others may die as well. */
struct line {
	char text[512];
	size_t n;
};

static void say(struct line *l, const char *text)
{
	while (*text && l->n < sizeof(l->text) - 1)
		l->text[l->n++] = *text++;
}

static void say_number(struct line *l, uintptr_t value, unsigned base, unsigned width)
{
	char digits[24];
	unsigned i = sizeof(digits) - 1;

	digits[i] = 0;
	do {
		digits[--i] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || sizeof(digits) - 1 - i < width);
	say(l, &digits[i]);
}

/* An actor's fault outside its window is nobody's outcome: it is named, and goes on
 * to the handler before ours, or kills the process as it would without us. */
static void name_foreign(const struct cpu *cpu, int sig, uintptr_t address)
{
	struct line l = { .n = 0 };
	ssize_t written;

	say(&l, "vmemstress: foreign fault of actor ");
	say(&l, cpu->name);
	say(&l, ", ");
	say(&l, signal_name(sig));
	say(&l, " at 0x");
	say_number(&l, address, 16, 2 * sizeof(address));
	if (cpu->site) {
		say(&l, ", after ");
		say(&l, cpu->site->operation);
		say(&l, " (");
		say(&l, cpu->site->file);
		say(&l, ":");
		say_number(&l, (uintptr_t)cpu->site->line, 10, 1);
		say(&l, ")");
	}
	l.text[l.n++] = '\n'; /* say() has left room for it */
	written = write(STDERR_FILENO, l.text, l.n);
	(void)written;
}

/* Sleeps while the entry is as it was seen; a wake-up that comes first is no loss. */
static void sleep_for_make(struct machine *m, const struct pte *p, uint32_t seen)
{
	struct timespec t_max = { 0, 50000000 }; /* to look whether the window was abandoned */
	int saved = errno;

	/* full: counted before the kernel compares the word; pairs with fault_wake() */
	arch_fetch_add_full((int *)&m->sleepers, 1);
	syscall(SYS_futex, &p->seq, FUTEX_WAIT_PRIVATE, seen, &t_max, NULL, 0);
	arch_fetch_add_full((int *)&m->sleepers, -1);
	errno = saved;
}

void fault_wake(struct cpu *cpu, struct pte *p)
{
	/* the new seq before the look at the sleepers; pairs with sleep_for_make() */
	arch_smp_mb();
	if (__atomic_load_n(&cpu->machine->sleepers, __ATOMIC_RELAXED))
		syscall(SYS_futex, &p->seq, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static bool stands(const struct pte *p, uint32_t *seq)
{
	/* acquire: the entry before the retry; pairs with pte_end() */
	*seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);
	return !(*seq & 1) && __atomic_load_n(&p->valid, __ATOMIC_RELAXED);
}

static void wait_for_make(struct cpu *cpu, const struct pte *p)
{
	struct machine *m = cpu->machine;
	unsigned spins = 0;
	uint32_t seq;

	__atomic_fetch_add(&m->waits, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&cpu->waiting, WAITING_FOR_ANY, __ATOMIC_RELAXED);
	/* A state, not an edge, is waited for: a fault whose window closed meanwhile
	 * just retries. */
	while (!stands(p, &seq)) {
		if (__atomic_load_n(&m->window_abandoned, __ATOMIC_RELAXED))
			fault_abort_run(cpu, 17, 8); /* its owner waits for itself */
		if (cpu->fault_wait == FAULT_WAIT_RETRY)
			break;
		if (cpu->fault_wait == FAULT_WAIT_FUTEX)
			sleep_for_make(m, p, seq);
		else
			arch_cpu_relax();
		if (++spins > 1000)
			sched_yield();
	}
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
}

static void on_hole(struct cpu *cpu, uintptr_t address, const struct pte *p,
		    const struct fault_facts *facts)
{
	struct diagnosis d;

	if (cpu->regime->window == WINDOW_FAULT_WAIT && !facts->own_window) {
		wait_for_make(cpu, p);
		return;
	}
	d = diagnose_fault(cpu->regime, facts);
	record(cpu, "hole in the window", address, facts->write, d.hazard);
	fault_abort_run(cpu, d.hazard, d.invariant);
}

static void on_permission(struct cpu *cpu, uintptr_t address, const struct fault_facts *facts)
{
	struct diagnosis d = diagnose_fault(cpu->regime, facts);

	record(cpu, "write to read-only", address, true, d.hazard);
	fault_abort_run(cpu, d.hazard, d.invariant);
}

enum fault_is { IS_HOLE, IS_PERMISSION, IS_OVER };

/* One state of the entry, or that it is between two. */
struct entry {
	uint32_t seq;
	bool changing, valid, writable;
};

static struct entry entry_of(const struct pte *p)
{
	struct entry e;

	/* acquire: valid and writable are no older than seq; pairs with pte_end() */
	e.seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);
	e.valid = __atomic_load_n(&p->valid, __ATOMIC_RELAXED);
	e.writable = __atomic_load_n(&p->writable, __ATOMIC_RELAXED);
	/* and no newer, if seq is still the same; pairs with the fence in ptes_begin() */
	arch_smp_rmb();
	e.changing = e.seq & 1 || __atomic_load_n(&p->seq, __ATOMIC_RELAXED) != e.seq;
	return e;
}

/*
 * The hardware's "not present" is not enough: a fresh read-only alias has no
 * hardware entry until somebody reads it, so a first write to it looks like a
 * hole. Our page table decides. While that changes, or has changed since the fault,
 * the access is made again: if it faults under the same entry, the entry forbids it.
 */
static enum fault_is classify(struct cpu *cpu, const struct pte *p, uintptr_t address,
			      struct fault_bits *bits)
{
	struct entry e = entry_of(p);

	if (!bits->known) {
		/* an emulator tells nothing of the translation that it met: our entry
		 * does, once it stands still */
		if (e.changing)
			return IS_OVER;
		bits->present = e.valid && !e.writable;
	}
	if (bits->write && bits->present)
		return IS_PERMISSION;
	if (!bits->write || (!e.changing && !e.valid))
		return IS_HOLE; /* nothing but a hole refuses a read */
	if (!e.changing && cpu->again_seq == e.seq && cpu->again_address == address)
		return IS_PERMISSION;
	cpu->again_seq = e.seq;
	cpu->again_address = address;
	return IS_OVER;
}

static void on_actor_fault(struct cpu *cpu, uintptr_t address, struct fault_bits bits)
{
	const struct pte *p = &cpu->ptes[(address - cpu->vmemmap) / cpu->page_size];
	enum fault_is is = classify(cpu, p, address, &bits);
	struct fault_facts facts = { .write = bits.write, .hole = is == IS_HOLE };

	cpu->faults++;
	facts.compare = facts.write && address == cpu->mark_address;
	facts.remapped = facts.compare && cpu->mark_writable;
	facts.in_section = cpu->rcu_nest != 0;
	facts.own_window = cpu->broken != 0;
	if (is == IS_HOLE)
		on_hole(cpu, address, p, &facts);
	else if (is == IS_PERMISSION)
		on_permission(cpu, address, &facts);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	struct cpu *cpu = kapi_this_cpu;
	uintptr_t address = (uintptr_t)info->si_addr;

	/* si_code <= 0: somebody sent the signal, nothing faulted */
	if (cpu && cpu->guarded && info->si_code > 0 &&
	    address - cpu->vmemmap < cpu->window_size) {
		on_actor_fault(cpu, address, arch_fault_bits(context));
		return;
	}
	if (cpu && info->si_code > 0)
		name_foreign(cpu, sig, address);
	handlers_chain(&handlers, sig, info, context);
}

/* ---- installation ---- */

int fault_install(vms_error *err)
{
	if (handlers_install(&handlers))
		return VMS_OK;
	handlers_remove(&handlers);
	return vms_fail(err, VMS_EUNSUPPORTED, "no handler for faults can be installed");
}

void fault_uninstall(void)
{
	handlers_remove(&handlers);
}

bool fault_installed(void)
{
	return handlers_have(&handlers, SIGSEGV);
}
