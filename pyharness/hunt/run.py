"""Run the rows of a plan on real threads within one budget of wall time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from pyharness import _lib
from pyharness._lib.native_types import HuntConfig, Snapshot
from pyharness.catalogue import find as catalogue
from pyharness.catalogue.plan import Plan, Request, Row, make_plan, place_threads
from pyharness.errors import HarnessError, UsageError, WorkerCrashed
from pyharness.host.facts import emulated
from pyharness.host.topology import allowed_cpus
from pyharness.hunt.options import ATOMICS, BUILDS, Options, check_options
from pyharness.hunt.results import Failure, HuntReport, HuntResult, Tuning
from pyharness.hunt.validity import SelfTest, judge
from pyharness.output.interrupt import Interrupt
from pyharness.output.units import row_seed

_POLL_MS = 50
_SELF_TEST_S = 0.1
_SELF_TEST_SHARE = 0.05  # of a budget too short for the whole self-test
_MIN_ROW_S = 0.01
_END_S = 0.03  # rendering and exit, out of the budget
_STUCK_S = 20.0
_busy = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tick:
    """What a progress callback gets, about every 50 ms: row `index` of `rows`, times in seconds."""

    index: int
    rows: int
    row: Row
    snapshot: Snapshot
    threads: int
    seconds_left: float
    found: int


ProgressCallback = Callable[[Tick], None]
ResultCallback = Callable[[HuntResult], None]


def _config(row: Row, options: Options, cpus: tuple[int, ...], seconds: float) -> HuntConfig:
    return HuntConfig(
        scenario=row.scenario,
        params=row.param_values,
        knobs=row.knob_values,
        seed=row_seed(options.seed, *row.key),
        budget_ns=max(1, int(seconds * 1e9)),
        cpus=cpus,
        until_found=options.until_found,
        build=BUILDS.index(options.build),
        atomics=ATOMICS.index(options.atomics),
        membarrier=options.membarrier,
    )


def _watch(
    hunt: _lib.Hunt, seconds: float, interrupt: Interrupt, tick: Callable[[Snapshot], None]
) -> None:
    """Poll until all threads have ended; ask them to when interrupted or out of time."""
    deadline = time.monotonic() + seconds
    stopped = None
    while not hunt.wait(_POLL_MS):
        now = time.monotonic()
        if stopped is None and (interrupt.requested or now > deadline + 0.05):
            hunt.stop()
            stopped = now
        if stopped is None:
            tick(hunt.snapshot())
        elif now > stopped + _STUCK_S:
            hunt.abandon()  # to end it properly would mean to wait for its threads
            raise WorkerCrashed(
                f"workers did not end within {_STUCK_S:.0f} s after they were told to; "
                "does an actor, INIT or CHECK loop for ever?"
            )


class _Runner:
    """Runs rows one after the other and shares out what is left of the budget."""

    def __init__(self, options: Options, interrupt: Interrupt) -> None:
        self.options = options
        self.interrupt = interrupt
        self.overhead = 0.0  # seconds that a row took beyond its slice, smoothed
        self._self_tests: dict[tuple[int, ...], SelfTest | None] = {}

    def left(self) -> float:
        """Seconds of the budget that are left."""
        return self.options.started + self.options.budget - _END_S - time.monotonic()

    def self_test(self, cpus: tuple[int, ...]) -> SelfTest | None:
        """The store-buffering share on these CPUs, measured once for each set of them."""
        key = tuple(sorted(set(cpus)))
        if not self.options.self_test or "store-buffering" not in catalogue.scenarios():
            return None
        if key not in self._self_tests:
            self._self_tests[key] = self._store_buffering(cpus)
        return self._self_tests[key]

    def _store_buffering(self, cpus: tuple[int, ...]) -> SelfTest:
        plan = make_plan(Request(names=("store-buffering",), parameters={"fence": 0}))
        row = plan.rows[0]
        need = row.threads
        placed = tuple(cpus[i % len(cpus)] for i in range(max(need, len(cpus) // need * need)))
        seconds = min(_SELF_TEST_S, _SELF_TEST_SHARE * self.options.budget)
        test = SelfTest(0, 0)
        # A loaded host may give one of the threads no time at all: up to three tries.
        for _ in range(3):
            options = replace(self.options, until_found=False)
            config = _config(row, options, placed, seconds)
            with _lib.Hunt(config) as hunt:
                _watch(hunt, seconds, self.interrupt, lambda _: None)
                counts = hunt.counts()
            both = [i for i, o in enumerate(row.scenario.outcomes) if o.name == "both-zero"]
            test = SelfTest(
                test.overlapped + sum(int(counts[i]) for i in both),
                test.samples + int(counts.sum()),
            )
            if test.overlapped or self.interrupt.requested or self.left() < 10 * seconds:
                break
        return test

    def run(
        self, row: Row, cpus: tuple[int, ...], rows_left: int, tick: Callable[[Snapshot], None]
    ) -> HuntResult:
        """One row on these CPUs, within its share of what is left."""
        test = self.self_test(cpus)
        begun = time.monotonic()
        share = self.left() / rows_left
        seconds = max(_MIN_ROW_S, share - self.overhead)
        config = _config(row, self.options, cpus, seconds)
        with _lib.Hunt(config) as hunt:
            _watch(hunt, seconds, self.interrupt, tick)
            result = _collect(row, config, hunt, test, self.interrupt.requested)
        took = time.monotonic() - begun
        if not self.options.until_found:
            self.overhead = max(0.0, 0.5 * self.overhead + 0.5 * (took - seconds))
        return result


def _collect(
    row: Row, config: HuntConfig, hunt: _lib.Hunt, test: SelfTest | None, interrupted: bool
) -> HuntResult:
    """The result of an ended hunt; raises what went wrong in its workers."""
    hunt.check()
    last, counts, threads = hunt.snapshot(), hunt.counts(), hunt.thread_stats()
    pairs = list(zip(row.scenario.outcomes, counts, strict=True))
    forbidden = sum(int(n) for o, n in pairs if o.grade == "forbidden")
    shares = len({c for c in config.cpus if c >= 0}) < sum(c >= 0 for c in config.cpus)
    return HuntResult(
        row=row,
        seed=config.seed,
        verdict="violated" if forbidden else "unreached",
        counts=counts,
        samples=last.samples,
        forbidden=forbidden,
        waits=last.waits,
        seconds=last.elapsed_ns / 1e9,
        cpus=config.cpus,
        faults=hunt.faults(),
        threads=threads,
        tuning=Tuning(last.group, last.skew, "points" if last.points else "plain"),
        validity=judge(
            threads,
            samples=last.samples,
            distinct=sum(1 for _, n in pairs if n),
            shares_cpus=shares,
            self_test=test,
            emulated=emulated(),
            ordering=row.scenario.ordering,
        ),
        interrupted=interrupted,
    )


def _preload() -> None:
    """Import what results need, before the time is shared out rather than after the last row."""
    import numpy  # noqa: F401

    from pyharness.output import json as jsonout

    jsonout.version()


def place_plan(plan: Plan, options: Options) -> list[tuple[int, ...]]:
    """The CPU of each thread of each row; UsageError when a row cannot have that many threads."""
    usable = len(options.cpus) if options.cpus else len(allowed_cpus())
    strict = plan.suite is None
    return [
        place_threads(row, options.cpus, options.threads, usable, strict=strict)
        for row in plan.rows
    ]


def run_plan(
    plan: Plan,
    options: Options,
    *,
    interrupt: Interrupt,
    progress: ProgressCallback | None = None,
    on_result: ResultCallback | None = None,
) -> HuntReport:
    """Run the rows within the budget. WorkerCrashed when a worker failed; one plan at a time."""
    check_options(options)
    if not _busy.acquire(blocking=False):
        raise UsageError("another hunt is running in this process; wait for its end")
    try:
        _preload()
        runner = _Runner(options, interrupt)
        placed = place_plan(plan, options)
        results: list[HuntResult] = []
        failures: list[Failure] = []
        for index, (row, cpus) in enumerate(zip(plan.rows, placed, strict=True)):
            if interrupt.requested:
                break
            tick = _ticker(progress, runner, plan, index, len(cpus), results)
            try:
                result = runner.run(row, cpus, len(plan.rows) - index, tick)
            except HarnessError as error:
                if len(plan.rows) == 1:
                    raise
                failures.append(Failure(row, error))  # the other rows' results are kept
                continue
            results.append(result)
            if on_result:
                on_result(result)
    finally:
        _busy.release()
    return HuntReport(
        results=tuple(results),
        skipped=plan.skipped,
        failures=tuple(failures),
        suite=plan.suite,
        seed=options.seed,
        budget=options.budget,
        seconds=time.monotonic() - options.started,
        interrupted=interrupt.requested,
    )


def _ticker(
    progress: ProgressCallback | None,
    runner: _Runner,
    plan: Plan,
    index: int,
    threads: int,
    results: list[HuntResult],
) -> Callable[[Snapshot], None]:
    def tick(snapshot: Snapshot) -> None:
        if progress:
            found = sum(r.forbidden for r in results) + snapshot.forbidden
            row = plan.rows[index]
            left = max(0.0, runner.left())
            progress(Tick(index, len(plan.rows), row, snapshot, threads, left, found))

    return tick
