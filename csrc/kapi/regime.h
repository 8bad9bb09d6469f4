/*
 * A regime: the protocol as a set of knobs. The names and choices below are
 * those of the TOML files; Python reads them from here, so there is no second
 * list. A knob's value is the index of its choice, so booleans are "false", "true".
 *
 * X(knob, "name", "about", 0, preset, choice...)
 */
#ifndef KAPI_REGIME_H
#define KAPI_REGIME_H

#include <stdint.h>

enum kapi_tail { TAIL_READ_ONLY_ALIAS, TAIL_WRITABLE_ALIAS, TAIL_SHARED_READ_ONLY };
enum kapi_guard { GUARD_NONE, GUARD_FAKE_HEAD_THEN_COUNT, GUARD_COUNT_THEN_FAKE_HEAD };
enum kapi_get_op { GET_ADD_UNLESS, GET_UNCONDITIONAL_ADD };
enum kapi_put_check { PUT_UNCHECKED, PUT_IS_FOLIO };
enum kapi_unfreeze { UNFREEZE_AFTER_FLUSH, UNFREEZE_BEFORE_FLUSH };
enum kapi_grace { GRACE_NONE, GRACE_BEFORE_REMAP, GRACE_AFTER_REMAP };
enum kapi_replace { REPLACE_ATOMIC, REPLACE_BREAK_BEFORE_MAKE, REPLACE_IN_PLACE };
enum kapi_window { WINDOW_OPEN, WINDOW_FAULT_WAIT, WINDOW_PAUSE, WINDOW_STOP };
enum kapi_flush { FLUSH_BEFORE_FREE, FLUSH_AFTER_FREE, FLUSH_NONE };
enum kapi_restore { RESTORE_HEAD_RESET, RESTORE_TEMPLATE, RESTORE_HEAD_COPY };
enum kapi_detect { DETECT_BEFORE_FIRST, DETECT_AFTER_FIRST };

#define KAPI_KNOBS(X)                                                           \
	X(tail, "tail", "how the tail vmemmap pages are mapped after optimising", 0,   \
	  "read-only-alias", "writable-alias", "shared-read-only")                  \
	X(get_guard, "get_guard", "what try_get tests before its compare-and-swap", 0, \
	  "none", "fake-head-then-count", "count-then-fake-head")                   \
	X(get_op, "get_op", "how try_get writes the count", 0,                         \
	  "add-unless", "unconditional-add")                                        \
	X(get_rcu, "get_rcu", "an RCU section inside try_get, round load and CAS", 0,  \
	  "false", "true")                                                          \
	X(canonicalise, "canonicalise",                                             \
	  "after the get, move the reference to the real head", 0, "false", "true")    \
	X(put_check, "put_check", "what folio_put tests before it drops", 0,           \
	  "none", "is-folio")                                                       \
	X(freeze, "freeze", "refcount 0 through the whole operation", 0,               \
	  "false", "true")                                                          \
	X(unfreeze, "unfreeze", "when the refcount becomes non-zero again", 0,         \
	  "after-flush", "before-flush")                                            \
	X(grace_period, "grace_period", "where synchronize_rcu stands", 0,             \
	  "none", "before-remap", "after-remap")                                    \
	X(grace_after_freeze, "grace_after_freeze",                                 \
	  "the grace period follows the last freeze of the batch", 1, "false", "true") \
	X(publish_barrier, "publish_barrier",                                       \
	  "page contents are ordered before the PTE", 1, "false", "true")              \
	X(replace, "replace", "how a live PTE is changed", 0,                          \
	  "atomic", "break-before-make", "in-place")                                \
	X(window, "window", "who closes the break-before-make window", 0,              \
	  "open", "fault-wait", "pause", "stop")                                    \
	X(pause_ack, "pause_ack", "wait until every paused CPU has answered", 1,       \
	  "false", "true")                                                          \
	X(flush, "flush", "when the TLB is flushed against the free of old frames", 0, \
	  "before-free", "after-free", "none")                                      \
	X(restore, "restore", "what a restored tail page is filled from", 0,           \
	  "head-reset", "template", "head-copy")                                    \
	X(detect, "detect", "when fake-head detection is switched on", 0,              \
	  "before-first-remap", "after-first-remap")

struct regime {
#define KAPI_KNOB_FIELD(field, ...) int32_t field;
	KAPI_KNOBS(KAPI_KNOB_FIELD)
#undef KAPI_KNOB_FIELD
};

#endif
