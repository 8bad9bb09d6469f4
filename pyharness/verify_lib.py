"""The border to C for `verify` (csrc/api.cdef.h, the part on verifying)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyharness import _lib
from pyharness._core import ffi, lib
from pyharness.scenario import Scenario

MODELS = ("sc", "tso", "arm64")
STRATEGIES = ("dfs", "random", "pct")
MAX_HAZARD_ROWS = 64


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
    jobs: int = 1
    job: int = 0


@dataclass(frozen=True, slots=True)
class SearchStats:
    """Counters of a search; `complete` once it has ended and left nothing out."""

    executions: int
    blocked: int
    pruned: int
    steps: int
    elapsed_ns: int
    complete: bool
    finished: bool
    found: int
    states: int


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


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an example. `rf` is the index of the event read from, -1 the start;
    `stale`: a newer value was there already; `walk`: a page walk, `value` the entry."""

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


_ORDERS = ("relaxed", "acquire", "release", "full")


class Search:
    """A search of the core; use as a context manager. `run` blocks, `stop` may come
    from another thread."""

    def __init__(self, config: SearchConfig) -> None:
        self._rows = len(config.scenario.outcomes)
        err = ffi.new("vms_error *")
        c = ffi.new("vms_verify_config *")
        c.scenario = _lib._handle(config.scenario)
        for i, value in enumerate(config.params):
            c.params[i] = value
        for i, value in enumerate(config.knobs):
            c.knobs[i] = value
        c.model = MODELS.index(config.model)
        c.strategy = STRATEGIES.index(config.strategy)
        c.until_found, c.preemptions = config.until_found, config.preemptions
        c.runs, c.budget_ns, c.seed = config.runs, config.budget_ns, config.seed
        c.jobs, c.job = config.jobs, config.job
        self._v: Any = lib.vms_verify_create(c, err)
        if self._v == ffi.NULL:
            raise _lib._raise(err, f"{config.scenario.name} cannot be verified")

    def run(self) -> None:
        """Search; returns when done."""
        err = ffi.new("vms_error *")
        if lib.vms_verify_run(self._v, err):
            raise _lib._raise(err, "the search failed")

    def stop(self) -> None:
        """Ask the search to end soon."""
        lib.vms_verify_stop(self._v)

    def stats(self) -> SearchStats:
        """The counters of this moment."""
        s = ffi.new("vms_verify_stats *")
        lib.vms_verify_progress(self._v, s)
        return SearchStats(
            *(s.executions, s.blocked, s.pruned, s.steps, s.elapsed_ns),
            *(bool(s.complete), bool(s.finished), s.found, s.states),
        )

    def counts(self) -> Sequence[int]:
        """Executions per outcome row of the scenario."""
        counts = ffi.new("uint64_t[]", self._rows)
        lib.vms_verify_counts(self._v, counts, self._rows)
        return list(counts)

    def found(self) -> tuple[Found, ...]:
        """The distinct violations; after the end."""
        rows = []
        for i in range(self.stats().found):
            f = ffi.new("vms_found *")
            if not lib.vms_verify_found(self._v, i, f):
                break
            rows.append(
                Found(
                    *(i, _lib._text(f.kind), _lib._text(f.actor), _lib._text(f.file)),
                    *(_lib._text(f.function), _lib._text(f.operation), f.line),
                    *(_lib._numbered("H", f.hazard), _lib._numbered("I", f.invariant)),
                    *(f.outcome, f.events, f.switches, f.count),
                    int(lib.vms_verify_digest(self._v, i)),
                )
            )
        return tuple(rows)

    def events(self, found: Found) -> tuple[Event, ...]:
        """The example of a violation, oldest event first."""
        return tuple(self._event(found.index, i) for i in range(found.events))

    def _event(self, found: int, index: int) -> Event:
        e = ffi.new("vms_event *")
        lib.vms_verify_event(self._v, found, index, e)
        return Event(
            cpu=e.cpu,
            actor=_lib._text(e.actor),
            file=_lib._text(e.file),
            line=e.line,
            function=_lib._text(e.function),
            operation=_lib._text(e.operation),
            place=_lib._text(e.place),
            read=bool(e.read),
            write=bool(e.write),
            value=e.value,
            before=e.before,
            rf=e.rf,
            stale=bool(e.stale),
            walk=bool(e.walk),
            order=_ORDERS[e.order],
        )

    def close(self) -> None:
        """Free everything; harmless when done already."""
        if self._v != ffi.NULL:
            lib.vms_verify_free(self._v)
            self._v = ffi.NULL

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
