"""A run of `bench`: repetitions of all benchmarks in a random order, so that what drifts
falls on all of them alike."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pyharness import _lib
from pyharness.bench.harness import PairTask
from pyharness.bench.metrics import add_contention
from pyharness.bench.options import MAX_REALTIME_S, Options, check_options
from pyharness.bench.results import BenchReport, Measurement
from pyharness.bench.select import Choice, Selection, select
from pyharness.bench.session import YARDSTICKS_S, Interrupted, Session
from pyharness.bench.windows import WindowTask
from pyharness.errors import ExitCode, HarnessError, UnsupportedHere, UsageError
from pyharness.host import environment
from pyharness.host import facts as host
from pyharness.host.topology import allowed_cpus
from pyharness.output.interrupt import Interrupt

_busy = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tick:
    """What a progress callback gets about every 50 ms: windows done, and seconds."""

    done: int
    windows: int
    title: str
    seconds: float
    seconds_left: float


ProgressCallback = Callable[[Tick], None]


class Task(Protocol):
    """One benchmark that is measured round by round."""

    title: str
    rounds: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing to report yet."""

    @property
    def missing(self) -> int:
        """How many of the rounds were disturbed, as far as it can tell."""

    def round(self) -> None:
        """Measure once more."""

    def result(self) -> Measurement:
        """What was measured so far."""


@dataclass(slots=True)
class _Failure:
    title: str
    error: HarnessError


def check_host(options: Options) -> bool:
    """Whether this host is emulated; UnsupportedHere then, unless that was allowed."""
    emulated = _lib.host().emulated
    if emulated and not options.allow_emulated:
        raise UnsupportedHere(
            "this is an emulator: its times say nothing of the architecture; "
            "--allow-emulated measures all the same and calls every figure inconclusive"
        )
    return emulated


def usable_cpus(options: Options) -> tuple[int, ...]:
    """The CPUs that threads are put on, in order."""
    return options.cpus or allowed_cpus()


class _Runner:
    def __init__(self, session: Session, tasks: Sequence[Task]) -> None:
        self.session = session
        self.tasks = list(tasks)
        self.failures: list[_Failure] = []
        self._working = list(tasks)
        self._begun = time.monotonic()
        self._done = 0
        self._title = ""
        self._windows = sum(t.rounds for t in tasks)

    def tick(self, progress: ProgressCallback | None) -> None:
        """Tell how far it got; the time left is guessed from the time taken."""
        if progress is None:
            return
        took = time.monotonic() - self._begun
        left = took / self._done * (self._windows - self._done) if self._done else 0.0
        progress(Tick(self._done, self._windows, self._title, took, left))

    def run(self, shuffle: random.Random) -> bool:
        """All rounds; True when the user ended it before."""
        try:
            for number in range(max((t.rounds for t in self.tasks), default=0)):
                self._round([t for t in self._working if number < t.rounds], shuffle)
            until = time.monotonic() + self.session.options.patience
            while (wanting := self._wanting()) and time.monotonic() < until:
                self._windows += len(wanting)
                self._round(wanting, shuffle)
        except Interrupted:
            return True
        return False

    def _wanting(self) -> list[Task]:
        return [t for t in self._working if t.missing]

    def _round(self, tasks: list[Task], shuffle: random.Random) -> None:
        shuffle.shuffle(tasks)
        for task in tasks:
            self._one(task)

    def _one(self, task: Task) -> None:
        self._title = task.title
        try:
            task.round()
        except HarnessError as error:
            if len(self.tasks) == 1:
                raise
            self.failures.append(_Failure(task.title, error))
            self._working.remove(task)  # what it gathered before is kept
        self._done += 1


