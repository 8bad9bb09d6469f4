"""Live progress on stderr: four times a second on a terminal, a line each 15 s elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Protocol

from pyharness.console import is_terminal, note, use_color
from pyharness.runner import Tick
from pyharness.units import si

_PLAIN_EVERY_S = 15.0
_LIVE_PER_S = 4


def describe(tick: Tick) -> str:
    """One line: place in the plan, time left, runs, rate, outcomes, forbidden, CPUs."""
    s = tick.snapshot
    rate = s.samples / (s.elapsed_ns / 1e9) if s.elapsed_ns else 0.0
    return (
        f"{tick.index + 1}/{tick.rows} {tick.row.name}: {tick.seconds_left:.0f} s left, "
        f"{si(s.samples)}runs, {si(rate)}runs/s, {s.distinct} outcomes, "
        f"forbidden {tick.found:,}, {tick.threads} threads"
    )


class Progress(Protocol):
    """What the runner's ticks are shown by."""

    def __call__(self, tick: Tick) -> None: ...

    def pause(self) -> None:
        """Get out of the way of a result that is about to be printed."""

    def close(self) -> None:
        """Leave nothing behind."""


class Silent:
    """Shows nothing."""

    def __call__(self, tick: Tick) -> None:
        pass

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class Plain:
    """A line each 15 s, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, tick: Tick) -> None:
        now = time.monotonic()
        if now - self._last >= _PLAIN_EVERY_S:
            self._last = now
            note(describe(tick))

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class Terminal:
    """One line that is redrawn in place, the forbidden count in red."""

    def __init__(self, color: str) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(
            stderr=True, highlight=False, no_color=not use_color(color, sys.stderr)
        )
        self._kind = Live
        self._live: Live | None = None
        self._last = 0.0

    def __call__(self, tick: Tick) -> None:
        from rich.text import Text

        now = time.monotonic()
        if now - self._last < 1 / _LIVE_PER_S:
            return
        self._last = now
        text = Text(describe(tick), no_wrap=True, overflow="ellipsis")
        if tick.found:
            text.highlight_words([f"forbidden {tick.found:,}"], "bold red")
        if self._live is None:
            # No refresh thread: it would take a CPU from the hunt at odd times.
            self._live = self._kind(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(text, refresh=True)

    def pause(self) -> None:
        self.close()

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def make_progress(*, quiet: bool, color: str) -> Progress:
    """The progress that fits stderr."""
    if quiet:
        return Silent()
    return Terminal(color) if is_terminal(sys.stderr) else Plain()
