/*
 * Plans of stalls: "A sleeps here until B has come so far", which is how the
 * thread's author describes the race, made a coordinate system. A plan names at
 * most MAX_STALLS stalls, mostly until a landmark: a remap, a grace period, a named
 * checkpoint. Each run draws its plan from (seed, run), every actor the same one, so
 * it can be drawn again. A third of the runs vary a plan that led to an outcome that is
 * rare so far (the coverage guidance of Fest, NSDI 2026, with outcomes for coverage).
 *
 * A stall waits for progress, not for time, so it finds its race on a loaded host
 * and on one CPU. It gives up when the peer itself waits for somebody.
 */
#include <sched.h>

#include "native/clock.h"
#include "hunt/team.h"

#define END_OF_RUN 0xffffu
#define NEAR_POINTS 4u
#define SPINS 400u
#define GIVE_UP_NS 5000000u
#define RARE 0.02

static unsigned draw(uint64_t *h, unsigned n)
{
	unsigned r = (unsigned)((*h >> 32) % n);

	*h = mix64(*h);
	return r;
}

static unsigned other_actor(uint64_t *h, unsigned actor, unsigned n)
{
	unsigned o = draw(h, n - 1);

	return o + (o >= actor);
}

/* How far the other must come: any point, or one after which the world differs. */
static uint16_t draw_until(const struct team *t, unsigned whom, uint64_t *h)
{
	unsigned typical = t->typical_points[whom], n = t->n_landmarks[whom], until;

	if (n && draw(h, 8))
		return t->landmarks[whom][draw(h, n)];
	until = 1 + draw(h, typical + 1);
	return (uint16_t)(until > typical ? END_OF_RUN : until);
}

/* Early points are in every run, late ones only where a lookup went well. */
static uint16_t draw_at(const struct team *t, unsigned actor, uint64_t *h)
{
	unsigned a = draw(h, t->typical_points[actor] + 1);
	unsigned b = draw(h, t->typical_points[actor] + 1);

	return (uint16_t)(a < b ? a : b);
}

static struct plan_stall draw_stall(const struct team *t, uint64_t *h)
{
	struct plan_stall s = { 0 };
	unsigned kind = draw(h, 16);

	s.actor = (uint8_t)draw(h, t->n_actors);
	s.at = draw_at(t, s.actor, h);
	if (t->plain->interrupt && kind < 5) {
		s.kind = STALL_INTERRUPT;
		return s;
	}
	if (t->n_actors == 1 || kind == 15) {
		s.kind = STALL_DELAY;
		s.until = (uint16_t)draw(h, 14);
		return s;
	}
	s.kind = STALL_WAIT;
	s.whom = (uint8_t)other_actor(h, s.actor, t->n_actors);
	s.until = draw_until(t, s.whom, h);
	return s;
}

/* Asleep again, later: the same actor further on, for the same other one. */
static struct plan_stall draw_follower(const struct team *t, const struct plan_stall *first,
				       uint64_t *h)
{
	struct plan_stall s = *first;
	unsigned typical = t->typical_points[s.actor], tries;

	/* mostly soon: what races are between is close together */
	if (typical > s.at)
		s.at = (uint16_t)(s.at + 1 + draw(h, draw(h, 2) ? NEAR_POINTS : typical - s.at));
	for (tries = 0; tries < 8; tries++) {
		s.until = draw_until(t, s.whom, h);
		if (s.until > first->until)
			break;
	}
	return s;
}

static void vary(const struct team *t, struct plan *p, uint64_t *h)
{
	unsigned i = draw(h, p->n + 1), how = draw(h, 4);
	struct plan_stall *s;

	if (i == p->n || how == 0) {
		if (p->n < MAX_STALLS && i == p->n)
			p->n++;
		p->stalls[i < p->n ? i : 0] = draw_stall(t, h);
		return;
	}
	s = &p->stalls[i];
	if (how == 1)
		s->at = (uint16_t)(s->at + draw(h, 5) - (s->at >= 2 ? 2 : 0));
	else if (how == 2 && s->until != END_OF_RUN)
		s->until = (uint16_t)(s->until + draw(h, 9) - (s->until > 4 ? 4 : 0));
	/* else: as it was, to learn how often it works */
}

/*
 * One after the other: A sleeps until B has come so far, then B sleeps while A
 * runs on, and so in turn. The schedules with few context switches, where most
 * bugs are (Musuvathi, Qadeer, PLDI 2007), without a scheduler.
 */
static void draw_turns(const struct team *t, struct plan *p, uint64_t *h)
{
	struct plan_stall s = draw_stall(t, h), back;
	unsigned turns = 1 + draw(h, MAX_STALLS / 2);

	for (p->n = 0; turns && s.kind == STALL_WAIT; turns--) {
		p->stalls[p->n++] = s;
		if (s.until == END_OF_RUN)
			return;
		back = (struct plan_stall){ s.whom, s.actor, STALL_WAIT, s.until, END_OF_RUN };
		s = draw_follower(t, &s, h);
		if (turns > 1 && s.at > p->stalls[p->n - 1].at)
			back.until = s.at;
		else
			turns = 1;
		p->stalls[p->n++] = back;
	}
}

static void draw_plan(const struct team *t, uint64_t run, struct plan *p)
{
	uint64_t h = mix64(t->seed ^ mix64(run));
	unsigned i;

	p->n = 0;
	if (t->corpus.n && draw(&h, 3) == 0) {
		*p = t->corpus.plans[draw(&h, t->corpus.n)];
		vary(t, p, &h);
		return;
	}
	if (t->n_actors > 1 && draw(&h, 4)) {
		draw_turns(t, p, &h);
		return;
	}
	p->n = draw(&h, 8) ? 1 + draw(&h, MAX_STALLS / 2) : 0;
	for (i = 0; i < p->n; i++)
		p->stalls[i] = draw_stall(t, &h);
}

