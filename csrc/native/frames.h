/*
 * Frames: the pages of a memfd, a linear map of all of them, and who has them.
 *
 * Frame 0 is the shared read-only tail page. The others are handed out in two
 * sizes, a head page alone or the tail pages of a huge page in a row, so no run
 * is ever cut and nothing has to be merged. A free frame belongs to the
 * scribbler: it is full of a pattern that must still be there when the frame is
 * handed out again (I2).
 */
#ifndef NATIVE_FRAMES_H
#define NATIVE_FRAMES_H

#include <pthread.h>
#include <sys/types.h>

#include "api.h"
#include "kapi/contract.h"

#define SCRIBBLE 0x5c71bb1e5c71bb1eull /* as a count: positive and absurd */

struct frame_stack {
	frame_t *free;
	unsigned n, size, run; /* run: frames handed out at a time */
	frame_t first;         /* of the part of the memfd that it manages */
};

struct frames {
	int fd;
	uint32_t page_size;
	char *linear;
	size_t linear_size;
	uint64_t *scribble;   /* one page of it */
	struct frame_stack heads, tails;
	pthread_mutex_t lock; /* never held across a point or a fault */
};

/* So many single frames, and so many runs of `run`. After a failure too,
 * frames_destroy() is due. */
int frames_create(struct frames *fs, unsigned heads, unsigned runs, unsigned run, vms_error *err);
void frames_destroy(struct frames *fs);

frame_t frames_alloc(struct frames *fs, unsigned n, bool *scribbled_over);
void frames_free(struct frames *fs, frame_t f, unsigned n);
/* Every frame that is not shown is free again; with every actor at rest. shown: a
 * byte a frame, frames_count() of them. */
void frames_reclaim(struct frames *fs, const uint8_t *shown);

/* Struct pages [first, first + n) of a frame to one image. */
void frames_fill(struct frames *fs, frame_t f, unsigned first, unsigned n,
		 const struct page_image *image);
void frames_copy(struct frames *fs, frame_t to, frame_t from);

static inline size_t frames_count(const struct frames *fs)
{
	return fs->linear_size / fs->page_size;
}

static inline void *frames_at(const struct frames *fs, frame_t f)
{
	return fs->linear + (size_t)f * fs->page_size;
}

#endif
