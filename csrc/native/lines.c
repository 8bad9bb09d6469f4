/* Hand-offs of cache lines: lines.h. */
#include "native/lines.h"

#include <sched.h>
#include <sys/mman.h>

#include "api.h"
#include "arch/arch.h"
#include "error.h"
#include "native/clock.h"
#include "native/median.h"
#include "native/thread.h"

#define LINES 16
/* No power of two: slices are chosen by hashes of address bits. */
#define STRIDE (5 * ARCH_CACHELINE)
#define ROOM (LINES * STRIDE)
#define ROUND 50  /* to and fro, for one sample */
#define PASSES 64 /* samples of a line that are kept */

struct game {
	char *room;
	uint64_t budget_ns;
	double samples[LINES][PASSES];
	unsigned passes;
	_Alignas(ARCH_CACHELINE) int over;
};

void *lines_room(void)
{
	void *p = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void lines_leave(void *room)
{
	if (room)
		munmap(room, ROOM);
}

static int *line_of(const struct game *g, unsigned i)
{
	return (int *)(g->room + i * STRIDE);
}

/* When it is our turn it becomes the other's. False: the game is over. */
static bool hand_over(struct game *g, int *turn, int mine)
{
	unsigned spins = 0;

	/* full: the line is all there is to order */
	while (arch_cmpxchg_full(turn, mine, !mine) != mine) {
		/* relaxed: a wish, which orders nothing */
		if (__atomic_load_n(&g->over, __ATOMIC_RELAXED))
			return false;
		if (++spins % 100000 == 0)
			sched_yield();
	}
	return true;
}

static void *pong(void *argument)
{
	struct game *g = argument;
	unsigned i, k;

	for (i = 0;; i = (i + 1) % LINES) {
		for (k = 0; k < ROUND; k++) {
			if (!hand_over(g, line_of(g, i), 1))
				return NULL;
		}
	}
}

static void *ping(void *argument)
{
	struct game *g = argument;
	uint64_t begin = clock_now_ns(), t = begin, now;
	unsigned i, k;

	do {
		for (i = 0; i < LINES; i++, t = now) {
			for (k = 0; k < ROUND; k++)
				hand_over(g, line_of(g, i), 0);
			now = clock_now_ns();
			g->samples[i][g->passes % PASSES] = (double)(now - t) / (2 * ROUND);
		}
		g->passes++;
	} while (t - begin < g->budget_ns);
	__atomic_store_n(&g->over, 1, __ATOMIC_RELAXED);
	return NULL;
}

static int play(struct game *g, int cpu_a, int cpu_b)
{
	pthread_t a, b;
	vms_error err;

	/* ping is the first on the line, whoever starts first: pong only waits for it */
	if (thread_start(&a, cpu_a, ping, g, &err))
		return VMS_EINVAL;
	if (thread_start(&b, cpu_b, pong, g, &err)) {
		/* ping goes through its turns unanswered */
		__atomic_store_n(&g->over, 1, __ATOMIC_RELAXED);
		pthread_join(a, NULL);
		return VMS_EINVAL;
	}
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return VMS_OK;
}

int lines_nearest(void *room, int cpu_a, int cpu_b, uint64_t budget_ns,
		  struct nearest_line *out)
{
	struct game g = { .room = room, .budget_ns = budget_ns };
	unsigned i, n;
	double ns;

	if (cpu_a < 0 || cpu_b < 0 || play(&g, cpu_a, cpu_b))
		return VMS_EINVAL;
	n = g.passes < PASSES ? g.passes : PASSES;
	*out = (struct nearest_line){ 0 };
	for (i = 0; i < LINES; i++) {
		ns = median_of(g.samples[i], n);
		if (!out->line || ns < out->ns)
			*out = (struct nearest_line){ line_of(&g, i), ns };
		/* the pong's last turn may be outstanding */
		*line_of(&g, i) = 0;
	}
	return VMS_OK;
}

double vms_probe_handoff_ns(int cpu_a, int cpu_b, uint64_t budget_ns)
{
	void *room = lines_room();
	struct nearest_line found;
	int status = room ? lines_nearest(room, cpu_a, cpu_b, budget_ns, &found) : VMS_EUNSUPPORTED;

	lines_leave(room);
	return status ? -status : found.ns;
}
