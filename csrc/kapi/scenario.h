/*
 * How a scenario file is written:
 *
 *   #include <kapi.h>
 *   struct state { ... };                   shared by the actors, zeroed first
 *   ACTOR(name)  { ... return result; }     may use s
 *   INIT         { ... }                    may use s
 *   CHECK        { ... return outcome; }    may use s and r[], the actors' results
 *   OUTCOMES     { OK("name", "sentence"), FORBIDDEN(...), ... };
 *   SCENARIO(ident, "one line", actor, actor, ...);
 *
 * Shared state is touched only through the vocabulary, in CHECK and INIT too:
 * the same file runs where s is no mapped address. There is no state besides s:
 * no static variables that change, since the search runs parts of an actor again
 * and again, and real threads many instances at a time. A file of the user's that
 * has one is refused (pyharness/plugin_state.py).
 *
 * A loop that waits has cpu_relax() in it: without, there is always one more turn
 * for the search to look at, and it says `bounded`.
 */
#ifndef KAPI_SCENARIO_H
#define KAPI_SCENARIO_H

#include "kapi/contract.h"

struct state; /* the scenario's own */

/* Of one instance, and how actors come to it: a heap (alloc.h) asks for more. */
#define KAPI_STATE_BYTES sizeof(struct state)
#define KAPI_INSTANCE(state) (state)

#define ACTOR(fn)                                           \
	static inline unsigned fn(struct state *s);         \
	static unsigned fn##_once(void *state_)             \
	{                                                   \
		return fn(state_);                          \
	}                                                   \
	MACH_ACTOR_LOOP(fn)                                 \
	static inline unsigned fn(struct state *s)

#define INIT                                                \
	static inline void kapi_init(struct state *s);      \
	static void kapi_init_once(void *state)             \
	{                                                   \
		kapi_init(state);                           \
	}                                                   \
	MACH_INIT_LOOP(kapi_init)                           \
	static inline void kapi_init(struct state *s)

#define CHECK                                                              \
	static inline unsigned kapi_check(struct state *s, const unsigned *r); \
	static unsigned kapi_check_once(void *state, const unsigned *r)    \
	{                                                                  \
		return kapi_check(state, r);                               \
	}                                                                  \
	MACH_CHECK_LOOP(kapi_check)                                        \
	static inline unsigned kapi_check(struct state *s, const unsigned *r)

#define INTERRUPT                                           \
	static inline void kapi_interrupt(struct state *s); \
	static void kapi_interrupt_once(void *state)        \
	{                                                   \
		kapi_interrupt(state);                      \
	}                                                   \
	static inline void kapi_interrupt(struct state *s)

#define OUTCOMES static const struct outcome kapi_outcomes[] =
#define PARAMS static const struct param kapi_params[] =

#define OK(name, about) { name, about, GRADE_OK, 0, 0 }
#define INTERESTING(name, about) { name, about, GRADE_INTERESTING, 0, 0 }
#define FORBIDDEN(name, about) { name, about, GRADE_FORBIDDEN, 0, 0 }
/* With the hazard H<n> and the invariant I<n> of docs/hazards.md that it shows. */
#define OUTCOME(name, grade, hazard, invariant, about) \
	{ name, about, GRADE_##grade, hazard, invariant }

#define PARAM(index) mach_param(index)

#define ACTOR_ROW(fn, text) { #fn, text, fn##_once, MACH_LOOP_OF(fn), 0 }
#define ACTOR_ROW_TIMES(fn, text, param) { #fn, text, fn##_once, MACH_LOOP_OF(fn), (param) + 1 }
#define ACTORS static const struct actor kapi_actors[] =

#define KAPI_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KAPI_PASTE_(a, b) a##_##b
#define KAPI_PASTE(a, b) KAPI_PASTE_(a, b)

#ifdef KAPI_PLUGIN
#define KAPI_SYMBOL(ident) vmemstress_scenario
#define KAPI_EXPORT __attribute__((visibility("default")))
#else
#define KAPI_SYMBOL(ident) KAPI_PASTE(scenario_##ident, KAPI_BUILD)
#define KAPI_EXPORT
#endif

/* The fields that every definition below fills alike. */
#define KAPI_COMMON                                                        \
	.abi = KAPI_ABI, .size = sizeof(struct scenario), .file = __FILE__, \
	.actors = kapi_actors, .n_actors = KAPI_COUNT(kapi_actors),        \
	.outcomes = kapi_outcomes, .n_outcomes = KAPI_COUNT(kapi_outcomes), \
	.state_size = KAPI_STATE_BYTES, .init = kapi_init_once,        \
	.check = kapi_check_once, .init_loop = MACH_LOOP_OF(kapi_init),    \
	.check_loop = MACH_LOOP_OF(kapi_check)

#define KAPI_WITH_PARAMS \
	.params = kapi_params, .n_params = KAPI_COUNT(kapi_params)

/* Every field by name; actors in an ACTORS table of their own. */
#define SCENARIO_DEFINE(ident) \
	KAPI_EXPORT extern const struct scenario KAPI_SYMBOL(ident); \
	const struct scenario KAPI_SYMBOL(ident) =

/* The short form: one to eight actors, no parameters. */
#define SCENARIO(ident, text, ...)                                         \
	static const struct actor kapi_actors[] = { KAPI_ROWS(__VA_ARGS__) }; \
	SCENARIO_DEFINE(ident) { KAPI_COMMON, .name = #ident, .title = (text), \
				 .story = (text), .source = "" }

#define KAPI_ROWS(...)                                                              \
	KAPI_ROWS_PICK(__VA_ARGS__, KAPI_ROWS8, KAPI_ROWS7, KAPI_ROWS6, KAPI_ROWS5, \
		       KAPI_ROWS4, KAPI_ROWS3, KAPI_ROWS2, KAPI_ROWS1, )(__VA_ARGS__)
#define KAPI_ROWS_PICK(a, b, c, d, e, f, g, h, rows, ...) rows
#define KAPI_ROWS1(a) ACTOR_ROW(a, "")
#define KAPI_ROWS2(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS1(__VA_ARGS__)
#define KAPI_ROWS3(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS2(__VA_ARGS__)
#define KAPI_ROWS4(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS3(__VA_ARGS__)
#define KAPI_ROWS5(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS4(__VA_ARGS__)
#define KAPI_ROWS6(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS5(__VA_ARGS__)
#define KAPI_ROWS7(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS6(__VA_ARGS__)
#define KAPI_ROWS8(a, ...) ACTOR_ROW(a, ""), KAPI_ROWS7(__VA_ARGS__)

#endif
