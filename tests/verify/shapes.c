#include "shapes.h"

#include <stdio.h>
#include <string.h>

/*
 * W x 1   store       W.rel  release   W.data0  value from instruction 0
 * R x     load        R.acq  acquire   R.addr0  address from instruction 0
 * A x 1   fetch_add   X x 1  xchg      C x 0 1  cmpxchg, with .acq .rel .full
 */
const struct shape shapes[] = {
	{ "SB", "W x 1; R y | W y 1; R x", "0:0=0 1:0=0", "FAA" },
	{ "SB+mbs", "W x 1; mb; R y | W y 1; mb; R x", "0:0=0 1:0=0", "FFF" },
	{ "SB+mb+po", "W x 1; mb; R y | W y 1; R x", "0:0=0 1:0=0", "FAA" },
	{ "SB+rel+acq", "W.rel x 1; R.acq y | W.rel y 1; R.acq x", "0:0=0 1:0=0", "FAF" },
	{ "SB+rmws.full", "A.full x 1; R y | A.full y 1; R x", "0:1=0 1:1=0", "FFF" },
	{ "SB+rmws.acq", "A.acq x 1; R y | A.acq y 1; R x", "0:1=0 1:1=0", "FFA" },
	{ "SB+rfi", "W x 1; R x; R y | W y 1; R y; R x", "0:0=1 0:1=0 1:0=1 1:1=0", "FAA" },
	{ "MP", "W x 1; W y 1 | R y; R x", "1:0=1 1:1=0", "FFA" },
	{ "MP+wmb+po", "W x 1; wmb; W y 1 | R y; R x", "1:0=1 1:1=0", "FFA" },
	{ "MP+po+rmb", "W x 1; W y 1 | R y; rmb; R x", "1:0=1 1:1=0", "FFA" },
	{ "MP+wmb+rmb", "W x 1; wmb; W y 1 | R y; rmb; R x", "1:0=1 1:1=0", "FFF" },
	{ "MP+rel+acq", "W x 1; W.rel y 1 | R.acq y; R x", "1:0=1 1:1=0", "FFF" },
	{ "MP+wmb+addr", "W x 1; wmb; W y 1 | R y; R.addr0 x", "1:0=1 1:1=0", "FFF" },
	{ "MP+po+addr", "W x 1; W y 1 | R y; R.addr0 x", "1:0=1 1:1=0", "FFA" },
	{ "MP+rmw.rel+acq", "W x 1; A.rel y 1 | R.acq y; R x", "1:0=1 1:1=0", "FFF" },
	{ "MP+rmw+acq", "W x 1; A y 1 | R.acq y; R x", "1:0=1 1:1=0", "FFA" },
	{ "LB+addrs", "R x; W.data0 y 1 | R y; W.data0 x 1", "0:0=1 1:0=1", "FFF" },
	{ "LB", "R x; W y 1 | R y; W x 1", "0:0=1 1:0=1", "FFA" },
	{ "LB+mb+po", "R x; mb; W y 1 | R y; W x 1", "0:0=1 1:0=1", "FFA" },
	{ "LB+mbs", "R x; mb; W y 1 | R y; mb; W x 1", "0:0=1 1:0=1", "FFF" },
	{ "LB+acq+data", "R.acq x; W y 1 | R y; W.data0 x 1", "0:0=1 1:0=1", "FFF" },
	{ "LB+rmbs", "R x; rmb; W y 1 | R y; rmb; W x 1", "0:0=1 1:0=1", "FFF" },
	{ "LB+rels", "R x; W.rel y 1 | R y; W.rel x 1", "0:0=1 1:0=1", "FFF" },
	{ "S+wmb+po", "W x 2; wmb; W y 1 | R y; W x 1", "1:0=1 x=2", "FFA" },
	{ "S+wmb+data", "W x 2; wmb; W y 1 | R y; W.data0 x 1", "1:0=1 x=2", "FFF" },
	{ "S+rel+acq", "W x 2; W.rel y 1 | R.acq y; W x 1", "1:0=1 x=2", "FFF" },
	{ "S+po+data", "W x 2; W y 1 | R y; W.data0 x 1", "1:0=1 x=2", "FFA" },
	{ "R", "W x 1; W y 1 | W y 2; R x", "1:0=0 y=2", "FAA" },
	{ "R+mbs", "W x 1; mb; W y 1 | W y 2; mb; R x", "1:0=0 y=2", "FFF" },
	{ "R+wmb+mb", "W x 1; wmb; W y 1 | W y 2; mb; R x", "1:0=0 y=2", "FFF" },
	{ "R+po+mb", "W x 1; W y 1 | W y 2; mb; R x", "1:0=0 y=2", "FFA" },
	{ "2+2W", "W x 1; W y 2 | W y 1; W x 2", "x=1 y=1", "FFA" },
	{ "2+2W+wmbs", "W x 1; wmb; W y 2 | W y 1; wmb; W x 2", "x=1 y=1", "FFF" },
	{ "2+2W+rels", "W x 1; W.rel y 2 | W y 1; W.rel x 2", "x=1 y=1", "FFF" },
	{ "WRC", "W x 1 | R x; W y 1 | R y; R x", "1:0=1 2:0=1 2:1=0", "FFA" },
	{ "WRC+addrs", "W x 1 | R x; W.data0 y 1 | R y; R.addr0 x", "1:0=1 2:0=1 2:1=0",
	  "FFF" },
	{ "WRC+rel+acq", "W x 1 | R x; W.rel y 1 | R.acq y; R x", "1:0=1 2:0=1 2:1=0", "FFF" },
	{ "WRC+po+acq", "W x 1 | R x; W y 1 | R.acq y; R x", "1:0=1 2:0=1 2:1=0", "FFA" },
	{ "IRIW", "W x 1 | W y 1 | R x; R y | R y; R x", "2:0=1 2:1=0 3:0=1 3:1=0", "FFA" },
	{ "IRIW+addrs", "W x 1 | W y 1 | R x; R.addr0 y | R y; R.addr0 x",
	  "2:0=1 2:1=0 3:0=1 3:1=0", "FFF" },
	{ "IRIW+acqs", "W x 1 | W y 1 | R.acq x; R y | R.acq y; R x", "2:0=1 2:1=0 3:0=1 3:1=0",
	  "FFF" },
	{ "ISA2", "W x 1; W y 1 | R y; W z 1 | R z; R x", "1:0=1 2:0=1 2:1=0", "FFA" },
	{ "ISA2+wmb+addrs", "W x 1; wmb; W y 1 | R y; W.data0 z 1 | R z; R.addr0 x",
	  "1:0=1 2:0=1 2:1=0", "FFF" },
	{ "ISA2+rel+rel+acq", "W x 1; W.rel y 1 | R.acq y; W.rel z 1 | R.acq z; R x",
	  "1:0=1 2:0=1 2:1=0", "FFF" },
	{ "CoRR", "W x 1 | R x; R x", "1:0=1 1:1=0", "FFF" },
	{ "CoWW", "W x 1; W x 2", "x=1", "FFF" },
	{ "CoRW", "R x; W x 1", "0:0=1", "FFF" },
	{ "CoRW2", "R x; W x 1 | W x 2", "0:0=2 x=2", "FFF" },
	{ "CoWR", "W x 1; R x | W x 2", "0:0=2 x=1", "FFF" },
	{ "CoRR2", "W x 1 | W x 2 | R x; R x | R x; R x", "2:0=1 2:1=2 3:0=2 3:1=1", "FFF" },
	{ "RMW+atomic", "A x 1 | A x 1", "0:0=0 1:0=0", "FFF" },
	{ "CAS+atomic", "C x 0 1 | C x 0 2", "0:0=0 1:0=0", "FFF" },
	/* PPOCA and friends: forwarding from a store that is not yet visible */
	{ "MP+rel+addr-rfi-addr", "W x 1; W.rel y 1 | R y; W.data0 z 1; R z; R.addr2 x",
	  "1:0=1 1:1=1 1:2=0", "FFF" },
	{ "MP+rel+rfi-addr", "W x 1; W.rel y 1 | R y; W z 1; R z; R.addr2 x",
	  "1:0=1 1:1=1 1:2=0", "FFA" },
	/* RCU: what a section saw, no grace period that it spans can have missed */
	{ "RCU+MP", "lock; R x; R y; unlock | W y 1; sync; W x 1", "0:0=1 0:1=0", "FFF" },
	{ "RCU+MP-reversed", "lock; R y; R x; unlock | W y 1; sync; W x 1", "0:0=0 0:1=1",
	  "FFF" },
	{ "RCU+MP+nosync", "lock; R y; R x; unlock | W y 1; wmb; W x 1", "0:0=0 0:1=1", "AAA" },
	{ "RCU+outside", "R y; lock; unlock; R x | W y 1; sync; W x 1", "0:0=0 0:1=1", "AAA" },
	{ "RCU+SB", "lock; W x 1; R y; unlock | W y 1; sync; R x", "0:1=0 0:0=0 1:0=0", "FFF" },
};
const unsigned n_shapes = sizeof(shapes) / sizeof(shapes[0]);

