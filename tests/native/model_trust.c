/*
 * Trust: for random small programs the search finds the outcomes that a walk
 * without reduction finds, under each memory model, and no execution twice; and
 * a search with a part broken on purpose does not. TAP.
 *
 *   model_trust [programs per model] [first seed]
 */
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

static struct outcome_set found, wanted;

typedef void brute_fn(const struct program *p, struct outcome_set *out);

static const struct {
	const char *name;
	enum litmus_model model;
	brute_fn *brute;
} models[] = {
	{ "sc", LITMUS_SC, brute_sc },
	{ "tso", LITMUS_TSO, brute_tso },
	{ "arm64", LITMUS_ARM64, brute_arm64 },
};

static void tell(const struct program *p, uint64_t seed)
{
	printf("# seed %llu: search %u outcomes (%llu executions twice), brute force %u\n",
	       (unsigned long long)seed, found.n, (unsigned long long)found.twice, wanted.n);
	program_print(p);
	for (unsigned i = 0; i < found.n; i++) {
		if (!outcomes_have(&wanted, &found.at[i]))
			printf("#  only search: %x %x %x final %x\n", found.at[i].reads[0],
			       found.at[i].reads[1], found.at[i].reads[2], found.at[i].final);
	}
	for (unsigned i = 0; i < wanted.n; i++) {
		if (!outcomes_have(&found, &wanted.at[i]))
			printf("#  only brute: %x %x %x final %x\n", wanted.at[i].reads[0],
			       wanted.at[i].reads[1], wanted.at[i].reads[2], wanted.at[i].final);
	}
}

/* Programs, out of n, on which the two disagree. */
static unsigned disagreements(unsigned m, int twin, unsigned n, uint64_t seed, unsigned shown)
{
	unsigned bad = 0;
	struct program p;

	for (uint64_t s = seed; s < seed + n; s++) {
		program_random(&p, s, models[m].model == LITMUS_ARM64);
		models[m].brute(&p, &wanted);
		litmus_search(&p, models[m].model, twin, &found);
		if (found.full || wanted.full ||
		    (outcomes_equal(&found, &wanted) && !found.twice))
			continue;
		if (bad++ < shown)
			tell(&p, s);
	}
	return bad;
}

/* Under a bound: what a walk under the same bound finds, more with every preemption,
 * and in the end what there is without a bound. arm64 has no such walk. */
static bool bounded_agrees(unsigned m, const struct program *p, int twin)
{
	static struct outcome_set all, last;
	enum litmus_model model = models[m].model;
	bool good = true;

	litmus_search(p, model, 0, &all);
	last.n = 0;
	for (int n = 0; n <= 2; n++) {
		litmus_bounded(p, model, n, twin, &found);
		if (model != LITMUS_ARM64) {
			brute_bounded(p, model, n, &wanted);
			good &= outcomes_equal(&found, &wanted);
		}
		for (unsigned i = 0; i < last.n; i++)
			good &= outcomes_have(&found, &last.at[i]);
		last = found;
	}
	litmus_bounded(p, model, 255, twin, &found);
	return good && !found.twice && found.executions == all.executions &&
	       outcomes_equal(&found, &all);
}

static unsigned bound_disagreements(unsigned m, int twin, unsigned n, uint64_t seed)
{
	unsigned bad = 0;
	struct program p;

	for (uint64_t s = seed; s < seed + n; s++) {
		program_random(&p, s, models[m].model == LITMUS_ARM64);
		if (bounded_agrees(m, &p, twin))
			continue;
		if (bad++ < 3 && !twin) {
			printf("# seed %llu, bounded\n", (unsigned long long)s);
			program_print(&p);
		}
	}
	return bad;
}

static unsigned test_bounds(unsigned m, unsigned n, uint64_t seed, unsigned *test)
{
	unsigned bad = bound_disagreements(m, 0, n, seed), failed = bad != 0;

	printf("%sok %u - %s: %u random programs under bounds, %u disagree\n", bad ? "not " : "",
	       ++*test, models[m].name, n, bad);
	if (models[m].model == LITMUS_ARM64)
		return failed;
	bad = bound_disagreements(m, 3, n / 4 + 50, seed);
	printf("%sok %u - %s: preemptions that cost nothing are noticed (%u programs)\n",
	       bad ? "" : "not ", ++*test, models[m].name, bad);
	return failed + !bad;
}

int main(int argc, char **argv)
{
	/* how many times slower than usual everything is, under an emulator for one */
	const char *scale = getenv("VMEMSTRESS_TEST_SCALE");
	unsigned slow = scale && atoi(scale) > 1 ? (unsigned)atoi(scale) : 1;
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000, test = 0, bad, failed = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	n /= slow;
	printf("1..14\n");
	for (unsigned m = 0; m < 3; m++) {
		bad = disagreements(m, 0, n, seed, 3);
		failed += bad != 0;
		printf("%sok %u - %s: %u random programs, %u disagree\n", bad ? "not " : "", ++test,
		       models[m].name, n, bad);
		for (int twin = 1; twin <= 2; twin++) {
			bad = disagreements(m, twin, n / 4 + 50, seed, 0);
			failed += bad == 0;
			printf("%sok %u - %s: %s is noticed (%u programs)\n", bad ? "" : "not ",
			       ++test, models[m].name,
			       twin == 1 ? "a search that drops revisits"
					 : "a model without from-reads order", bad);
		}
		failed += test_bounds(m, n / 4, seed, &test);
		fflush(stdout);
	}
	return failed != 0;
}
