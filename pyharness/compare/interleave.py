"""A and B measured in turn, A B, B A, A B, ...: what drifts evenly falls on both alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyharness import _lib
from pyharness.compare.judge import Settings, compare_rows
from pyharness.compare.records import Comparison
from pyharness.errors import UsageError
from pyharness.interrupt import Interrupt
from pyharness.measure.run import check_host
from pyharness.measure.select import Benchmark
from pyharness.measure.session import Interrupted, Options, Session, check_options
from pyharness.measure.windows import WindowTask

MAX_PAIRS = 1000


@dataclass(frozen=True, slots=True)
class Turn:
    """What a progress callback gets about every 50 ms."""

    done: int
    pairs: int
    title: str


def check_pairs(pairs: int) -> int:
    """`pairs` again when it can be; UsageError otherwise."""
    if not 3 <= pairs <= MAX_PAIRS:
        raise UsageError(f"--pairs: {pairs} is out of range; 3 to {MAX_PAIRS}")
    return pairs


def run_in_turn(
    rows: Sequence[tuple[Benchmark, Benchmark]],
    options: Options,
    settings: Settings,
    *,
    interrupt: Interrupt,
    progress: Callable[[Turn], None] = lambda turn: None,
) -> tuple[list[Comparison], bool]:
    """The comparisons, and whether the user ended it early; `options.repetitions` pairs each.

    UnsupportedHere under an emulator, WorkerCrashed when a worker did not end.
    """
    check_options(replace(options, repetitions=check_pairs(options.repetitions)))
    emulated = check_host(options)
    session = Session(options, interrupt, clock_step_ns=_lib.probe_ns("clock_step") or 0.0)
    tasks = [(WindowTask(a, session, emulated), WindowTask(b, session, emulated)) for a, b in rows]
    done = 0
    title = ""
    session.tick = lambda: progress(Turn(done, options.repetitions * len(tasks), title))
    interrupted = False
    try:
        for number in range(options.repetitions):
            for pair in tasks:
                title = pair[0].title
                for task in pair if number % 2 == 0 else reversed(pair):
                    task.round()
                done += 1
    except Interrupted:
        interrupted = True
    found = [
        comparison
        for a, b in tasks
        if not (a.empty or b.empty)
        for comparison in compare_rows(a.result(), b.result(), settings, paired=True)
    ]
    return found, interrupted
