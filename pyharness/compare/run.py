"""A and B measured in turn, A B, B A, A B, ...: what drifts evenly falls on both alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyharness import _lib
from pyharness.bench.options import Options, check_options
from pyharness.bench.run import check_host
from pyharness.bench.select import Benchmark
from pyharness.bench.session import Interrupted, Session
from pyharness.bench.windows import WindowTask
from pyharness.compare.changes import Comparison
from pyharness.compare.judge import ENOUGH_PAIRS, compare_rows, width
from pyharness.compare.options import Settings
from pyharness.errors import UsageError
from pyharness.output.interrupt import Interrupt

MAX_PAIRS = 1000
_PATIENCE = 4  # at most so many times the pairs that were asked for


@dataclass(frozen=True, slots=True)
class Turn:
    """What a progress callback gets about every 50 ms."""

    done: int
    pairs: int
    title: str


def check_pairs(pairs: int) -> int:
    """`pairs` again when it can be; UsageError otherwise."""
    if not ENOUGH_PAIRS <= pairs <= MAX_PAIRS:
        raise UsageError(f"--pairs: {pairs} is out of range; {ENOUGH_PAIRS} to {MAX_PAIRS}")
    return pairs


class _Turns:
    """One row: pairs until their interval is narrow enough, or patience ends.

    The end depends on the width of the interval and never on where it lies: to stop when
    a change shows would find one in the end where there is none.
    """

    def __init__(self, a: WindowTask, b: WindowTask, options: Options, settings: Settings) -> None:
        self.a, self.b = a, b
        self.title = a.title
        self.made = 0
        self.wanted = options.repetitions
        self._step = max(1, options.repetitions // 2)
        self._most = min(MAX_PAIRS, options.repetitions * _PATIENCE)
        self._settings = settings

    def round(self) -> None:
        """One more pair, in the other order than the last."""
        order = (self.a, self.b) if self.made % 2 == 0 else (self.b, self.a)
        for task in order:
            task.round()
        self.made += 1
        if self.made == self.wanted and self.made < self._most and not self._narrow():
            self.wanted = min(self._most, self.made + self._step)

    def _narrow(self) -> bool:
        found = width(self.a.repetitions, self.b.repetitions, self._settings)
        return found is not None and found <= self._settings.threshold


def run_in_turn(
    rows: Sequence[tuple[Benchmark, Benchmark]],
    options: Options,
    settings: Settings,
    *,
    interrupt: Interrupt,
    progress: Callable[[Turn], None] = lambda turn: None,
) -> tuple[list[Comparison], bool]:
    """The comparisons, and whether the user ended it early.

    Each row gets `options.repetitions` pairs, and up to four times as many while its
    interval is wider than the threshold.

    UnsupportedHere under an emulator, WorkerCrashed when a worker did not end.
    """
    # a pair's windows are so near to one another that no yardstick need be held against both
    options = replace(options, repetitions=check_pairs(options.repetitions), yardstick=False)
    check_options(options)
    emulated = check_host(options)
    session = Session(options, interrupt, clock_step_ns=_lib.probe_ns("clock_step") or 0.0)
    tasks = [
        _Turns(
            WindowTask(a, session, emulated), WindowTask(b, session, emulated), options, settings
        )
        for a, b in rows
    ]
    title = ""
    session.tick = lambda: progress(
        Turn(sum(t.made for t in tasks), sum(t.wanted for t in tasks), title)
    )
    interrupted = False
    try:
        while left := [t for t in tasks if t.made < t.wanted]:
            for task in left:
                title = task.title
                task.round()
    except Interrupted:
        interrupted = True
    found = [
        comparison
        for t in tasks
        if not (t.a.empty or t.b.empty)
        for comparison in compare_rows(t.a.result(), t.b.result(), settings, paired=True)
    ]
    return found, interrupted
