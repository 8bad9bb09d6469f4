"""Progress of a hunt: what is said of a tick (how it is shown: output/progress.py)."""

from __future__ import annotations

from pyharness.hunt.run import Tick
from pyharness.output.progress import Line, make_line
from pyharness.output.units import si


def describe(tick: Tick) -> str:
    """One line: place in the plan, time left, runs, rate, outcomes, forbidden, CPUs."""
    s = tick.snapshot
    rate = s.samples / (s.elapsed_ns / 1e9) if s.elapsed_ns else 0.0
    return (
        f"{tick.index + 1}/{tick.rows} {tick.row.name}: {tick.seconds_left:.0f} s left, "
        f"{si(s.samples)}runs, {si(rate)}runs/s, {s.distinct} outcomes, "
        f"forbidden {tick.found:,}, {tick.threads} threads"
    )


class Progress:
    """Shows the runner's ticks, the forbidden count in red."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __call__(self, tick: Tick) -> None:
        alert = f"forbidden {tick.found:,}" if tick.found else ""
        self._line.show(lambda: describe(tick), alert)

    def pause(self) -> None:
        """Get out of the way of a result that is about to be printed."""
        self._line.pause()

    def close(self) -> None:
        """Leave nothing behind."""
        self._line.close()


def make_progress(*, quiet: bool, color: str) -> Progress:
    """The progress that fits stderr."""
    return Progress(make_line(quiet=quiet, color=color))
