/*
 * A program with a data race and a read after free, each on its own command line.
 * It stands among the tests for the sanitizers' sake: one that says nothing here is
 * not switched on, and its silence elsewhere is worth nothing.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int shared;

static void *increment(void *rounds)
{
	long i;

	for (i = (long)rounds; i; i--)
		shared++;
	return NULL;
}

static int race(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, increment, (void *)1000))
		return 2;
	increment((void *)1000);
	pthread_join(thread, NULL);
	return 0;
}

static int read_after_free(void)
{
	static char *volatile p; /* volatile: the compiler would see through it and warn */

	p = malloc(16);
	if (!p)
		return 2;
	p[0] = 1;
	free(p);
	return p[0] == 77;
}

static int overflow(int n)
{
	volatile int v = n;

	v = v * 2;
	return v == 77;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "race"))
		return race();
	if (!strcmp(what, "read-after-free"))
		return read_after_free();
	if (!strcmp(what, "overflow"))
		return overflow(0x7fffffff - argc);
	fprintf(stderr, "usage: known_racy race|read-after-free|overflow\n");
	return 2;
}
