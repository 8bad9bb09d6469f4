"""One line of progress on stderr: redrawn on a terminal, a line each 15 s elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pyharness.output.console import is_terminal, note, use_color

if TYPE_CHECKING:
    from rich.live import Live

_PLAIN_EVERY_S = 15.0
_LIVE_PER_S = 4


class Line(Protocol):
    """Where progress is shown; `alert` is a part of the text to be shown in red."""

    def show(
        self, describe: Callable[[], str], alert: str = "", *, at_once: bool = False
    ) -> None:
        """Show what `describe` answers, when it is time for that or `at_once`."""

    def pause(self) -> None:
        """Get out of the way of a result that is about to be printed."""

    def close(self) -> None:
        """Leave nothing behind."""


class Silent:
    """Shows nothing."""

    def show(
        self, describe: Callable[[], str], alert: str = "", *, at_once: bool = False
    ) -> None:
        pass

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class Plain:
    """A line each 15 s, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def show(
        self, describe: Callable[[], str], alert: str = "", *, at_once: bool = False
    ) -> None:
        now = time.monotonic()
        if at_once or now - self._last >= _PLAIN_EVERY_S:
            self._last = now
            note(describe())

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class Terminal:
    """One line that is redrawn in place, four times a second."""

    def __init__(self, color: str) -> None:
        from rich.console import Console

        self._console = Console(
            stderr=True, highlight=False, no_color=not use_color(color, sys.stderr)
        )
        self._live: Live | None = None
        self._last = 0.0

    def show(
        self, describe: Callable[[], str], alert: str = "", *, at_once: bool = False
    ) -> None:
        from rich.live import Live
        from rich.text import Text

        now = time.monotonic()
        if not at_once and now - self._last < 1 / _LIVE_PER_S:
            return
        self._last = now
        text = Text(describe(), no_wrap=True, overflow="ellipsis")
        if alert:
            text.highlight_words([alert], "bold red")
        if self._live is None:
            # No refresh thread: it would take a CPU from workers and searches.
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(text, refresh=True)

    def pause(self) -> None:
        self.close()

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def make_line(*, quiet: bool, color: str) -> Line:
    """The line that fits stderr."""
    if quiet:
        return Silent()
    return Terminal(color) if is_terminal(sys.stderr) else Plain()
