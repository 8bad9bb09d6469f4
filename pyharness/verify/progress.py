"""Progress of a search: what is said of a tick (how it is shown: output/progress.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyharness.output.progress import Line, make_line
from pyharness.output.units import si

if TYPE_CHECKING:
    from pyharness._lib.model_types import SearchStats
    from pyharness.catalogue.plan import Row

_SHORT_S = 1.0  # a search that ends within this shows nothing


def describe(row: Row, model: str, stats: SearchStats) -> str:
    """One line: row, model, time, executions, rate, distinct violations."""
    seconds = stats.elapsed_ns / 1e9
    rate = stats.executions / seconds if seconds else 0.0
    share = ""
    if stats.estimate:
        about = f"about {si(stats.estimate)}"
        if stats.executions < stats.estimate:
            share = f" of {about}({stats.executions / stats.estimate:.0%})"
        else:
            share = f" (more than the {about}estimated)"
    return (
        f"{row.name}, {model}: {seconds:.0f} s, {si(stats.executions)}executions{share}, "
        f"{si(rate)}a second, {stats.blocked:,} blocked, {stats.found} distinct violations"
    )


class Progress:
    """Shows the ticks of searches that take longer than a second."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._shown: tuple[str, str] | None = None

    def __call__(self, row: Row, model: str, stats: SearchStats) -> None:
        if stats.elapsed_ns < _SHORT_S * 1e9:
            return
        first = self._shown != (row.name, model)
        self._shown = (row.name, model)
        self._line.show(lambda: describe(row, model, stats), at_once=first)

    def close(self) -> None:
        """Leave nothing behind."""
        self._line.close()


def make_progress(*, quiet: bool, color: str) -> Progress:
    """The progress that fits stderr."""
    return Progress(make_line(quiet=quiet, color=color))
