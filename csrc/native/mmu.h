/*
 * The memory map of one machine: frames in a memfd, a linear map of all of them,
 * and the window of virtual memory that shows some of them as struct pages.
 *
 * Frame 0 is the shared read-only tail page. The others are handed out in two
 * sizes, a head page alone or the tail pages of a huge page in a row, so no run
 * is ever cut and nothing has to be merged. A free frame belongs to the
 * scribbler: it is full of a pattern that must still be there when the frame is
 * handed out again (I2).
 *
 * Who writes a PTE: the actor that remaps, one at a time per instance. Who reads
 * it: the fault handler and mach_loaded() of every CPU, hence the seq.
 */
#ifndef NATIVE_MMU_H
#define NATIVE_MMU_H

#include <pthread.h>
#include <sys/types.h>

#include "api.h"
#include "native/cpu.h"

#define SCRIBBLE 0x5c71bb1e5c71bb1eull /* as a count: positive and absurd */

struct frame_stack {
	frame_t *free;
	unsigned n, size, run; /* run: frames handed out at a time */
	frame_t first;         /* of the part of the memfd that it manages */
};

struct mmu {
	int fd;
	uint32_t page_size;
	uint32_t vmemmap_pages; /* of one huge page */
	uint32_t blocks;        /* huge pages of one instance */
	uint32_t instances;
	char *linear;
	size_t linear_size;
	char *reserved;         /* what was mapped, window aligned inside */
	size_t reserved_size;
	char *window;
	size_t window_size;
	uint64_t *scribble;     /* one page of it */
	struct pte *ptes;       /* one a vmemmap page of the window */
	struct frame_stack heads, tails;
	pthread_mutex_t frames; /* never held across a point or a fault */
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

frame_t frames_alloc(struct mmu *m, unsigned n, bool *scribbled_over);
void frames_free(struct mmu *m, frame_t f, unsigned n);
/* Every frame that no PTE shows is free again; with every actor at rest. */
void frames_reclaim(struct mmu *m);

void mmu_fill(struct mmu *m, frame_t f, unsigned first, unsigned n,
	      const struct page_image *image);
void mmu_copy(struct mmu *m, frame_t to, frame_t from);

static inline void *mmu_frame(const struct mmu *m, frame_t f)
{
	return m->linear + (size_t)f * m->page_size;
}

/* Text for the errno that a remap failed with. */
void mmu_explain(int error, vms_error *err);

#endif
