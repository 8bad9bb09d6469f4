#include "native/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"

static struct frame_stack *stack_of(struct frames *fs, unsigned n)
{
	return n == 1 ? &fs->heads : &fs->tails;
}

/*
 * Whole pages move by memcpy and memcmp: nobody but a lost reader looks meanwhile,
 * and it looks at aligned words, which no vector instruction of our hosts tears.
 */
static void scribble(struct frames *fs, frame_t f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		memcpy(frames_at(fs, f + i), fs->scribble, fs->page_size);
}

static bool scribble_intact(struct frames *fs, frame_t f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (memcmp(frames_at(fs, f + i), fs->scribble, fs->page_size))
			return false;
	}
	return true;
}

frame_t frames_alloc(struct frames *fs, unsigned n, bool *scribbled_over)
{
	struct frame_stack *s = stack_of(fs, n);
	frame_t f = FRAME_NONE;

	pthread_mutex_lock(&fs->lock);
	if (s->n)
		f = s->free[--s->n]; /* last in, first out: the freshest is the hottest */
	pthread_mutex_unlock(&fs->lock);
	*scribbled_over = f != FRAME_NONE && !scribble_intact(fs, f, n);
	return f;
}

void frames_free(struct frames *fs, frame_t f, unsigned n)
{
	struct frame_stack *s = stack_of(fs, n);

	scribble(fs, f, n);
	pthread_mutex_lock(&fs->lock);
	s->free[s->n++] = f;
	pthread_mutex_unlock(&fs->lock);
}

static bool frame_is_shown(const uint8_t *shown, frame_t f, unsigned run)
{
	unsigned i;

	for (i = 0; i < run; i++) {
		if (shown[f + i])
			return true;
	}
	return false;
}

static void stack_reclaim(struct frames *fs, struct frame_stack *s, const uint8_t *shown)
{
	frame_t f = s->first;
	unsigned i;

	s->n = 0;
	for (i = 0; i < s->size; i++, f += s->run) {
		if (frame_is_shown(shown, f, s->run))
			continue;
		scribble(fs, f, s->run);
		s->free[s->n++] = f;
	}
}

void frames_reclaim(struct frames *fs, const uint8_t *shown)
{
	stack_reclaim(fs, &fs->heads, shown);
	stack_reclaim(fs, &fs->tails, shown);
}

/* Relaxed stores: a reader with an old pointer may look at any time, as in the
 * kernel. */
void frames_fill(struct frames *fs, frame_t f, unsigned first, unsigned n,
		 const struct page_image *image)
{
	char *row = (char *)frames_at(fs, f) + (size_t)first * STRUCT_PAGE_SIZE;
	/* page_type at byte 48 and _refcount at byte 52 are one aligned word */
	union {
		struct {
			unsigned int page_type;
			int refcount;
		} half;
		uint64_t word;
	} type_and_count = { { image->page_type, image->refcount } };

	for (; n; n--, row += STRUCT_PAGE_SIZE) {
		uint64_t *word = (uint64_t *)(void *)row;

		__atomic_store_n(&word[0], image->flags, __ATOMIC_RELAXED);
		__atomic_store_n(&word[1], image->compound_info, __ATOMIC_RELAXED);
		__atomic_store_n(&word[6], type_and_count.word, __ATOMIC_RELAXED);
	}
}

void frames_copy(struct frames *fs, frame_t to, frame_t from)
{
	memcpy(frames_at(fs, to), frames_at(fs, from), fs->page_size);
}

/* ---- creation ---- */

static int stack_create(struct frame_stack *s, unsigned size, unsigned run, frame_t first)
{
	unsigned i;

	s->free = calloc(size, sizeof(*s->free));
	s->size = size;
	s->run = run;
	s->first = first;
	if (!s->free)
		return -1;
	for (i = size; i; i--)
		s->free[s->n++] = first + (i - 1) * run;
	return 0;
}

static int map_linear(struct frames *fs, size_t frames, vms_error *err)
{
	int e;

	fs->linear_size = frames * fs->page_size;
	fs->fd = memfd_create("vmemmap", MFD_CLOEXEC);
	if (fs->fd < 0)
		return vms_fail(err, VMS_EUNSUPPORTED, "memfd_create: %s", strerror(errno));
	/* all memory now: a hole found later would be a SIGBUS in a timed loop */
	e = posix_fallocate(fs->fd, 0, (off_t)fs->linear_size);
	if (e)
		return vms_fail(err, VMS_EUNSUPPORTED,
				"no memory for %zu MiB of vmemmap frames: %s; take fewer "
				"--threads, or fewer or smaller huge pages",
				fs->linear_size >> 20, strerror(e));
	fs->linear = mmap(NULL, fs->linear_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, fs->fd, 0);
	if (fs->linear == MAP_FAILED) {
		fs->linear = NULL;
		return vms_fail(err, VMS_EUNSUPPORTED, "mmap of the linear map: %s",
				strerror(errno));
	}
	return 0;
}

static uint64_t *create_scribble(uint32_t page_size)
{
	uint64_t *page = malloc(page_size);
	unsigned i;

	for (i = 0; page && i < page_size / sizeof(*page); i++)
		page[i] = SCRIBBLE;
	return page;
}

int frames_create(struct frames *fs, unsigned heads, unsigned runs, unsigned run, vms_error *err)
{
	size_t frames = 1 + heads + (size_t)runs * run;

	memset(fs, 0, sizeof(*fs));
	fs->fd = -1;
	fs->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	pthread_mutex_init(&fs->lock, NULL);
	fs->scribble = create_scribble(fs->page_size);
	if (map_linear(fs, frames, err))
		return VMS_EUNSUPPORTED;
	if (!fs->scribble || stack_create(&fs->heads, heads, 1, 1) ||
	    stack_create(&fs->tails, runs, run, 1 + heads))
		return vms_fail(err, VMS_EUNSUPPORTED, "out of memory for %zu frames", frames);
	return VMS_OK;
}

void frames_destroy(struct frames *fs)
{
	if (!fs->page_size)
		return; /* it never came to a frames_create() */
	if (fs->linear)
		munmap(fs->linear, fs->linear_size);
	if (fs->fd >= 0)
		close(fs->fd);
	free(fs->heads.free);
	free(fs->tails.free);
	free(fs->scribble);
	pthread_mutex_destroy(&fs->lock);
	memset(fs, 0, sizeof(*fs));
	fs->fd = -1;
}