static bool parse_suffix(const char *s, struct insn *i)
{
	unsigned n;

	if (!strcmp(s, "acq"))
		i->order = O_ACQUIRE;
	else if (!strcmp(s, "rel"))
		i->order = O_RELEASE;
	else if (!strcmp(s, "full"))
		i->order = O_FULL;
	else if (sscanf(s, "addr%u", &n) == 1)
		i->addr = (int8_t)n;
	else if (sscanf(s, "data%u", &n) == 1)
		i->data = (int8_t)n;
	else
		return !*s;
	return true;
}

static bool parse_access(const char *text, struct insn *i)
{
	static const char letters[] = "RWAXC"; /* in the order of enum insn_kind */
	char op = 0, suffix[16] = "", word = 0;
	unsigned a = 0, b = 0;
	int n = sscanf(text, "%c.%15[a-z0-9] %c %u %u", &op, suffix, &word, &a, &b);

	if (n < 3) {
		suffix[0] = 0;
		n = sscanf(text, "%c %c %u %u", &op, &word, &a, &b) + 1;
	}
	if (n < 3 || !op || !strchr(letters, op) || word < 'x' || word > 'z')
		return false;
	i->kind = (uint8_t)(strchr(letters, op) - letters);
	i->word = (uint8_t)(word - 'x');
	i->value = (uint8_t)(i->kind == I_CAS ? b : a);
	i->old = (uint8_t)a;
	return parse_suffix(suffix, i);
}

