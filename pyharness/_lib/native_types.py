"""What passes the border to C, as plain data; times in nanoseconds, counts whole."""

from __future__ import annotations

from dataclasses import dataclass

from pyharness._lib.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Knob:
    """One policy of a regime; `choices` in the core's order, `preset` the default's index."""

    name: str
    about: str
    choices: tuple[str, ...]
    preset: int


@dataclass(frozen=True, slots=True)
class HuntConfig:
    """What one hunt of the core is started with; indexes and nanoseconds as in C.

    `group` instances pass between two rendezvous, 0: tuned; `skew` delays the first
    actor by so many spin units, or the second one when negative, None: tuned.
    """

    scenario: Scenario
    params: tuple[int, ...]
    knobs: tuple[int, ...]
    seed: int
    budget_ns: int
    cpus: tuple[int, ...]
    until_found: bool = False
    build: int = 0
    atomics: int = 0
    membarrier: bool = True
    group: int = 0
    skew: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counters of a running hunt, read without a lock; times in nanoseconds."""

    samples: int
    forbidden: int
    faults: int
    waits: int
    elapsed_ns: int
    distinct: int
    group: int
    skew: int
    points: bool
    finished: bool


@dataclass(frozen=True, slots=True)
class ThreadStat:
    """What one worker thread got from the host; times in nanoseconds."""

    wall_ns: int
    cpu_ns: int
    voluntary: int
    involuntary: int
    actor: int
    cpu: int
    migrated: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of real fault at one source line; `page` is -1 outside the huge page."""

    kind: str
    actor: str
    file: str
    line: int
    function: str
    operation: str
    address: int
    page: int
    hazard: str | None
    write: bool
    count: int


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What the core sees of this machine; `lse` and `lse2` are None where they do not apply."""

    arch: str
    atomics: str
    lse: bool | None
    lse2: bool | None
    membarrier: bool
    userfaultfd: bool
    page_size: int
    cache_line: int
    emulated: bool
    max_map_count: int
