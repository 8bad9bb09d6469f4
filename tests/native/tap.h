/*
 * TAP in a header: ok() for a property, skip() with the reason, done() at the end
 * of main(). Only the main thread reports; threads leave what they saw behind.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#if defined(__has_feature)
#define TAP_HAS(feature) __has_feature(feature)
#else
#define TAP_HAS(feature) 0
#endif

#if defined(__SANITIZE_THREAD__) || TAP_HAS(thread_sanitizer)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__) || TAP_HAS(address_sanitizer)
#define UNDER_ASAN 1
#else
#define UNDER_ASAN 0
#endif

static unsigned tap_n, tap_failed;

__attribute__((format(printf, 4, 5)))
static inline bool tap_report(bool good, const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", ++tap_n);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!good) {
		printf("# failed at %s:%d\n", file, line);
		tap_failed++;
	}
	fflush(stdout);
	return good;
}

/* The condition, then what holds when it is true, as for printf. */
#define ok(condition, ...) tap_report((condition), __FILE__, __LINE__, __VA_ARGS__)

static inline void skip(const char *what, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_n, what, why);
	fflush(stdout);
}

/* Nothing of this program can run here. */
static inline int skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

static inline int done(void)
{
	printf("1..%u\n", tap_n);
	return tap_failed != 0;
}

#define NO_REMAPS "ThreadSanitizer models neither remaps nor faults"
#define NO_SIGNALS "ThreadSanitizer delivers signals late, at points of its own"

#endif
