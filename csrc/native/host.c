/* What this host has, as far as user space may know. */
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "arch/host.h"
#include "api.h"
#include "native/proc.h"
#include "native/rcu.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

static int have_userfaultfd(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

void vms_host_describe(vms_host *out)
{
	memset(out, 0, sizeof(*out));
	out->arch = ARCH_NAME;
	out->lse = arch_has_lse();
	out->lse2 = arch_has_lse2();
	out->atomics = out->lse < 0 ? ARCH_ATOMICS : out->lse ? "lse" : "llsc";
	out->membarrier = rcu_have_membarrier();
	out->userfaultfd = have_userfaultfd();
	out->page_size = (int32_t)sysconf(_SC_PAGESIZE);
	out->cache_line = ARCH_CACHELINE;
	out->emulated = arch_is_emulated();
	out->max_map_count = proc_number(PROC_MAX_MAP_COUNT);
}
