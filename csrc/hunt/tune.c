/*
 * The rendezvous tunes itself: how many instances pass between two meetings of
 * the actors, which actor starts late and by how much, and whether the build with
 * points runs. No setting is right everywhere: a skew that hits 3 % of the runs
 * on one host hits none when the two CPUs move further apart.
 *
 * A bandit over arms. The value of an arm is surprise per nanosecond: each run
 * counts log2(samples / samples of its outcome) bits, less what a coin would give,
 * so outcomes that are common teach nothing and rare ones are worth most; forbidden
 * ones count four times. Some tenth of the time
 * (not of the batches: an arm that meets often is slow) tries arms drawn afresh; the
 * rest plays the best, whose value fades, so that a host that changes is noticed.
 */
#include <math.h>

#include "hunt/team.h"

#define FADE 0.15
#define TRIES 4          /* batches that a new arm gets */
#define EXPLORE 0.08      /* of the time */
#define EXPLORE_FIRST 0.5 /* of the first EXPLORE_FIRST_NS */
#define EXPLORE_FIRST_NS 300000000u
#define TRIAL_PART 16     /* a trial runs a part of a batch */
#define POINTS_PART 4     /* runs with points take longer: batches of about a millisecond */
#define HICCUP_NS 500000u /* the host's, not the arm's: explored for no longer */
#define PREEMPTED 6.0     /* a batch so many times its usual time met a busy host */
#define MAX_SKEW_BITS 11
#define MAX_JOURNEY_SKEW_BITS 18
#define NEAR_SKEW 32u
#define COMMON_BITS 1.5   /* an outcome of every third run is no surprise */
#define FORBIDDEN_WEIGHT 4.0

static unsigned tune_draw(struct tuner *u, unsigned n)
{
	u->rng = mix64(u->rng);
	return (unsigned)((u->rng >> 32) % n);
}

/* Log-uniform: 0, or a power of two and up to as much again. */
static unsigned draw_skew(struct tuner *u, unsigned bits)
{
	unsigned bit = tune_draw(u, bits + 2);

	return bit < 2 ? bit * 4 : (1u << (bit - 2)) + tune_draw(u, 1u << (bit - 2));
}

static unsigned draw_group(const struct team *t, struct tuner *u)
{
	static const unsigned groups[] = { 1, 1, 2, 4, 16, 64, 512, 4096 };
	unsigned g = groups[tune_draw(u, KAPI_COUNT(groups))];

	return g < t->batch_max ? g : t->batch_max;
}

static void draw_arm(struct team *t, struct arm *arm)
{
	struct tuner *u = &t->tuner;
	const struct arm *best = &u->arms[u->best];

	if (best->tries && tune_draw(u, 2)) {
		/* beside the best one */
		*arm = *best;
		arm->skew = best->skew / 2 + tune_draw(u, best->skew + NEAR_SKEW);
		if (!tune_draw(u, 4))
			arm->jitter = draw_skew(u, 8);
		if (!tune_draw(u, 4))
			arm->group = draw_group(t, u);
	} else {
		arm->points = !t->machine.has_mmu && tune_draw(u, 8) == 0;
		arm->group = draw_group(t, u);
		arm->late = tune_draw(u, t->n_actors);
		arm->skew = draw_skew(u, t->machine.has_mmu ? MAX_JOURNEY_SKEW_BITS : MAX_SKEW_BITS);
		arm->jitter = draw_skew(u, 8);
	}
	arm->value = 0;
	arm->tries = 0;
}

static void obey_config(struct team *t, struct arm *arm);

static double score(const struct arm *arm);

/* Over the worst of the others. */
static unsigned replace_worst(struct team *t)
{
	struct tuner *u = &t->tuner;
	unsigned i, worst = u->best == 0;

	for (i = 0; i < ARMS; i++) {
		if (i != u->best && score(&u->arms[i]) < score(&u->arms[worst]))
			worst = i;
	}
	draw_arm(t, &u->arms[worst]);
	return worst;
}

/* One lucky batch among many arms must not win: little played, little believed. */
static double score(const struct arm *arm)
{
	return arm->value * arm->tries / (arm->tries + 1.0);
}

static void apply(struct team *t, const struct arm *arm)
{
	struct batch *b = &t->batch;
	unsigned a;

	t->arm = *arm;
	obey_config(t, &t->arm);
	b->n = t->batch_max;
	if (!t->machine.has_mmu && t->arm.points && b->n >= POINTS_PART)
		b->n /= POINTS_PART;
	if (!t->machine.has_mmu && arm->tries < TRIES && b->n >= TRIAL_PART * 16)
		b->n /= TRIAL_PART; /* the rest stays set up for the next batch */
	b->group = t->machine.has_mmu ? 1 : t->arm.group;
	b->jitter = t->arm.points && !t->machine.has_mmu ? 0 : t->arm.jitter;
	for (a = 0; a < t->n_actors; a++)
		b->skew[a] = 0;
	/* stalls bring the actors together; a skew on top would be waste */
	if (!t->arm.points)
		b->skew[t->arm.late % t->n_actors] = (int)t->arm.skew;
}

