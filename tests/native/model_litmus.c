/* The textbook shapes get the verdict of the architecture, from the search and
 * from the walk without reduction alike. TAP. */
#include "shapes.h"

#include <stdio.h>

static struct outcome_set found, wanted;

static const char *const names[] = { "sc", "tso", "arm64" };
static void (*const brute[])(const struct program *p, struct outcome_set *out) = {
	brute_sc, brute_tso, brute_arm64
};

static bool agree(const struct shape *s, const struct program *p, unsigned m)
{
	bool expected = s->verdicts[m] == 'A', seen;

	litmus_search(p, (enum litmus_model)m, 0, &found);
	brute[m](p, &wanted);
	seen = shape_seen(s, &found);
	if (seen != expected)
		printf("# %s under %s: search says %s\n", s->name, names[m],
		       seen ? "allowed" : "forbidden");
	if (!outcomes_equal(&found, &wanted))
		printf("# %s under %s: brute force says otherwise\n", s->name, names[m]);
	return seen == expected && outcomes_equal(&found, &wanted);
}

int main(void)
{
	unsigned failed = 0;

	printf("1..%u\n", n_shapes);
	for (unsigned i = 0; i < n_shapes; i++) {
		struct program p;
		bool good = shape_parse(&shapes[i], &p);

		for (unsigned m = 0; m < 3 && good; m++)
			good &= agree(&shapes[i], &p, m);
		failed += !good;
		printf("%sok %u - %s\n", good ? "" : "not ", i + 1, shapes[i].name);
	}
	return failed != 0;
}
