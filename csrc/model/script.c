/* Runs written down as numbers, for tokens: the words that the search followed, and
 * then its steps. */
#include "model/script.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 3      /* interrupts used, CPUs with RCU sections, words */
#define PER_WORD 2  /* key, size */
#define PER_STEP 3  /* CPU, step read from or stood behind, choice */

static int put(int64_t *out, int n, int at, int64_t value)
{
	if (at < n)
		out[at] = value;
	return at + 1;
}

int script_write(const struct explore *x, const struct found *f, int64_t *out, int n)
{
	const struct follow *follow = &x->follow;
	int at = 0;

	at = put(out, n, at, follow->irq_frozen);
	at = put(out, n, at, follow->rcu_frozen);
	at = put(out, n, at, follow->frozen);
	for (unsigned i = 0; i < follow->frozen; i++) {
		at = put(out, n, at, (int64_t)follow->at[i].key);
		at = put(out, n, at, follow->at[i].size);
	}
	for (unsigned i = 0; i < f->n; i++) {
		const struct trace_event *e = &f->trace[i];
		bool choice = x->m->locals.at[e->node].op.kind == OP_CHOICE;

		at = put(out, n, at, e->cpu);
		at = put(out, n, at, e->read ? e->rf : e->after);
		at = put(out, n, at, choice ? (int64_t)e->value : 0);
	}
	return at;
}

bool script_read(struct explore *x, const int64_t *in, int n)
{
	struct follow *follow = &x->follow;
	struct script_step *step;
	int words = n >= HEAD ? (int)in[2] : -1, steps = (n - HEAD - words * PER_WORD) / PER_STEP;

	if (words < 0 || words > (int)FOLLOW_MAX || steps < 0 || steps > (int)TRACE_MAX ||
	    HEAD + words * PER_WORD + steps * PER_STEP != n)
		return false;
	step = calloc((size_t)steps + 1, sizeof(*step));
	if (!step)
		return false;
	follow->uses_irq = in[0] != 0;
	follow->uses_rcu = (uint8_t)in[1];
	for (int i = 0; i < words; i++)
		follow_add(follow, (uint64_t)in[HEAD + i * PER_WORD],
			   (unsigned)in[HEAD + i * PER_WORD + 1]);
	in += HEAD + words * PER_WORD;
	for (int i = 0; i < steps; i++, in += PER_STEP)
		step[i] = (struct script_step){ .cpu = (uint8_t)in[0], .from = (int16_t)in[1],
						.value = (uint32_t)in[2] };
	x->script = step;
	x->n_script = (unsigned)steps;
	return true;
}
