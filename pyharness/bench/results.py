"""What `bench` measured, as data: the JSON of its results is exactly these fields.

Durations are seconds, or nanoseconds where the name ends in `_ns`; counts are whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

# How far a figure can be believed, best first.
VALIDITIES = ("valid", "contaminated", "inconclusive", "void")


class ThreadShare(msgspec.Struct, frozen=True):
    """What one thread did in the window, and what the host gave it."""

    cpu: int
    role: str  # "worker", "reader" or "remapper"
    operations: int
    retries: int
    refused: int
    runs: int
    longest_run: int
    wall_ns: int
    cpu_ns: int
    longest_gap_ns: int
    voluntary: int
    involuntary: int
    migrated: bool


class Repetition(msgspec.Struct, frozen=True):
    """One window of one benchmark. `ns_per_op` is per thread: threads x wall / operations.

    `yardstick_ns` is what the yardstick's operation took on the same CPUs beside it.
    """

    seconds: float
    operations: int
    ns_per_op: float
    cpu_ns_per_op: float
    validity: str
    reason: str
    handoff_before_ns: float | None
    handoff_after_ns: float | None
    counters: dict[str, float]
    threads: list[ThreadShare]
    yardstick_ns: float | None = None
    metrics: dict[str, float] = {}  # as those of the measurement, of this window alone


class Histogram(msgspec.Struct, frozen=True):
    """Counts in log-linear buckets, only those that are not empty.

    What lies below five steps of the clock is one bucket, from 0 to `merged_below_ns`:
    a percentile that falls into it is only known to be less than that.
    """

    floors_ns: list[int]
    counts: list[int]
    merged_below_ns: int = 0


class Measurement(msgspec.Struct, frozen=True):
    """One benchmark with one choice of settings, over its repetitions.

    `metrics` are medians over the repetitions that count (valid ones; if there is none,
    all): `ns_per_op`, `cpu_ns_per_op`, `steady_ns_per_op` (by the chunks of the window, see
    metrics.py), `ops_per_s`, `spread` (interquartile range over
    median), `retries_per_op`, `run_length`, `fairness` (least thread over greatest),
    percentiles such as `stall_p99_ns`, and each counter per operation. `ratio` is to the
    bare loop and of group `harness` alone. `instruction` says what the disassembly shows.
    """

    group: str
    name: str
    threads: int
    variant: str
    settings: dict[str, int | str]
    regime: str | None
    operation: str
    metrics: dict[str, float]
    validity: str
    reason: str
    repetitions: list[Repetition]
    histograms: dict[str, Histogram]
    ratio: float | None = None
    instruction: str | None = None

    @property
    def title(self) -> str:
        """`group/name` and every setting that is not the preset's, as the command line has it."""
        extra = "".join(f" {k}={v}" for k, v in self.settings.items())
        return f"{self.group}/{self.name}{extra}"


class BenchReport(msgspec.Struct, frozen=True):
    """One run of `bench`: `host` and `environment` say where, `arguments` how."""

    host: dict[str, Any]
    environment: dict[str, Any]
    arguments: list[str]
    started: float  # seconds since 1970
    seconds: float
    seed: int
    interrupted: bool
    results: list[Measurement]
    failures: list[dict[str, Any]]
