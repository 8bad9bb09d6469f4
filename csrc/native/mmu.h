/*
 * The memory map of one machine: the window of virtual memory that shows some of
 * its frames as struct pages.
 *
 * Who writes a PTE: the actor that remaps, one at a time per instance. Who reads
 * it: the fault handler and mach_loaded() of every CPU, hence the seq.
 */
#ifndef NATIVE_MMU_H
#define NATIVE_MMU_H

#include <sys/types.h>

#include "api.h"
#include "native/cpu.h"
#include "native/frames.h"

struct mmu {
	struct frames frames;
	uint32_t page_size;
	uint32_t vmemmap_pages; /* of one huge page */
	uint32_t blocks;        /* huge pages of one instance */
	uint32_t instances;
	char *reserved;         /* what was mapped, window aligned inside */
	size_t reserved_size;
	char *window;
	size_t window_size;
	struct pte *ptes;       /* one a vmemmap page of the window */
	uint64_t calls;         /* mmap and mprotect so far */
	struct mmu_call *log;   /* the calls of a journey, for bench; or NULL */
	unsigned n_log, log_size;
	/* How frames come to an address instead of by one mmap(MAP_FIXED); MAP_FAILED
	 * with errno. NULL: as said. */
	void *(*map)(struct mmu *m, void *address, size_t length, int prot, off_t offset);
	int error;              /* errno of the first call that failed */
};

/* One system call of a journey, to be made again bare. */
struct mmu_call {
	void *address;
	size_t length;
	int prot;     /* PROT_NONE: mprotect, else mmap MAP_FIXED */
	off_t offset;
};

/* vmemmap pages behind a huge page of PMD size, and behind a gigantic one. */
unsigned mmu_vmemmap_pages(uint32_t page_size, bool gigantic);

int mmu_create(struct mmu *m, unsigned vmemmap_pages, unsigned blocks, unsigned instances,
	       vms_error *err);
void mmu_destroy(struct mmu *m);

/* vpn is an index into the whole window here. */
void mmu_set(struct mmu *m, unsigned vpn, unsigned n, frame_t f, bool writable, bool alias);
void mmu_clear(struct mmu *m, unsigned vpn, unsigned n);
/* Give every block frames of its own again, however it stands; with every actor
 * at rest. reclaim: frames may be lost in the hands of a journey cut off. */
void mmu_reset(struct mmu *m, bool reclaim);

/* Every frame that no PTE shows is free again; with every actor at rest. */
void mmu_reclaim(struct mmu *m);

static inline void *mmu_frame(const struct mmu *m, frame_t f)
{
	return frames_at(&m->frames, f);
}

/* Text for the errno that a remap failed with. */
void mmu_explain(int error, vms_error *err);

#endif
