"""Everything that can go wrong, each with the exit code that it ends in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers its caller (documented in the README)."""

    OK = 0
    FORBIDDEN = 1
    USAGE = 2
    UNSUPPORTED = 3
    REGRESSION = 4
    CRASHED = 5
    UNTRUSTED = 6
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class HarnessError(Exception):
    """Root of all errors; `str()` is one line, `detail` may hold more (compiler output)."""

    exit_code: ExitCode = ExitCode.CRASHED

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class UsageError(HarnessError):
    """A bad argument: an unknown name, a value out of range, options that clash."""

    exit_code = ExitCode.USAGE


class RegimeError(UsageError):
    """A regime file that cannot be used; the message holds the path of the value."""


class SuiteError(UsageError):
    """A suite file that cannot be used; the message holds the path of the value."""


class ScenarioError(UsageError):
    """A scenario file of the user's that cannot be used."""


class BuildError(ScenarioError):
    """A scenario file that does not compile; `detail` is the compiler's whole output."""


class UnsupportedHere(HarnessError):
    """Something that the request needs is missing on this host."""

    exit_code = ExitCode.UNSUPPORTED


class OutputError(HarnessError):
    """The result could not be written, a full disk for one."""

    exit_code = ExitCode.UNSUPPORTED


class PipeClosed(HarnessError):
    """Whoever read stdout went away; nobody is left to tell."""

    exit_code = ExitCode.BROKEN_PIPE


class Regression(HarnessError):
    """A figure fell behind its baseline by more than the threshold."""

    exit_code = ExitCode.REGRESSION


class WorkerCrashed(HarnessError):
    """A worker thread ended for a reason of its own."""

    exit_code = ExitCode.CRASHED


class Untrustworthy(HarnessError):
    """The result cannot be believed."""

    exit_code = ExitCode.UNTRUSTED


def quote(text: object, limit: int = 80) -> str:
    """`text` in double quotes on one line, unprintable characters escaped, cut at `limit`."""
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text)
    )
    if len(shown) > limit:
        shown = shown[: limit - 3] + "..."
    return f'"{shown}"'


def nearest(name: str, valid: Iterable[str], limit: int = 12) -> str:
    """The valid names closest to `name`, or all when few, as the tail of a message."""
    names = sorted(set(valid))
    if not names:
        return "there are none"
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"nearest: {', '.join(close)}"
    shown = ", ".join(names[:limit])
    more = "" if len(names) <= limit else f", ... ({len(names)} in all)"
    return f"valid: {shown}{more}"


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """`unknown KIND "NAME"; nearest: ...` for a message."""
    return f"unknown {kind} {quote(name)}; {nearest(name, valid)}"
