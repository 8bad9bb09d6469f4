"""Keeping the run of a verb: what cannot be stored costs one line, never the result."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyharness.output.console import note
from pyharness.store.runs import Meta, StoredRun
from pyharness.store.store import Store


def _new_id(started: float) -> str:
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(started))}-{os.urandom(2).hex()}"


def command_line() -> list[str]:
    """This process's arguments, as a user would type them."""
    return ["vmemstress", *sys.argv[1:]]


@dataclass(slots=True)
class Recorder:
    """Made when a run begins, so that it knows the start; `keep()` at its end.

    `root` None is the default store; `wanted` False (--no-store) keeps nothing.
    """

    root: str | Path | None = None
    wanted: bool = True
    name: str | None = None
    arguments: Sequence[str] = field(default_factory=command_line)
    started: float = field(default_factory=time.time)

    def keep(self, data: Mapping[str, Any], exit_code: int) -> StoredRun | None:
        """Store the verb's JSON object; None and one line on stderr when that cannot be."""
        if not self.wanted:
            return None
        meta = Meta(
            id=_new_id(self.started),
            command_line=list(self.arguments),
            started=self.started,
            finished=time.time(),
            exit_code=int(exit_code),
            interrupted=bool(data.get("interrupted", False)),
            name=self.name,
        )
        where: object = self.root
        try:
            store = Store(self.root)
            where = store.root
            return store.add(dict(data), meta)
        except (OSError, RuntimeError, MemoryError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "out of memory"
            note(
                f"vmemstress: this run is not stored in {where}: {' '.join(reason.split())}; "
                "--store DIR puts it elsewhere, --no-store nowhere"
            )
            return None