/* Insert in the order of the points. */
static void take_stall(struct cpu *cpu, const struct plan_stall *s, unsigned n)
{
	while (n && cpu->stalls[n - 1].at > s->at) {
		cpu->stalls[n] = cpu->stalls[n - 1];
		n--;
	}
	cpu->stalls[n] = (struct stall){ s->at, s->until, s->whom, s->kind };
}

static void arm_next_stall(struct cpu *cpu)
{
	const struct stall *s = &cpu->stalls[cpu->next_stall];
	uint64_t run = cpu->progress >> 16;

	cpu->stall_at = UINT64_MAX;
	if (cpu->next_stall < MAX_STALLS && s->kind != STALL_NONE)
		cpu->stall_at = run << 16 | s->at;
}

void stall_plan(struct cpu *cpu, uint64_t run)
{
	unsigned i, n = 0;
	struct plan p;

	draw_plan(team_of(cpu), run, &p);
	for (i = 0; i < p.n; i++) {
		if (p.stalls[i].actor == cpu->actor)
			take_stall(cpu, &p.stalls[i], n++);
	}
	for (i = n; i < MAX_STALLS; i++)
		cpu->stalls[i].kind = STALL_NONE;
	cpu->next_stall = 0;
	cpu->notes = 0;
	cpu->n_landmarks = 0;
	__atomic_store_n(&cpu->progress, run << 16, __ATOMIC_RELAXED);
	arm_next_stall(cpu);
}

void stall_end(struct cpu *cpu, uint64_t next_run)
{
	unsigned points = (unsigned)(cpu->progress & 0xffff);

	if (points > cpu->points_max)
		cpu->points_max = points;
	cpu->stall_at = UINT64_MAX;
	__atomic_store_n(&cpu->progress, next_run << 16, __ATOMIC_RELAXED);
}

/* A peer that waits for what we have already done only needs the CPU to see it. */
static bool waits_for(const struct cpu *peer, const struct cpu *cpu)
{
	/* acquire: the until that belongs to it; pairs with wait_for_progress() */
	uint32_t whom = __atomic_load_n(&peer->waiting, __ATOMIC_ACQUIRE);

	if (whom == (WAITING_FOR_PROGRESS | (cpu->actor + 1)))
		return cpu->progress < __atomic_load_n(&peer->until, __ATOMIC_RELAXED);
	return whom == WAITING_FOR_ANY || whom == cpu->actor + 1;
}

static void wait_for_progress(struct cpu *cpu, const struct cpu *peer, uint64_t target)
{
	uint64_t begin = 0;
	unsigned spins = 0;

	__atomic_store_n(&cpu->until, target, __ATOMIC_RELAXED);
	/* release: until before it; pairs with waits_for() */
	__atomic_store_n(&cpu->waiting, WAITING_FOR_PROGRESS | (peer->actor + 1), __ATOMIC_RELEASE);
	while (__atomic_load_n(&peer->progress, __ATOMIC_RELAXED) < target) {
		if (++spins <= SPINS) {
			arch_cpu_relax();
			continue;
		}
		if (waits_for(peer, cpu))
			break;
		sched_yield();
		if (spins == SPINS + 1)
			begin = clock_now_ns();
		else if (spins % 16 == 0 && clock_now_ns() - begin > GIVE_UP_NS)
			break;
	}
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELAXED);
}

static void stall_once(struct cpu *cpu, const struct stall *s)
{
	uint64_t run = cpu->progress >> 16;
	volatile unsigned i;

	switch (s->kind) {
	case STALL_WAIT:
		wait_for_progress(cpu, &cpu->machine->cpus[s->whom], run << 16 | s->until);
		break;
	case STALL_DELAY:
		for (i = 1u << s->until; i; i--)
			;
		break;
	case STALL_INTERRUPT:
		if (!cpu->irq_off && cpu->interrupt && cpu->state)
			cpu->interrupt(cpu->state);
		break;
	default:
		break;
	}
}

void stall_here(struct cpu *cpu)
{
	struct stall s = cpu->stalls[cpu->next_stall++];

	cpu->stall_at = UINT64_MAX; /* an interrupt handler passes points too */
	stall_once(cpu, &s);
	arm_next_stall(cpu);
}

static void keep_plan(struct team *t, const struct plan *p, unsigned row, uint64_t run)
{
	struct corpus *c = &t->corpus;
	unsigned i, same = 0, slot;

	for (i = 0; i < c->n; i++)
		same += c->row[i] == row;
	slot = c->n < CORPUS_SIZE && same < 6 ? c->n++ : (unsigned)(mix64(run) % c->n);
	c->plans[slot] = *p;
	c->row[slot] = row;
}

bool stall_is_rare(const struct team *t, unsigned row)
{
	return (double)t->grades[row] <= RARE * (double)(t->samples + 100);
}

/* Drawn before any is kept: drawing again needs the corpus that the runs had. */
void stall_learn(struct team *t, const struct rare_run *rare, unsigned n)
{
	struct plan plans[RARE_RUNS];
	unsigned i;

	for (i = 0; i < n; i++)
		draw_plan(t, rare[i].run, &plans[i]);
	for (i = 0; i < n; i++)
		keep_plan(t, &plans[i], rare[i].row, rare[i].run);
}
