"""Writing to the two streams: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from pyharness.errors import OutputError, PipeClosed

if TYPE_CHECKING:
    from rich.console import Console

    from pyharness.output.tables import Table


def use_color(wanted: str, stream: TextIO | None) -> bool:
    """Whether to colour: `always`, `never`, or `auto`: a terminal without NO_COLOR."""
    if wanted != "auto":
        return wanted == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is an open terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def write(data: bytes | str) -> None:
    """All of `data` to stdout, flushed; PipeClosed or, on a full disk for one, OutputError."""
    raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
    stream = sys.stdout
    if stream is None:
        raise OutputError("cannot write the result: stdout is closed")
    try:
        stream.flush()
        stream.buffer.write(raw)
        stream.flush()
    except BrokenPipeError:
        raise PipeClosed("the reader of stdout went away") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise OutputError(f"cannot write the result to stdout: {reason}") from None


def note(text: str) -> None:
    """A line on stderr; nothing happens when nobody can read it."""
    try:
        if sys.stderr is not None:
            print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass


class Printer:
    """Lines and tables to stdout, in colour through rich or plain."""

    def __init__(self, color: str = "auto") -> None:
        self._console: Console | None = None
        if use_color(color, sys.stdout):
            from rich.console import Console

            from pyharness.output.tables import width

            self._console = Console(
                force_terminal=True, width=width(), highlight=False, soft_wrap=True
            )

    def line(self, text: str = "", style: str = "") -> None:
        """One line (or filled paragraph) with a style name of tables or a rich style."""
        if self._console is None:
            write(text + "\n")
            return
        from rich.text import Text

        from pyharness.output.tables import style_of

        with self._console.capture() as captured:
            self._console.print(Text(text, style=style_of(style) or style))
        write(captured.get())

    def table(self, table: Table) -> None:
        """A table within the width of the terminal."""
        from pyharness.output.tables import plain_lines, width

        for text, style in plain_lines(table, width()):
            self.line(text, style)


def swallow_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    except OSError:
        pass
