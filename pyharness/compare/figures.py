"""Which figures of a repetition are compared, and which way is worse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pyharness.bench.results import Repetition
from pyharness.errors import UsageError, unknown

STEADY = "steady_ns_per_op"
_MORE_IS_BETTER = re.compile(r"(.*_)?(ops_per_s|fairness)")
_PERCENTILE = re.compile(r"p(\d+)(?:\.(\d+))?|max", re.ASCII)


def more_is_better(metric: str) -> bool:
    """Whether a greater figure is the better one: rates and fairness; all others are costs."""
    return _MORE_IS_BETTER.fullmatch(metric) is not None


def own_metric(repetitions: Iterable[Repetition]) -> str:
    """The metric that a row is judged by.

    The cost by the chunks of each window: what disturbs a chunk is not in it, so that it
    moves by a hundredth where means move by a tenth. Where threads sleep (a grace period,
    a futex, a fault that is waited for) the mean is the cost, long waits and all: wall time
    per operation. CPU time per operation in runs of before there were chunks; the ratio to
    the bare loop where that was measured beside it.
    """
    repetitions = list(repetitions)
    threads = [t for r in repetitions for t in r.threads]
    if 2 * sum(t.voluntary > 0 for t in threads) > len(threads):
        return "ns_per_op"
    have = names(repetitions)
    return next((name for name in ("ratio", STEADY) if name in have), "cpu_ns_per_op")


def figure(repetition: Repetition, metric: str) -> float | None:
    """The repetition's value of a metric; None when it has none, or none to divide by."""
    value = repetition.metrics.get(metric)
    if value is None and metric in ("ns_per_op", "cpu_ns_per_op"):
        value = getattr(repetition, metric)
    return value if value is not None and value > 0 else None


def at_yardstick(repetition: Repetition, metric: str) -> float | None:
    """The repetition's value in operations of the yardstick that was held beside it."""
    value, yardstick = figure(repetition, metric), repetition.yardstick_ns
    return value / yardstick if value is not None and yardstick else None


def names(repetitions: Sequence[Repetition]) -> list[str]:
    """The metrics that every one of the repetitions has a positive value of."""
    if not repetitions:
        return []
    first = dict.fromkeys(("cpu_ns_per_op", "ns_per_op", *repetitions[0].metrics))
    return [n for n in first if all(figure(r, n) is not None for r in repetitions)]


def without_ratio(repetitions: Sequence[Repetition]) -> list[str]:
    """The metrics that the repetitions have and that are zero in some: no retries, for one."""
    have = {name for r in repetitions for name in r.metrics}
    return sorted(have - set(names(repetitions)))


def expand(metric: str, have: Sequence[str], own: str) -> list[str]:
    """The metrics among `have` that a name of the user's stands for; empty when none.

    `median` is the row's own metric, `p99` (p50, p99.9, max) that percentile of each
    histogram: of `stall_ns` it is `stall_p99_ns`.
    """
    if metric == "median":
        return [own] if own in have else []
    match = _PERCENTILE.fullmatch(metric)
    if match:
        key = "max" if metric == "max" else f"p{match[1]}{match[2] or ''}"
        return [n for n in have if n == key or n.endswith(f"_{key}_ns")]
    return [metric] if metric in have else []


def check_known(metric: str, have: Iterable[str], option: str) -> None:
    """UsageError with the nearest names when no row has the metric."""
    valid = sorted(set(have))
    if not expand(metric, valid, "cpu_ns_per_op"):
        short = [k for k in ("p50", "p99", "p99.9", "max") if expand(k, valid, "")]
        raise UsageError(f"{option}: {unknown('metric', metric, [*valid, *short, 'median'])}")
