"""Ctrl-C and SIGTERM as a request: a hunt ends early and keeps what it gathered."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

_PATIENCE = 3  # this many requests end the process at once


class Interrupt:
    """Turns SIGINT and SIGTERM into `requested` while it is entered.

    Signals can only be taken in the main thread; elsewhere entering does
    nothing. The handlers that were there before are put back at the end.
    """

    def __init__(self) -> None:
        self.requested = False
        self._count = 0
        self._saved: list[tuple[int, object]] = []

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        self._count += 1
        if self._count >= _PATIENCE:
            os._exit(128 + number)

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._saved.append((number, signal.signal(number, self._handle)))
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._saved:
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._saved.clear()
