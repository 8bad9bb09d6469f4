/*
 * userfaultfd as far as the remap loops need it. Numbers and structures are those of
 * the kernel's interface, written down here since headers are often older than the
 * kernel that runs. All return 0, or -1 with errno.
 */
#ifndef LOOPS_REMAP_UFFD_H
#define LOOPS_REMAP_UFFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMS_UFFD_MISSING 1u
#define VMS_UFFD_WP 2u
#define VMS_UFFD_MINOR 4u

#define VMS_UFFD_FEATURE_MINOR_SHMEM (1ull << 10) /* Linux 5.14 */
#define VMS_UFFD_FEATURE_WP_SHMEM (1ull << 12)    /* Linux 5.19 */
#define VMS_UFFD_FEATURE_MOVE (1ull << 16)        /* Linux 6.8 */

/* A descriptor with these features, or -1. Faults of user mode alone: no privilege. */
int uffd_open(uint64_t features);
/* NULL, or why this host has no userfaultfd with these features. */
const char *uffd_lacks(uint64_t features);
int uffd_register(int fd, void *address, size_t length, uint64_t modes);
int uffd_copy(int fd, void *to, const void *from, size_t length);
int uffd_continue(int fd, void *address, size_t length);
int uffd_protect(int fd, void *address, size_t length, bool on);
int uffd_move(int fd, void *to, void *from, size_t length);

#endif