def check_realtime(choice: Choice, options: Options) -> None:
    """UsageError when real-time load would hang the host, or last too long in all."""
    if not options.realtime:
        return
    cpus = len(usable_cpus(options))
    for benchmark in choice.benchmarks:
        if benchmark.threads > cpus:
            raise UsageError(
                f"--realtime: {benchmark.title} on {cpus} CPUs: two real-time threads on one "
                "CPU would wait for each other for ever"
            )
    windows = len(choice.benchmarks) * options.repetitions
    seconds = windows * (options.window + options.warmup + YARDSTICKS_S) + options.patience
    if seconds > MAX_REALTIME_S:
        raise UsageError(
            f"--realtime: {windows} windows take {seconds:.0f} s of real-time load; at most "
            f"{MAX_REALTIME_S:g} s: name fewer benchmarks, or lower --repetitions, --time or "
            "--patience"
        )


def _tasks(choice: Choice, session: Session, emulated: bool) -> list[Task]:
    windows: list[Task] = [WindowTask(b, session, emulated) for b in choice.benchmarks]
    return [*windows, *(PairTask(pair, session, emulated) for pair in choice.pairs)]


def _failures(choice: Choice, failed: Sequence[_Failure]) -> list[dict[str, Any]]:
    lacking = [
        {
            "benchmark": x.benchmark.title,
            "reason": x.reason,
            "exit_code": int(ExitCode.UNSUPPORTED),
        }
        for x in choice.lacking
    ]
    return lacking + [
        {"benchmark": f.title, "reason": str(f.error), "exit_code": int(f.error.exit_code)}
        for f in failed
    ]


def _refuse_nothing(choice: Choice) -> None:
    if choice.benchmarks or choice.pairs:
        return
    if choice.lacking:
        first = choice.lacking[0]
        more = f" (and {len(choice.lacking) - 1} more)" if len(choice.lacking) > 1 else ""
        raise UnsupportedHere(f"{first.benchmark.title}{more}: {first.reason}")
    raise UsageError("nothing to measure: no benchmark takes that many threads")


def run_bench(
    selection: Selection,
    options: Options,
    *,
    interrupt: Interrupt,
    arguments: Sequence[str] = (),
    progress: ProgressCallback | None = None,
) -> BenchReport:
    """Measure what was selected; one run at a time in a process.

    UsageError for what does not exist, UnsupportedHere for what cannot run here,
    WorkerCrashed when a worker did not end.
    """
    check_options(options)
    emulated = check_host(options)
    cpus = usable_cpus(options)
    choice = select(selection, len(cpus))
    _refuse_nothing(choice)
    check_realtime(choice, options)
    if not _busy.acquire(blocking=False):
        raise UsageError("another bench is running in this process; wait for its end")
    try:
        started, begun = time.time(), time.monotonic()
        where = environment.examine(cpus)
        session = Session(options, interrupt, clock_step_ns=where["clock_step_ns"] or 0.0)
        runner = _Runner(session, _tasks(choice, session, emulated))
        session.tick = lambda: runner.tick(progress)
        interrupted = runner.run(random.Random(options.seed))
        results = add_contention([t.result() for t in runner.tasks if not t.empty])
    finally:
        _busy.release()
    return BenchReport(
        host=host.describe(),
        environment={**where, "load_average_after": environment.load_average()},
        arguments=list(arguments),
        started=started,
        seconds=time.monotonic() - begun,
        seed=options.seed,
        interrupted=interrupted,
        results=results,
        failures=_failures(choice, runner.failures),
    )


def tour_options(options: Options) -> Options:
    """The options of the quick tour: shorter windows, fewer of them."""
    return replace(options, repetitions=3, window=0.05, warmup=0.01)


def exit_code(report: BenchReport) -> ExitCode:
    """130 interrupted, 5 a worker crashed, 6 an oracle voided a figure or none can be
    believed, 3 when nothing could be run, else 0."""
    if report.interrupted:
        return ExitCode.INTERRUPTED
    codes = {failure["exit_code"] for failure in report.failures}
    if ExitCode.CRASHED in codes:
        return ExitCode.CRASHED
    if any(r.validity == "void" for r in report.results) or ExitCode.UNTRUSTED in codes:
        return ExitCode.UNTRUSTED
    if not report.results:
        return ExitCode(min(codes, default=int(ExitCode.UNSUPPORTED)))
    return ExitCode.OK
