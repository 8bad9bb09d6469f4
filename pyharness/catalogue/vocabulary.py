"""The words that a scenario is written in: their names, from the headers, and what to use
instead of a word of elsewhere that is not among them."""

from __future__ import annotations

import difflib
import functools
import re
from pathlib import Path
from typing import NamedTuple

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(\(([^)]*)\))?", re.M)
_FUNCTION = re.compile(r"^(?:static inline|KAPI_INLINE) [^(=;]*?\b(\w+)\(", re.M)
_TYPE = re.compile(r"^(?:typedef [^;{]*?\b(\w+);|\} (\w+);|struct (\w+) \{)", re.M)
# The headers' own, which no scenario names.
_INNER = re.compile(r"^(?:kapi|KAPI|mach|MACH|native|NATIVE)_|_H$|_$")
# Headers of the model of a huge page, of the scenario's form and of the machine: no words
# for an algorithm of the user's own.
_APART = {
    "alloc.h", "contract.h", "diagnose.h", "hugetlb.h", "hugetlb_vmemmap.h", "mm_types.h",
    "order.h", "page_ref.h", "reader.h", "regime.h", "scenario.h",
}  # fmt: skip

_WAIT = "no actor sleeps; wait with cpu_relax() in a loop, smp_cond_load_acquire() or wait_event()"
_KMALLOC = "#include <kapi/alloc.h>, for kmalloc(), kzalloc() and kfree()"
_SIXTEEN = "an access has 1, 2, 4 or 8 bytes; pack the two into one word of 8 (cmpxchg64)"
_PTHREAD = "actors are the threads; the locks are spin_lock(), mutex_lock(), read_lock()"
_C11 = "xchg(), cmpxchg() and fetch_add_acq_rel() take any scalar, with C11's orders as suffixes"
_CPU = "a member PER_CPU(type, name) of struct state, and this_cpu_read(s->name)"
_INSTEAD = {
    "BUG": "BUG_ON(true)",
    "calloc": _KMALLOC,
    "free": _KMALLOC,
    "kfree": _KMALLOC,
    "malloc": _KMALLOC,
}
# By the beginning of the name.
_INSTEAD_OF_ALL = {
    "ACCESS_ONCE": "READ_ONCE() or WRITE_ONCE()",
    "cmpxchg128": _SIXTEEN,
    "cmpxchg_double": _SIXTEEN,
    "this_cpu_cmpxchg_double": _SIXTEEN,
    "kmalloc": _KMALLOC,
    "kzalloc": _KMALLOC,
    "kcalloc": _KMALLOC,
    "kvmalloc": _KMALLOC,
    "kmem_cache": _KMALLOC,
    "kfree_rcu": "synchronize_rcu(), then kfree()",
    "call_rcu": "synchronize_rcu(), then what the callback did",
    "rcu_barrier": "synchronize_rcu(): no callback is ever pending",
    "GFP_": "#include <kapi/alloc.h>",
    "pthread_": _PTHREAD,
    "atomic_load": "READ_ONCE(), smp_load_acquire(), smp_load_seq_cst()",
    "atomic_store": "WRITE_ONCE(), smp_store_release(), smp_store_seq_cst()",
    "atomic_exchange": _C11,
    "atomic_compare_exchange": _C11,
    "atomic_thread_fence": "smp_mb(), smp_rmb(), smp_wmb()",
    "memory_order": "the order is part of the word: smp_load_acquire(), xchg_seq_cst()",
    "membarrier": "asymmetric_fence_heavy(), beside asymmetric_fence_light()",
    "spin_unlock_wait": "spin_lock(), then spin_unlock()",
    "read_barrier_depends": "nothing: a dependency orders, as of rcu_dereference()",
    "smp_read_barrier_depends": "nothing: a dependency orders, as of rcu_dereference()",
    "schedule": _WAIT,
    "msleep": _WAIT,
    "usleep": _WAIT,
    "udelay": _WAIT,
    "cond_resched": "cpu_relax()",
    "DEFINE_PER_CPU": _CPU,
    "DEFINE_SPINLOCK": "a spinlock_t in struct state; it begins unlocked",
    "DEFINE_MUTEX": "a struct mutex in struct state; it begins unlocked",
    "DEFINE_RWLOCK": "an rwlock_t in struct state; it begins unlocked",
    "DEFINE_SEQLOCK": "a seqlock_t in struct state",
    "DEFINE_SRCU": "a struct srcu_struct in struct state",
    "LIST_HEAD": "a struct list_head in struct state, and INIT_LIST_HEAD()",
    "HLIST_HEAD": "a struct hlist_head in struct state",
    "LLIST_HEAD": "a struct llist_head in struct state",
    "DECLARE_COMPLETION": "a struct completion in struct state",
    "DECLARE_WAIT_QUEUE_HEAD": "a wait_queue_head_t in struct state",
    "printk": 'checkpoint("label") names a place; OUTCOMES say what came of a run',
    "pr_": 'checkpoint("label") names a place; OUTCOMES say what came of a run',
    "printf": 'checkpoint("label") names a place; OUTCOMES say what came of a run',
}


class Word(NamedTuple):
    """Where a word is defined, and how it is used."""

    header: str
    kind: str  # "call", "name", "function", "type" or "struct"
    parameters: tuple[str, ...]  # of a call


@functools.cache
def words(include: Path) -> dict[str, Word]:
    """Every word by name. `include`: the folder of kapi.h."""
    found: dict[str, Word] = {}
    for header in sorted((include / "kapi").glob("*.h")):
        if header.name in _APART:
            continue
        text = _COMMENT.sub("", header.read_text())
        for name, whole, inside in _MACRO.findall(text):
            parameters = tuple(p.strip() for p in inside.split(",") if p.strip())
            found[name] = Word(header.name, "call" if whole else "name", parameters)
        for name in _FUNCTION.findall(text):
            found[name] = Word(header.name, "function", ())
        for typedef, after, tag in _TYPE.findall(text):
            found[typedef or after or tag] = Word(header.name, "struct" if tag else "type", ())
    return {name: word for name, word in found.items() if not _INNER.search(name)}


def missing(name: str, include: Path) -> str:
    """What to say of a name that a scenario uses and nobody defines: what is used instead,
    or the nearest words; empty if nothing is near."""
    instead = _INSTEAD.get(name) or next(
        (text for begin, text in _INSTEAD_OF_ALL.items() if name.startswith(begin)), None
    )
    if instead:
        return f"instead: {instead}"
    close = difflib.get_close_matches(name, words(include), n=3, cutoff=0.7)
    return f"nearest: {', '.join(close)}" if close else ""
