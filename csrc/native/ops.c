#include "native/ops.h"

#include "native/fault.h"
#include "native/machine_state.h"
#include "native/meet.h"
#include "native/pause.h"
#include "native/rcu.h"

__thread struct cpu *kapi_this_cpu __attribute__((tls_model("initial-exec")));

/* Scenarios count vpn from the start of their instance. */
static unsigned window_vpn(const struct cpu *cpu, unsigned vpn)
{
	return (unsigned)(cpu->ptes - cpu->machine->mmu.ptes) + vpn;
}

static frame_t op_frame_alloc(struct cpu *cpu, unsigned n)
{
	bool scribbled_over;
	frame_t f = frames_alloc(&cpu->machine->mmu.frames, n, &scribbled_over);

	if (scribbled_over)
		fault_violate(cpu, 8, 2); /* somebody wrote a frame that was free */
	return f;
}

static void op_frame_free(struct cpu *cpu, frame_t f, unsigned n)
{
	frames_free(&cpu->machine->mmu.frames, f, n);
}

static void op_frame_fill(struct cpu *cpu, frame_t f, unsigned first, unsigned n,
			  const struct page_image *image)
{
	frames_fill(&cpu->machine->mmu.frames, f, first, n, image);
}

static void op_frame_copy(struct cpu *cpu, frame_t to, frame_t from)
{
	frames_copy(&cpu->machine->mmu.frames, to, from);
}

static void op_pte_set(struct cpu *cpu, unsigned vpn, unsigned n, frame_t f,
		       enum mach_prot prot, bool alias)
{
	mmu_set(&cpu->machine->mmu, window_vpn(cpu, vpn), n, f, prot == MACH_RW, alias);
	cpu->broken -= cpu->broken < n ? cpu->broken : n;
}

static void op_pte_clear(struct cpu *cpu, unsigned vpn, unsigned n)
{
	cpu->broken += n;
	mmu_clear(&cpu->machine->mmu, window_vpn(cpu, vpn), n);
}

const struct mach_ops native_ops = {
	.meet_slow = meet_slow,
	.relax = meet_relax,
	.synchronize_rcu = rcu_synchronize,
	.pause_pending = pause_pending,
	.pause_others = pause_others,
	.resume_others = pause_resume,
	.spin_lock_slow = meet_spin_lock_slow,
	.frame_alloc = op_frame_alloc,
	.frame_free = op_frame_free,
	.frame_fill = op_frame_fill,
	.frame_copy = op_frame_copy,
	.pte_set = op_pte_set,
	.pte_clear = op_pte_clear,
	.tlb_flush = rcu_tlb_flush,
	.violate = fault_violate,
};
