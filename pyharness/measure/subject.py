"""Which of a measurement's figures is the one that it was made for."""

from __future__ import annotations

from pyharness.measure.records import Measurement

# Where there are no operations a second worth counting: a grace period is the updater's,
# and of the harness some things are no loop.
_OTHERS = ("grace_p50_ns", "skew_ns", "clock_cost_ns")


def cost_metric(m: Measurement) -> str:
    """The metric, in nanoseconds, that says what the subject of the measurement costs."""
    return next((name for name in _OTHERS if name in m.metrics), "ns_per_op")
