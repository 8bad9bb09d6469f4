"""What passes the border to C for timed loops, as plain data; times in nanoseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ROLES = ("worker", "remapper")


@dataclass(frozen=True, slots=True)
class LoopSetting:
    """One setting of a loop: a choice by name, or a number from `low` to `high`.

    `lacks` says for choices that this host cannot run, why.
    """

    name: str
    about: str
    choices: tuple[str, ...]
    low: int
    high: int
    preset: int
    lacks: Mapping[str, str]

    @property
    def shown_preset(self) -> int | str:
        """The preset as the command line writes it."""
        return self.choices[self.preset] if self.choices else self.preset


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind of atomic operations that a loop is compiled with; `claim` holds the instructions
    that must be in it, `lacks` says why it cannot run here."""

    name: str
    atomics: int
    claim: tuple[str, ...]
    lacks: str


@dataclass(frozen=True, slots=True)
class LoopInfo:
    """One timed loop of the core; `index` is its place there.

    `roles` is 2 where thread 0 is another kind, the remapper. `variants` begins with
    the one that is chosen where none is asked for.
    """

    index: int
    group: str
    name: str
    about: str
    operation: str
    settings: tuple[LoopSetting, ...]
    counters: tuple[str, ...]
    histograms: tuple[str, ...]
    least_threads: int
    roles: int
    uses_regime: bool
    variants: tuple[Variant, ...]

    @property
    def title(self) -> str:
        """`group/name`."""
        return f"{self.group}/{self.name}"

    def setting(self, name: str) -> LoopSetting | None:
        """The setting of this name, if the loop has it."""
        return next((s for s in self.settings if s.name == name), None)


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What one window of the core is started with; indexes and nanoseconds as in C.

    `operations` per thread is fixed when not 0, else the window is `measure_ns`.
    """

    loop: LoopInfo
    settings: tuple[int, ...]
    knobs: tuple[int, ...]
    cpus: tuple[int, ...]
    atomics: int
    realtime: bool
    warmup_ns: int
    measure_ns: int
    operations: int


@dataclass(frozen=True, slots=True)
class LoopThread:
    """What one thread did in the window, by its own stamps; `role` indexes ROLES.

    `chunk_decile_ns` and `chunk_median_ns` are what an operation cost by the wall clock in
    the chunks between two looks at it: what a tenth, and half of them, stayed below.
    """

    operations: int
    retries: int
    refused: int
    runs: int
    longest_run: int
    begin_ns: int
    end_ns: int
    cpu_ns: int
    longest_gap_ns: int
    chunk_decile_ns: float
    chunk_median_ns: float
    voluntary: int
    involuntary: int
    role: int
    cpu: int
    migrated: bool

    @property
    def wall_ns(self) -> int:
        """Length of the thread's own window."""
        return self.end_ns - self.begin_ns


@dataclass(frozen=True, slots=True)
class BareCost:
    """Ours beside the bare loop, in turn: pairs that count and that were dropped, since a
    CPU was not ours alone; medians in nanoseconds; `ratio` is 0 where no pair counts."""

    pairs: int
    dropped: int
    ours_ns: float
    bare_ns: float
    ratio: float
