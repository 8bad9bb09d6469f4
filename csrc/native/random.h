/* Numbers that look random and come again from the same seed: hashes alone; a stream
 * of them is native_random() of the inline half. */
#ifndef NATIVE_RANDOM_H
#define NATIVE_RANDOM_H

#include <stdint.h>

static inline uint64_t mix64(uint64_t x)
{
	/* splitmix64's finaliser (Steele, Lea, Flood 2014) */
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

#endif