static bool parse_insn(const char *text, struct insn *i)
{
	static const char *const names[] = { "mb", "rmb", "wmb", "lock", "unlock", "sync" };

	*i = (struct insn){ .addr = -1, .data = -1 };
	for (unsigned k = 0; k < 6; k++) {
		if (!strcmp(text, names[k])) {
			i->kind = (uint8_t)(I_MB + k);
			return true;
		}
	}
	return parse_access(text, i);
}

bool shape_parse(const struct shape *s, struct program *p)
{
	char text[256], *cpu_end, *end, *cpu = text;

	memset(p, 0, sizeof(*p));
	p->words = 3;
	snprintf(text, sizeof(text), "%s", s->code);
	for (char *c = strtok_r(cpu, "|", &cpu_end); c; c = strtok_r(NULL, "|", &cpu_end)) {
		for (char *i = strtok_r(c, ";", &end); i; i = strtok_r(NULL, ";", &end)) {
			i += strspn(i, " ");
			i[strlen(i) - (strlen(i) && i[strlen(i) - 1] == ' ')] = 0;
			if (!parse_insn(i, &p->insn[p->cpus][p->n[p->cpus]++]))
				return false;
		}
		p->cpus++;
	}
	return true;
}

static bool matches(const struct shape *s, const struct outcome_key *k)
{
	const char *at = s->asked;
	unsigned cpu, read, value;
	char word;
	int used;

	while (*at) {
		if (sscanf(at, "%u:%u=%u%n", &cpu, &read, &value, &used) == 3) {
			if ((k->reads[cpu] >> (4 * read) & 15) != value)
				return false;
		} else if (sscanf(at, "%c=%u%n", &word, &value, &used) == 2) {
			if ((k->final >> (4 * (word - 'x')) & 15) != value)
				return false;
		} else {
			return false;
		}
		at += used;
		at += strspn(at, " ");
	}
	return true;
}

bool shape_seen(const struct shape *s, const struct outcome_set *o)
{
	for (unsigned i = 0; i < o->n; i++) {
		if (matches(s, &o->at[i]))
			return true;
	}
	return false;
}
