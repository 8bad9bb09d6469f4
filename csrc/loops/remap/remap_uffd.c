#include "loops/remap/remap_uffd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USER_MODE_ONLY 1
#define API 0xaaull

struct api {
	uint64_t api, features, ioctls;
};

struct range {
	uint64_t start, length;
};

struct registration {
	struct range range;
	uint64_t modes, ioctls;
};

/* Of copy and move alike: `done` is how far it came, or a negative errno. */
struct transfer {
	uint64_t to, from, length, mode;
	int64_t done;
};

struct protection {
	struct range range;
	uint64_t mode;
};

struct continuation {
	struct range range;
	uint64_t mode;
	int64_t done;
};

#define IOCTL_REGISTER _IOWR(0xaa, 0x00, struct registration)
#define IOCTL_COPY _IOWR(0xaa, 0x03, struct transfer)
#define IOCTL_MOVE _IOWR(0xaa, 0x05, struct transfer)
#define IOCTL_PROTECT _IOWR(0xaa, 0x06, struct protection)
#define IOCTL_CONTINUE _IOWR(0xaa, 0x07, struct continuation)
#define IOCTL_API _IOWR(0xaa, 0x3f, struct api)

static uint64_t number(const void *address)
{
	return (uint64_t)(uintptr_t)address;
}

int uffd_open(uint64_t features)
{
	struct api api = { .api = API, .features = features };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | USER_MODE_ONLY);
	int saved;

	if (fd < 0 || !ioctl(fd, IOCTL_API, &api))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool can_open(uint64_t features)
{
	int fd = uffd_open(features);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

const char *uffd_lacks(uint64_t features)
{
	if (can_open(features))
		return NULL;
	if (!can_open(0))
		return errno == ENOSYS ? "this kernel has no userfaultfd"
				       : "userfaultfd may not be opened here (5.11 or newer "
					 "allows it for faults of user mode)";
	if (features & VMS_UFFD_FEATURE_MOVE)
		return "this kernel's userfaultfd cannot move pages (Linux 6.8)";
	if (features & VMS_UFFD_FEATURE_WP_SHMEM)
		return "this kernel's userfaultfd cannot write-protect shared memory (Linux 5.19)";
	return "this kernel's userfaultfd has no minor faults of shared memory (Linux 5.14)";
}

int uffd_register(int fd, void *address, size_t length, uint64_t modes)
{
	struct registration r = { { number(address), length }, modes, 0 };

	return ioctl(fd, IOCTL_REGISTER, &r);
}

#define MAX_TRIES 1000000 /* a page that never becomes free must not hang the run */

/* The kernel may stop half-way when the map changes under it, and says how far it was;
 * a page may be busy for a moment. */
static bool goes_on(unsigned *tries, int64_t done, uint64_t *start, uint64_t *length)
{
	if ((errno != EAGAIN && errno != EBUSY) || ++*tries > MAX_TRIES)
		return false;
	if (done > 0) {
		*start += (uint64_t)done;
		*length -= (uint64_t)done;
	}
	return *length != 0;
}

static int transfer(int fd, unsigned long request, struct transfer t)
{
	unsigned tries = 0;

	while (ioctl(fd, request, &t)) {
		uint64_t to = t.to;

		if (!goes_on(&tries, t.done, &t.to, &t.length))
			return t.length ? -1 : 0;
		t.from += t.to - to;
		t.done = 0;
	}
	return 0;
}

int uffd_copy(int fd, void *to, const void *from, size_t length)
{
	return transfer(fd, IOCTL_COPY,
			(struct transfer){ number(to), number(from), length, 0, 0 });
}

int uffd_move(int fd, void *to, void *from, size_t length)
{
	return transfer(fd, IOCTL_MOVE,
			(struct transfer){ number(to), number(from), length, 0, 0 });
}

int uffd_continue(int fd, void *address, size_t length)
{
	struct continuation c = { { number(address), length }, 0, 0 };
	unsigned tries = 0;

	while (ioctl(fd, IOCTL_CONTINUE, &c)) {
		if (!goes_on(&tries, c.done, &c.range.start, &c.range.length))
			return c.range.length ? -1 : 0;
		c.done = 0;
	}
	return 0;
}

int uffd_protect(int fd, void *address, size_t length, bool on)
{
	struct protection p = { { number(address), length }, on };

	unsigned tries = 0;

	while (ioctl(fd, IOCTL_PROTECT, &p)) {
		if (errno != EAGAIN || ++tries > MAX_TRIES)
			return -1;
	}
	return 0;
}
