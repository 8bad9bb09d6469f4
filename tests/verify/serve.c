/*
 * Programs from stdin, one a line, answers to stdout, one a line:
 *
 *   MODEL CPUS WORDS then for each CPU N and N times KIND ORDER WORD VALUE OLD ADDR DATA
 *   -> equal OUTCOMES EXECUTIONS | differs SEARCH BRUTE [+-]READS/../FINAL.. | twice N | full
 *
 * The search's outcomes against those of the walk without reduction; + only the search
 * has that one, - only the walk. In hex, the first read of a CPU in the lowest digit.
 */
#include "program.h"

#include <stdio.h>
#include <string.h>

static struct outcome_set found, wanted;

typedef void brute_fn(const struct program *p, struct outcome_set *out);
static brute_fn *const brute[] = { brute_sc, brute_tso, brute_arm64 };

static bool read_insn(struct insn *i)
{
	int kind, order, word, value, old, addr, data;

	if (scanf("%d %d %d %d %d %d %d", &kind, &order, &word, &value, &old, &addr, &data) != 7)
		return false;
	*i = (struct insn){ (uint8_t)kind, (uint8_t)order, (uint8_t)word, (uint8_t)value,
			    (uint8_t)old, (int8_t)addr, (int8_t)data };
	return kind >= 0 && kind < I_KINDS && word >= 0 && word < MAX_WORDS;
}

static bool read_program(struct program *p, unsigned *model)
{
	memset(p, 0, sizeof(*p));
	if (scanf("%u %u %u", model, &p->cpus, &p->words) != 3 || *model > 2 ||
	    p->cpus > MAX_CPUS || p->words > MAX_WORDS)
		return false;
	for (unsigned c = 0; c < p->cpus; c++) {
		if (scanf("%u", &p->n[c]) != 1 || p->n[c] > MAX_INSNS)
			return false;
		for (unsigned i = 0; i < p->n[c]; i++) {
			if (!read_insn(&p->insn[c][i]))
				return false;
		}
	}
	return true;
}

static void tell_missing(const struct outcome_set *from, const struct outcome_set *in,
			 unsigned cpus, char sign)
{
	for (unsigned i = 0; i < from->n; i++) {
		if (outcomes_have(in, &from->at[i]))
			continue;
		printf(" %c", sign);
		for (unsigned c = 0; c < cpus; c++)
			printf("%x/", from->at[i].reads[c]);
		printf("%x", from->at[i].final);
	}
}

static void answer(const struct program *p)
{
	if (found.full || wanted.full) {
		printf("full\n");
	} else if (!outcomes_equal(&found, &wanted)) {
		printf("differs %u %u", found.n, wanted.n);
		tell_missing(&found, &wanted, p->cpus, '+');
		tell_missing(&wanted, &found, p->cpus, '-');
		printf("\n");
	} else if (found.twice) {
		printf("twice %llu\n", (unsigned long long)found.twice);
	} else {
		printf("equal %u %llu\n", found.n, (unsigned long long)found.executions);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int twin = argc > 1 ? argv[1][0] - '0' : 0;
	struct program p;
	unsigned model;

	while (read_program(&p, &model)) {
		litmus_search(&p, (enum litmus_model)model, twin, &found);
		brute[model](&p, &wanted);
		answer(&p);
	}
	return 0;
}