void tune_start(struct team *t)
{
	unsigned i;

	t->tuner.rng = mix64(t->seed ^ 0x7475u);
	for (i = 0; i < ARMS; i++)
		draw_arm(t, &t->tuner.arms[i]);
	/* On a slow or shared CPU only stalls bring actors together: tried first. */
	t->tuner.arms[0].points = !t->machine.has_mmu;
	apply(t, &t->tuner.arms[0]);
}

static double surprise(const struct team *t, unsigned row, uint64_t n)
{
	double bits;

	if (!n)
		return 0;
	bits = log2((double)(t->samples + 1) / (double)(t->grades[row] + 1)) - COMMON_BITS;
	bits = bits > 0 ? bits : 0;
	if (row >= t->plain->n_outcomes || t->plain->outcomes[row].grade == GRADE_FORBIDDEN)
		bits = (bits + 1) * FORBIDDEN_WEIGHT;
	return (double)n * bits;
}

/* Credit the arm that the last batch ran with; its counts are in batch[]. */
void tune_credit(struct team *t)
{
	struct arm *arm = &t->tuner.arms[t->tuner.now];
	double value = 0;
	unsigned a, row;
	uint64_t n;

	if (t->tuner.now >= ARMS)
		return;
	for (row = 0; row < t->rows; row++) {
		for (n = 0, a = 0; a < t->n_actors; a++)
			n += t->counts[a].batch[row];
		value += surprise(t, row, n);
	}
	if (t->tuner.now != t->tuner.best)
		t->tuner.explored_ns += t->machine.has_mmu || t->batch_ns < HICCUP_NS ? t->batch_ns : HICCUP_NS;
	t->tuner.played_ns += t->batch_ns;
	if (arm->tries && (double)t->batch_ns > PREEMPTED * arm->usual_ns) {
		arm->usual_ns *= 1.2; /* unless it is so every time */
		return;
	}
	value /= (double)(t->batch_ns + 1);
	arm->value = arm->tries ? arm->value * (1 - FADE) + value * FADE : value;
	arm->usual_ns = arm->tries ? arm->usual_ns * (1 - FADE) + (double)t->batch_ns * FADE
				   : (double)t->batch_ns;
	arm->tries++;
}

static bool time_to_explore(const struct tuner *u)
{
	double part = u->played_ns < EXPLORE_FIRST_NS ? EXPLORE_FIRST : EXPLORE;

	return (double)u->explored_ns <= part * (double)u->played_ns;
}

/* Journeys are long and few skews reach into them; stalls do, and need no tuning:
 * most batches are theirs, the rest tunes the plain build. */
static bool journey_by_stalls(struct team *t)
{
	static const struct arm stalls = { .points = true, .group = 1, .tries = TRIES };

	if (!t->machine.has_mmu || tune_draw(&t->tuner, 8) == 0)
		return false;
	t->tuner.now = ARMS; /* no arm to credit */
	apply(t, &stalls);
	return true;
}

void tune_next(struct team *t)
{
	struct tuner *u = &t->tuner;
	unsigned i;

	if (journey_by_stalls(t))
		return;

	for (i = 0; i < ARMS; i++) {
		if (score(&u->arms[i]) > score(&u->arms[u->best]))
			u->best = i;
	}
	if (u->now < ARMS && u->arms[u->now].tries < TRIES) {
		apply(t, &u->arms[u->now]);
		return;
	}
	u->now = u->best;
	if (!u->arms[u->best].tries || time_to_explore(u))
		u->now = replace_worst(t);
	apply(t, &u->arms[u->now]);
}

static void obey_config(struct team *t, struct arm *arm)
{
	const vms_hunt_config *c = &t->hunt->config;

	if (c->build != VMS_BUILD_AUTO)
		arm->points = c->build == VMS_BUILD_POINTS;
	if (c->group > 0)
		arm->group = (unsigned)c->group < t->batch_max ? (unsigned)c->group : t->batch_max;
	if (c->skew != SKEW_TUNED) {
		arm->late = c->skew < 0 ? 1 : 0;
		arm->skew = (unsigned)(c->skew < 0 ? -c->skew : c->skew);
		arm->jitter = 0;
	}
}
