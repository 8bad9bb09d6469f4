"""A stored run as data: what stands in its folder, and its line in a listing."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pyharness.errors import UsageError, quote

ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{4,}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", re.ASCII)


class Meta(msgspec.Struct, frozen=True):
    """The key `run` of `run.json`. Times are seconds since 1970; `name` is that of --save."""

    id: str
    command_line: list[str]
    started: float
    finished: float
    exit_code: int
    interrupted: bool = False
    name: str | None = None


class RunInfo(msgspec.Struct, frozen=True):
    """A line of `vmemstress runs`: what was run, and what came out in a few words."""

    id: str
    started: float
    finished: float
    verb: str
    what: str
    verdict: str
    validity: str
    exit_code: int
    interrupted: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run, read back. `data` is the verb's JSON object without the key `run`.

    `meta` is None for a JSON file that was not written by the store; `path` is the
    run's folder or that file.
    """

    data: dict[str, Any]
    meta: Meta | None
    path: Path

    @property
    def verb(self) -> str:
        """`hunt`, `verify` or `bench`."""
        return str(self.data.get("command", ""))

    @property
    def label(self) -> str:
        """How to name the run to a reader: its ID and @name, or the file."""
        if self.meta is None:
            return str(self.path)
        return f"{self.meta.id} (@{self.meta.name})" if self.meta.name else self.meta.id


def when(seconds: float) -> str:
    """A moment in the local time of the reader, to the second."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "?"


def check_name(name: str) -> str:
    """`name` again when it may follow --save and `@`; else UsageError."""
    if not _NAME.fullmatch(name) or name == "last":
        raise UsageError(
            f"--save: {quote(name)} is no name for a run; letters, digits, and . _ + - "
            "after the first, at most 64, and not last"
        )
    return name
