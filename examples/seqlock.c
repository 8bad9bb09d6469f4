/*
 * A sequence count: the writer makes it odd, writes, makes it even. A reader that sees the
 * same even count before and after has seen no half of a write.
 */
#include <kapi.h>

struct state {
	unsigned sequence;
	int a, b; /* always alike */
};

enum { BUG };
PARAMS {
	{ "bug", "1: no smp_rmb() before the count is read again; 2: no smp_wmb() after it is "
		 "made odd; 3: it is never odd", 0, 3, 0 },
};

ACTOR(writer)
{
	if (PARAM(BUG) != 3)
		WRITE_ONCE(s->sequence, 1);
	if (PARAM(BUG) != 2)
		smp_wmb(); /* odd before the data; pairs with the reader's second smp_rmb() */
	WRITE_ONCE(s->a, 1);
	WRITE_ONCE(s->b, 1);
	smp_wmb(); /* data before even; pairs with the reader's first smp_rmb() */
	WRITE_ONCE(s->sequence, 2);
	return 0;
}

ACTOR(reader)
{
	unsigned before, after;
	int a, b;

	do {
		while ((before = READ_ONCE(s->sequence)) & 1)
			cpu_relax();
		smp_rmb(); /* count before data */
		a = READ_ONCE(s->a);
		b = READ_ONCE(s->b);
		if (PARAM(BUG) != 1)
			smp_rmb(); /* data before the count again */
		after = READ_ONCE(s->sequence);
	} while (before != after);
	return a != b;
}

INIT
{
	(void)s;
}

CHECK
{
	(void)s;
	return r[1];
}

OUTCOMES {
	OK("whole", "the reader saw both old or both new"),
	FORBIDDEN("torn", "the reader saw one old and one new, and the count did not tell"),
};

ACTORS {
	ACTOR_ROW(writer, "writes a and b"),
	ACTOR_ROW(reader, "reads a and b, again until the count stood still"),
};

SCENARIO_DEFINE(seqlock) {
	KAPI_COMMON, KAPI_WITH_PARAMS,
	.name = "seqlock",
	.title = "readers that look again",
	.story = "A sequence count detects a write that overlaps the reads.",
	.source = "",
};
