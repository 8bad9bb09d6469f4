/*
 * Programs from stdin, one a line, answers to stdout, one a line:
 *
 *   MODEL REPLACE WINDOW FLUSH CPUS then for each CPU N and N times KIND A B C
 *   -> equal OUTCOMES EXECUTIONS HAZARDS
 *    | differs SEARCH MACHINE HAZARDS HAZARDS [+-]READS/../FINAL.. | full
 *
 * The search against the step machine; + only the search has that one, - only the
 * machine. Hazards are bits, in hex; 1 is a deadlock.
 *
 *   serve_translation [rule of the machine that is broken [1: the search is broken]]
 */
#include "translation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct t_outcomes found, wanted;

bool t_outcomes_have(const struct t_outcomes *s, const struct t_outcome *o)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (!memcmp(&s->at[i], o, sizeof(*o)))
			return true;
	}
	return false;
}

void t_outcomes_add(struct t_outcomes *s, const struct t_outcome *o)
{
	if (t_outcomes_have(s, o))
		return;
	if (s->n == T_OUTCOMES)
		s->full = true;
	else
		s->at[s->n++] = *o;
}

static bool read_op(struct t_op *o)
{
	unsigned kind, a, b, c;

	if (scanf("%u %u %u %u", &kind, &a, &b, &c) != 4)
		return false;
	*o = (struct t_op){ (uint8_t)kind, (uint8_t)a, (uint8_t)b, (uint8_t)c };
	return kind < T_KINDS && a < T_FRAMES;
}

static bool read_program(struct t_program *p)
{
	unsigned model;

	memset(p, 0, sizeof(*p));
	if (scanf("%u %d %d %d %u", &model, &p->replace, &p->window, &p->flush, &p->cpus) != 5 ||
	    model > T_ARM64 || p->cpus > T_CPUS)
		return false;
	p->model = (enum t_model)model;
	for (unsigned c = 0; c < p->cpus; c++) {
		if (scanf("%u", &p->n[c]) != 1 || p->n[c] > T_OPS)
			return false;
		for (unsigned i = 0; i < p->n[c]; i++) {
			if (!read_op(&p->op[c][i]))
				return false;
		}
	}
	return true;
}

/* Returns how many are missing. */
static unsigned missing(const struct t_outcomes *from, const struct t_outcomes *in, unsigned cpus,
			char sign, bool tell)
{
	unsigned n = 0;

	for (unsigned i = 0; i < from->n; i++) {
		if (t_outcomes_have(in, &from->at[i]))
			continue;
		n++;
		if (!tell)
			continue;
		printf(" %c", sign);
		for (unsigned c = 0; c < cpus; c++)
			printf("%x/", from->at[i].reads[c]);
		printf("%llx", (unsigned long long)from->at[i].final);
	}
	return n;
}

static void answer(const struct t_program *p)
{
	if (found.full || wanted.full) {
		printf("full\n");
	} else if (found.hazards != wanted.hazards ||
		   missing(&found, &wanted, p->cpus, '+', false) ||
		   missing(&wanted, &found, p->cpus, '-', false)) {
		printf("differs %u %u %x %x", found.n, wanted.n, found.hazards, wanted.hazards);
		missing(&found, &wanted, p->cpus, '+', true);
		missing(&wanted, &found, p->cpus, '-', true);
		printf("\n");
	} else {
		printf("equal %u %llu %x\n", found.n, (unsigned long long)found.executions,
		       found.hazards);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned twin = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	bool broken = argc > 2 && atoi(argv[2]);
	struct t_program p;

	while (read_program(&p)) {
		translation_search(&p, broken, &found);
		step_machine(&p, twin, &wanted);
		answer(&p);
	}
	return 0;
}
