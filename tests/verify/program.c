#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct outcome_key));
}

bool outcomes_have(const struct outcome_set *s, const struct outcome_key *k)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (!compare(&s->at[i], k))
			return true;
	}
	return false;
}

void outcomes_add(struct outcome_set *s, const struct outcome_key *k)
{
	if (outcomes_have(s, k))
		return;
	if (s->n == MAX_OUTCOMES)
		s->full = true;
	else
		s->at[s->n++] = *k;
}

bool outcomes_equal(struct outcome_set *a, struct outcome_set *b)
{
	qsort(a->at, a->n, sizeof(a->at[0]), compare);
	qsort(b->at, b->n, sizeof(b->at[0]), compare);
	return a->n == b->n && !memcmp(a->at, b->at, a->n * sizeof(a->at[0]));
}

static void insn_print(const struct insn *i)
{
	static const char *const names[] = { "r", "w", "add", "xchg", "cas", "mb", "rmb",
					     "wmb", "rcu_lock", "rcu_unlock", "sync" };
	static const char *const orders[] = { "", ".acq", ".rel", ".full" };

	printf(" %s", names[i->kind]);
	if (i->kind > I_CAS) {
		printf(";");
		return;
	}
	printf("%s %c", orders[i->order], 'x' + i->word);
	if (i->kind == I_CAS)
		printf(" %d->", i->old);
	if (i->kind != I_LOAD)
		printf(" %d", i->value);
	if (i->addr >= 0)
		printf(" addr(%d)", i->addr);
	if (i->data >= 0)
		printf(" data(%d)", i->data);
	printf(";");
}

void program_print(const struct program *p)
{
	for (unsigned c = 0; c < p->cpus; c++) {
		printf("#  P%u:", c);
		for (unsigned i = 0; i < p->n[c]; i++)
			insn_print(&p->insn[c][i]);
		printf("\n");
	}
}

static uint64_t next_random(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static struct insn insn_random(const struct program *p, uint64_t *s, unsigned cpu, unsigned at,
			       bool arm64)
{
	static const uint8_t kinds[] = { I_LOAD, I_LOAD, I_LOAD, I_LOAD, I_STORE, I_STORE,
					 I_STORE, I_STORE, I_ADD, I_XCHG, I_CAS, I_MB,
					 I_RMB, I_WMB };
	struct insn i = { .addr = -1, .data = -1 };
	uint64_t r = next_random(s);

	i.kind = kinds[r % sizeof(kinds)];
	i.word = (uint8_t)((r >> 8) % p->words);
	i.value = (uint8_t)(1 + (r >> 16) % 3);
	i.old = (uint8_t)((r >> 24) % 3);
	if (i.kind == I_LOAD)
		i.order = (r >> 32) % 3 ? O_RELAXED : O_ACQUIRE;
	else if (i.kind == I_STORE)
		i.order = (r >> 32) % 3 ? O_RELAXED : O_RELEASE;
	else if (i.kind <= I_CAS)
		i.order = (uint8_t)((r >> 32) % 4);
	if (arm64 && at && i.kind <= I_CAS && (r >> 40) % 3 == 0) {
		unsigned from = (unsigned)((r >> 44) % at);

		if (insn_reads(&p->insn[cpu][from]) && (r >> 48) % 2)
			i.addr = (int8_t)from;
		else if (insn_reads(&p->insn[cpu][from]) && i.kind == I_STORE)
			i.data = (int8_t)from;
	}
	return i;
}

/* One CPU in four holds an RCU section round its code, one more may wait for it. */
static void wrap_random(struct program *p, uint64_t *s)
{
	unsigned reader = (unsigned)(next_random(s) % p->cpus), n = p->n[reader];
	unsigned writer = (reader + 1) % p->cpus;
	struct insn sync = { .kind = I_SYNC, .addr = -1, .data = -1 }, lock = sync, unlock = sync;

	lock.kind = I_LOCK;
	unlock.kind = I_UNLOCK;
	if (n + 2 > MAX_INSNS || p->n[writer] < 2)
		return;
	memmove(&p->insn[reader][1], &p->insn[reader][0], n * sizeof(struct insn));
	p->insn[reader][0] = lock;
	p->insn[reader][n + 1] = unlock;
	for (unsigned i = 1; i <= n; i++) {
		struct insn *in = &p->insn[reader][i];

		in->addr = (int8_t)(in->addr + (in->addr >= 0));
		in->data = (int8_t)(in->data + (in->data >= 0));
	}
	p->n[reader] = n + 2;
	p->insn[writer][1] = sync;
	for (unsigned i = 2; i < p->n[writer]; i++) {
		if (p->insn[writer][i].addr == 1)
			p->insn[writer][i].addr = -1;
		if (p->insn[writer][i].data == 1)
			p->insn[writer][i].data = -1;
	}
}

void program_random(struct program *p, uint64_t seed, bool arm64)
{
	uint64_t s = seed;

	memset(p, 0, sizeof(*p));
	p->cpus = 2 + (unsigned)(next_random(&s) % 2);
	p->words = 2 + (unsigned)(next_random(&s) % 3 == 0);
	for (unsigned c = 0; c < p->cpus; c++) {
		p->n[c] = 1 + (unsigned)(next_random(&s) % (p->cpus == 2 ? 4 : 3));
		for (unsigned i = 0; i < p->n[c]; i++)
			p->insn[c][i] = insn_random(p, &s, c, i, arm64);
	}
	if (next_random(&s) % 4 == 0)
		wrap_random(p, &s);
}
