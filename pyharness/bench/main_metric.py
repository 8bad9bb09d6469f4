"""Which of a measurement's figures is the one that it was made for."""

from __future__ import annotations

from pyharness.bench.results import Measurement

# Where operations a second are not the point: a grace period is the updater's, and a start
# barrier is about how far apart the threads leave it.
_OTHERS = ("grace_p50_ns", "skew_p50_ns")


def cost_metric(m: Measurement) -> str:
    """The metric, in nanoseconds, that says what the subject of the measurement costs."""
    return next((name for name in _OTHERS if name in m.metrics), "ns_per_op")
