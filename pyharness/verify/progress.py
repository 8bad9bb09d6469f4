"""Progress of a search on stderr: one line redrawn on a terminal, a line each 15 s elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from pyharness.output.console import is_terminal, note, use_color
from pyharness.output.units import si

if TYPE_CHECKING:
    from rich.live import Live

    from pyharness._lib.model_types import SearchStats
    from pyharness.catalogue.plan import Row

PLAIN_EVERY_S = 15.0
_LIVE_PER_S = 4
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
    """Called with each tick of a search; silent when quiet."""

    def __init__(self, *, quiet: bool, color: str) -> None:
        self._quiet = quiet
        self._color = color
        self._terminal = is_terminal(sys.stderr)
        self._live: Live | None = None
        self._last = time.monotonic()
        self._shown: tuple[str, str] | None = None

    def __call__(self, row: Row, model: str, stats: SearchStats) -> None:
        now = time.monotonic()
        first = self._shown != (row.name, model)
        every = 1 / _LIVE_PER_S if self._terminal else PLAIN_EVERY_S
        if self._quiet or stats.elapsed_ns < _SHORT_S * 1e9:
            return
        if now - self._last < every and not first:
            return
        self._last, self._shown = now, (row.name, model)
        text = describe(row, model, stats)
        if self._terminal:
            self._draw(text)
        else:
            note(text)

    def _draw(self, line: str) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            console = Console(
                stderr=True, highlight=False, no_color=not use_color(self._color, sys.stderr)
            )
            # No refresh thread: it would take a CPU from the search.
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def make_progress(*, quiet: bool, color: str) -> Progress:
    """The progress that fits stderr."""
    return Progress(quiet=quiet, color=color)
