"""Records of a search: what it is asked, what it counted, what it found."""

from __future__ import annotations

from dataclasses import dataclass

from pyharness._lib.scenario import Scenario

MODELS = ("sc", "tso", "arm64")
# Why a search is not complete, in the order of vms_limit (csrc/api.cdef.h).
LIMITS = (None, "stopped", "sampled", "found", "budget", "runs", "preemptions", "room")
STRATEGIES = ("dfs", "random", "pct")


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """What one search is started with; indexes and nanoseconds as in C."""

    scenario: Scenario
    params: tuple[int, ...]
    knobs: tuple[int, ...]
    model: str
    strategy: str = "dfs"
    until_found: bool = False
    preemptions: int = -1
    runs: int = 0
    budget_ns: int = 0
    seed: int = 1
    depth: int = 0
    estimate_after: int = 0
    script: tuple[int, ...] = ()
    jobs: int = 1
    job: int = 0


@dataclass(frozen=True, slots=True)
class SearchStats:
    """Counters of a search; `complete` once it has ended and left nothing out, else `limit`
    says why. `estimate`: executions that there will be, None where none was made."""

    executions: int
    blocked: int
    pruned: int
    steps: int
    elapsed_ns: int
    complete: bool
    finished: bool
    found: int
    states: int
    estimate: float | None
    limit: str | None
    room: str = ""  # of the limit "room": what was outgrown


@dataclass(frozen=True, slots=True)
class Found:
    """One distinct violation: where it was met, and how often."""

    index: int
    kind: str
    actor: str
    file: str
    function: str
    operation: str
    line: int
    hazard: str | None
    invariant: str | None
    outcome: int
    events: int
    switches: int
    count: int
    digest: int
    shared: str = ""  # of what the C itself did: the loaded file, and where in it
    offset: int = 0
    other: str = ""  # of a race: file:line of its other access


@dataclass(frozen=True, slots=True)
class Repeated:
    """The operation that one CPU made most often in its longest run, without
    cpu_relax() between."""

    operation: str
    file: str
    line: int
    count: int


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence between two events of a CPU."""

    operation: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an example. `rf` is the index of the event read from, -1 the start;
    `stale`: a newer value was there already; `walk`: a page walk, `value` the entry;
    `fences`: what its CPU made since its event before, if it orders anything."""

    cpu: int
    actor: str
    file: str
    line: int
    function: str
    operation: str
    place: str
    read: bool
    write: bool
    value: int
    before: int
    rf: int
    stale: bool
    walk: bool
    order: str
    fences: tuple[Fence, ...] = ()
