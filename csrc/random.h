/* Numbers that look random and come again from the same seed. */
#ifndef VMS_RANDOM_H
#define VMS_RANDOM_H

#include <stdint.h>

static inline uint64_t mix64(uint64_t x)
{
	/* splitmix64's finaliser (Steele, Lea, Flood 2014) */
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* The next of a stream: one cycle of 2^64 - 1, never 0 (xorshift64, Marsaglia 2003). */
static inline uint64_t xorshift64(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

#endif
