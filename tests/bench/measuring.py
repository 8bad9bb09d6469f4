"""Synthetic windows for the unit tests of pyharness.bench."""

import dataclasses

from pyharness._lib.loop_types import LoopInfo, LoopThread, Variant
from pyharness.bench.results import Repetition

SECOND = 1_000_000_000

LOOP = LoopInfo(
    index=0,
    group="atomics",
    name="add_unless",
    about="",
    operation="one add",
    settings=(),
    counters=(),
    histograms=(),
    least_threads=1,
    roles=1,
    uses_regime=False,
    variants=(Variant("lock", 0, (), ""),),
)


def thread(operations=1000, **given):
    """A thread that had its CPU for a second."""
    fields = {
        **dict.fromkeys((f.name for f in dataclasses.fields(LoopThread)), 0),
        "operations": operations,
        "end_ns": SECOND,
        "cpu_ns": SECOND,
        "migrated": False,
    }
    return LoopThread(**{**fields, **given})


def repetition(ns=10.0, validity="valid", reason="", handoff=None, yardstick=None, **metrics):
    """A repetition with these figures."""
    return Repetition(
        seconds=1.0,
        operations=1000,
        ns_per_op=ns,
        cpu_ns_per_op=ns,
        validity=validity,
        reason=reason,
        handoff_before_ns=handoff,
        handoff_after_ns=handoff,
        yardstick_ns=yardstick,
        counters={},
        threads=[],
        metrics={"ns_per_op": ns, **metrics},
    )
