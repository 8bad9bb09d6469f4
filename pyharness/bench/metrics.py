"""From what threads did in a window to the figures of a repetition, and to their medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pyharness._lib.loop_types import LoopInfo, LoopThread
from pyharness.bench.histogram import percentiles
from pyharness.bench.results import Histogram, Measurement, Repetition

# Groups whose figures are those of thread 0, which remaps or waits for a grace period.
_OF_THREAD_0 = ("remap", "grace")


def subjects(loop: LoopInfo, threads: Sequence[LoopThread]) -> list[LoopThread]:
    """The threads whose operations the benchmark is about."""
    role = 1 if loop.group in _OF_THREAD_0 and loop.roles == 2 else 0
    return [t for t in threads if t.role == role]


def _rate(threads: Sequence[LoopThread]) -> float:
    """Operations a second, all threads together, each by its own window."""
    return sum(t.operations / (t.wall_ns / 1e9) for t in threads if t.wall_ns)


def _per_op(threads: Sequence[LoopThread], prefix: str = "") -> dict[str, float]:
    operations = sum(t.operations for t in threads)
    if not operations:
        return {}
    return {
        f"{prefix}ns_per_op": sum(t.wall_ns for t in threads) / operations,
        f"{prefix}cpu_ns_per_op": sum(t.cpu_ns for t in threads) / operations,
        f"{prefix}ops_per_s": _rate(threads),
    }


def _steady(threads: Sequence[LoopThread], of: Sequence[LoopThread]) -> dict[str, float]:
    """The cost of an operation by the chunks of the window: rates of threads add up.

    Of a thread that is alone what a tenth of them stayed below: what disturbs it only adds,
    and comes and goes. Of threads that contend the median: a chunk without its peers is
    cheap, so the least say nothing.
    """
    costs = [t.chunk_decile_ns if len(threads) == 1 else t.chunk_median_ns for t in of]
    if not all(costs):
        return {}
    return {"steady_ns_per_op": len(costs) / sum(1 / ns for ns in costs)}


def _contention(loop: LoopInfo, threads: Sequence[LoopThread]) -> dict[str, float]:
    operations = sum(t.operations for t in threads)
    retries = sum(t.retries for t in threads)
    found = {"retries_per_op": retries / operations} if retries or loop.roles == 1 else {}
    if refused := sum(t.refused for t in threads):
        found["refused_per_op"] = refused / operations
    if len(threads) < 2:
        return found
    if runs := sum(t.runs for t in threads):
        found["run_length"] = operations / runs
        found["longest_run"] = float(max(t.longest_run for t in threads))
    found["fairness"] = min(t.operations for t in threads) / max(t.operations for t in threads)
    return found


def _stalls(
    threads: Sequence[LoopThread], counters: Mapping[str, float], stalls: Histogram
) -> dict[str, float]:
    """How often readers stalled, and the part of their time that went into it."""
    watched = sum(t.wall_ns for t in threads if t.role == 0)
    if not watched:
        return {}
    return {
        "stalls_per_s": sum(stalls.counts) / (watched / 1e9),
        "reader_loss": counters["stalled_ns"] / watched,
    }


def _counts(
    loop: LoopInfo, threads: Sequence[LoopThread], counters: Mapping[str, float]
) -> dict[str, float]:
    """Counters for each operation of thread 0 where it is another kind, else of all."""
    about = [t for t in threads if t.role == 1] if loop.roles == 2 else threads
    operations = sum(t.operations for t in about)
    end = "per_op" if loop.roles == 1 or loop.group in _OF_THREAD_0 else "per_remap"
    return {f"{name}_{end}": value / operations for name, value in counters.items() if operations}


def window_metrics(
    loop: LoopInfo,
    threads: Sequence[LoopThread],
    counters: Mapping[str, float],
    histograms: Mapping[str, Histogram],
) -> dict[str, float]:
    """The figures of one window; empty when no operation of its subject ended in it."""
    about = subjects(loop, threads)
    found = _per_op(about)
    if not found:
        return {}
    found |= _steady(threads, about)
    found |= _contention(loop, about)
    others = [t for t in threads if t not in about]
    if others:
        found |= _per_op(others, "reader_" if loop.group in _OF_THREAD_0 else "remapper_")
    found |= _counts(loop, threads, counters)
    if "stalled_ns" in counters and "stall_ns" in histograms:
        found |= _stalls(threads, counters, histograms["stall_ns"])
    for name, histogram in histograms.items():
        found |= percentiles(name, histogram)
    return found


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def quartile_range(values: Sequence[float]) -> float:
    """Third quartile less first, by linear interpolation between values."""

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    ordered = sorted(values)
    return at(0.75) - at(0.25)


def summary(repetitions: Sequence[Repetition]) -> dict[str, float]:
    """Medians of each figure that all of the repetitions have, and their `spread`."""
    counted = [r.metrics for r in repetitions if r.metrics]
    if not counted:
        return {}
    names = [n for n in counted[0] if all(n in m for m in counted)]
    found = {name: median([m[name] for m in counted]) for name in names}
    middles = [
        (r.handoff_before_ns + r.handoff_after_ns) / 2
        for r in repetitions
        if r.handoff_before_ns is not None and r.handoff_after_ns is not None
    ]
    if middles:
        found["handoff_ns"] = median(middles)
    if found.get("ns_per_op"):
        found["spread"] = quartile_range([m["ns_per_op"] for m in counted]) / found["ns_per_op"]
    found["counted"] = float(len(counted))
    return found


def add_contention(results: Sequence[Measurement]) -> list[Measurement]:
    """The results, each of several threads with `contention_ns`: its time for an operation
    less that of one thread with the same settings, where that was measured too."""
    alone = {_same(m): m.metrics["ns_per_op"] for m in results if _is_alone(m)}
    found = []
    for m in results:
        base = alone.get(_same(m))
        if m.threads > 1 and base is not None and _is_alike(m):
            more = {"contention_ns": m.metrics["ns_per_op"] - base}
            found.append(msgspec.structs.replace(m, metrics={**m.metrics, **more}))
        else:
            found.append(m)
    return found


def _is_alone(m: Measurement) -> bool:
    return m.threads == 1 and "ns_per_op" in m.metrics


def _is_alike(m: Measurement) -> bool:
    """Whether all of its threads did the same."""
    roles = {t.role for r in m.repetitions for t in r.threads}
    return "ns_per_op" in m.metrics and "remapper" not in roles


def _same(m: Measurement) -> tuple[object, ...]:
    return (m.group, m.name, m.variant, m.regime, *sorted(m.settings.items()))
