/* Runs written down as numbers, for tokens: the words that the search followed, and
 * then its steps. */
#include "model/script.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 6      /* interrupts used, CPUs with RCU sections, with barriers for all;
		     * words, cuts, early values */
#define PER_WORD 2  /* key, size */
#define PER_CUT 2   /* key, cuts */
#define PER_GUESS 5 /* CPU, key, value, CPU that writes, its events before that */
#define PER_STEP 3  /* CPU, step read from or stood behind, choice or early value */

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
	at = put(out, n, at, follow->ipi_frozen);
	at = put(out, n, at, follow->frozen);
	at = put(out, n, at, follow->n_cuts);
	at = put(out, n, at, follow->guesses_frozen);
	for (unsigned i = 0; i < follow->frozen; i++) {
		at = put(out, n, at, (int64_t)follow->at[i].key);
		at = put(out, n, at, follow->at[i].size);
	}
	for (unsigned i = 0; i < follow->n_cuts; i++) {
		at = put(out, n, at, (int64_t)follow->cut[i].key);
		at = put(out, n, at, follow->cut[i].cuts);
	}
	for (unsigned i = 0; i < follow->guesses_frozen; i++) {
		at = put(out, n, at, follow->guess[i].cpu);
		at = put(out, n, at, (int64_t)follow->guess[i].key);
		at = put(out, n, at, (int64_t)follow->guess[i].value);
		at = put(out, n, at, follow->guess[i].writer);
		at = put(out, n, at, follow->guess[i].pos);
	}
	for (unsigned i = 0; i < f->n; i++) {
		const struct trace_event *e = &f->trace[i];
		bool choice = x->m->locals.at[e->node].op.kind == OP_CHOICE;
		bool later = e->read && e->rf > (int)i;

		at = put(out, n, at, e->cpu);
		at = put(out, n, at, e->read ? e->rf : e->after);
		at = put(out, n, at, choice || later ? (int64_t)e->value : 0);
	}
	return at;
}

/* How many of these there are said to be; -1: more than there can be. */
static int64_t listed(int64_t n)
{
	return n < 0 || n > (int64_t)FOLLOW_MAX ? -1 : n;
}

static const int64_t *read_lists(struct follow *f, const int64_t *in, const int64_t n[3])
{
	for (int i = 0; i < n[0]; i++, in += PER_WORD)
		follow_add(f, (uint64_t)in[0], (unsigned)in[1]);
	for (int i = 0; i < n[1]; i++, in += PER_CUT)
		follow_cut(f, (uint64_t)in[0], (unsigned)in[1] & 0xfe);
	for (int i = 0; i < n[2]; i++, in += PER_GUESS)
		follow_guess(f, &(struct guess){ .cpu = (uint8_t)in[0], .key = (uint64_t)in[1],
						 .value = (uint64_t)in[2],
						 .writer = (uint8_t)in[3],
						 .pos = (uint16_t)in[4] });
	return in;
}

bool script_read(struct explore *x, const int64_t *in, int n)
{
	struct follow *follow = &x->follow;
	int64_t lists[3], steps, lengths;
	struct script_step *step;

	if (n < HEAD)
		return false;
	for (int i = 0; i < 3; i++) {
		lists[i] = listed(in[3 + i]);
		if (lists[i] < 0)
			return false;
	}
	lengths = HEAD + lists[0] * PER_WORD + lists[1] * PER_CUT + lists[2] * PER_GUESS;
	steps = (n - lengths) / PER_STEP;
	if (n < lengths || steps > (int64_t)TRACE_MAX || lengths + steps * PER_STEP != n)
		return false;
	step = calloc((size_t)steps + 1, sizeof(*step));
	if (!step)
		return false;
	follow->uses_irq = in[0] != 0;
	follow->uses_rcu = (uint8_t)in[1];
	follow->uses_ipi = (uint8_t)in[2];
	in = read_lists(follow, in + HEAD, lists);
	for (int64_t i = 0; i < steps; i++, in += PER_STEP)
		step[i] = (struct script_step){ .cpu = (uint8_t)in[0], .from = (int16_t)in[1],
						.value = (uint64_t)in[2],
						.later = in[1] > i };
	x->script = step;
	x->n_script = (unsigned)steps;
	return true;
}
