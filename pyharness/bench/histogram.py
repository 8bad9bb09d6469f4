"""Histograms of the core: which of their buckets can be believed, and percentiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pyharness import _lib
from pyharness.bench.results import Histogram

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CLOCK_STEPS = 5  # buckets below so many steps of the clock say nothing
PERCENTILES = {"p50": 50.0, "p99": 99.0, "p999": 99.9, "max": 100.0}


def merge_fine(
    counts: npt.NDArray[np.uint64], floors: npt.NDArray[np.int64], clock_step_ns: float
) -> Histogram:
    """The histogram with every bucket that begins below five steps of the clock as one."""
    import numpy as np

    limit = CLOCK_STEPS * clock_step_ns
    first = int(np.searchsorted(floors, limit, side="left"))  # the first bucket kept
    # A clock finer than the buckets blurs nothing.
    first = 0 if first <= 1 else min(first, len(counts))
    used = [i for i in range(first, len(counts)) if counts[i]]
    kept_floors = [int(floors[i]) for i in used]
    kept_counts = [int(counts[i]) for i in used]
    fine = int(counts[:first].sum())
    if fine:
        kept_floors.insert(0, 0)
        kept_counts.insert(0, fine)
    return Histogram(kept_floors, kept_counts, int(floors[first]) if first else 0)


def add(histograms: Sequence[Histogram]) -> Histogram:
    """The sum of histograms of one benchmark."""
    total: dict[int, int] = {}
    for histogram in histograms:
        for floor, count in zip(histogram.floors_ns, histogram.counts, strict=True):
            total[floor] = total.get(floor, 0) + count
    floors = sorted(total)
    merged = max((h.merged_below_ns for h in histograms), default=0)
    return Histogram(floors, [total[f] for f in floors], merged)


def _last_value(floor: int, merged_below_ns: int) -> int:
    """The greatest whole value of the bucket that begins at `floor`."""
    import numpy as np

    if floor < merged_below_ns:
        return merged_below_ns
    floors = _lib.histogram_floors()
    after = int(np.searchsorted(floors, floor, side="right"))
    return int(floors[min(after, len(floors) - 1)]) - 1


def percentile(histogram: Histogram, percent: float) -> float | None:
    """The least value that `percent` of the values do not exceed, ns; None when empty.

    Exact where buckets are one nanosecond wide; elsewhere the values of a bucket, a
    sixteenth of a power of two wide, are taken as evenly spread over it. A merged bucket
    answers with its upper end.
    """
    total = sum(histogram.counts)
    if not total:
        return None
    rank = max(1.0, percent / 100.0 * total)
    rank = float(-int(-rank // 1))  # the rank-th smallest, counted from 1
    below = 0
    for floor, count in zip(histogram.floors_ns, histogram.counts, strict=True):
        if below + count >= rank:
            last = _last_value(floor, histogram.merged_below_ns)
            if floor < histogram.merged_below_ns:
                return float(last)
            return floor + (last - floor) * (rank - below - 0.5) / count
        below += count
    raise AssertionError("a rank beyond the last value")


def percentiles(name: str, histogram: Histogram) -> dict[str, float]:
    """`stall_p50_ns`, `stall_p99_ns`, `stall_p999_ns`, `stall_max_ns` for `stall_ns`."""
    stem = name.removesuffix("_ns")
    found: Iterable[tuple[str, float | None]] = (
        (f"{stem}_{key}_ns", percentile(histogram, p)) for key, p in PERCENTILES.items()
    )
    return {key: value for key, value in found if value is not None}
