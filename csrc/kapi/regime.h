/*
 * A regime: the protocol as a set of knobs. The names and choices below are
 * those of the TOML files; Python reads them from here, so there is no second
 * list. The first choice of a knob is its default.
 *
 * X(knob, "name", "about", choice...)
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
	X(tail, "tail", "how the tail vmemmap pages are mapped after optimising",   \
	  "read-only-alias", "writable-alias", "shared-read-only")                  \
	X(get_guard, "get_guard", "what try_get tests before its compare-and-swap", \
	  "none", "fake-head-then-count", "count-then-fake-head")                   \
	X(get_op, "get_op", "how try_get writes the count",                         \
	  "add-unless", "unconditional-add")                                        \
	X(get_rcu, "get_rcu", "an RCU section inside try_get, round load and CAS",  \
	  "false", "true")                                                          \
	X(canonicalise, "canonicalise",                                             \
	  "after the get, move the reference to the real head", "false", "true")    \
	X(put_check, "put_check", "what folio_put tests before it drops",           \
	  "none", "is-folio")                                                       \
	X(freeze, "freeze", "refcount 0 through the whole operation",               \
	  "false", "true")                                                          \
	X(unfreeze, "unfreeze", "when the refcount becomes non-zero again",         \
	  "after-flush", "before-flush")                                            \
	X(grace_period, "grace_period", "where synchronize_rcu stands",             \
	  "none", "before-remap", "after-remap")                                    \
	X(grace_after_freeze, "grace_after_freeze",                                 \
	  "the grace period follows the last freeze of the batch", "true", "false") \
	X(publish_barrier, "publish_barrier",                                       \
	  "page contents are ordered before the PTE", "true", "false")              \
	X(replace, "replace", "how a live PTE is changed",                          \
	  "atomic", "break-before-make", "in-place")                                \
	X(window, "window", "who closes the break-before-make window",              \
	  "open", "fault-wait", "pause", "stop")                                    \
	X(pause_ack, "pause_ack", "wait until every paused CPU has answered",       \
	  "true", "false")                                                          \
	X(flush, "flush", "when the TLB is flushed against the free of old frames", \
	  "before-free", "after-free", "none")                                      \
	X(restore, "restore", "what a restored tail page is filled from",           \
	  "head-reset", "template", "head-copy")                                    \
	X(detect, "detect", "when fake-head detection is switched on",              \
	  "before-first-remap", "after-first-remap")

struct regime {
#define KAPI_KNOB_FIELD(field, ...) int32_t field;
	KAPI_KNOBS(KAPI_KNOB_FIELD)
#undef KAPI_KNOB_FIELD
};

#endif
