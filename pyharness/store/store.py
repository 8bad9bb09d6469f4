"""The store: a folder for each run, with the run and its line in a listing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pyharness.store.folder import Damaged, read_run, remove_run, run_ids, sweep, write_run
from pyharness.store.runs import Meta, RunInfo, StoredRun
from pyharness.store.summary import summarise

_SUMMARY = "summary.json"


def default_root() -> Path:
    """$XDG_STATE_HOME/vmemstress, or ~/.local/state/vmemstress."""
    base = os.environ.get("XDG_STATE_HOME") or ""
    # The XDG specification has a relative path ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    return root / "vmemstress"


class Store:
    """The runs below `root`. Reading creates nothing."""

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = default_root() if root is None else Path(root)

    def add(self, data: dict[str, Any], meta: Meta) -> StoredRun:
        """Keep a run; `meta.id` is replaced when it is taken. OSError when it cannot be kept."""
        folder = None
        for _ in range(100):
            raw = msgspec.json.encode({**data, "run": meta})
            files = {
                "run.json": msgspec.json.format(raw, indent=1) + b"\n",
                _SUMMARY: msgspec.json.encode(summarise(data, meta)) + b"\n",
            }
            folder = write_run(self.root, meta, files)
            if folder is not None:
                break
            time, _, _ = meta.id.partition("-")
            meta = msgspec.structs.replace(meta, id=f"{time}-{os.urandom(4).hex()}")
        if folder is None:
            raise OSError(f"no free ID in {self.root}")
        sweep(self.root)
        return StoredRun(data, meta, folder)

    def runs(
        self, verbs: Iterable[str] = (), limit: int | None = None, *, afresh: bool = False
    ) -> tuple[list[RunInfo], list[Damaged]]:
        """Lines of the runs, the newest first, and what is wrong with those that have none.

        `afresh`: from the runs themselves, whatever their summaries say.
        """
        sweep(self.root)
        wanted = tuple(verbs)
        found: list[RunInfo] = []
        damaged: list[Damaged] = []
        for each in sorted(self.ids()):
            try:
                info = self._line(each, afresh)
            except Damaged as error:
                if (self.root / "runs" / each).exists():  # else deleted meanwhile
                    damaged.append(error)
                continue
            if not wanted or info.verb in wanted:
                found.append(info)
        found.sort(key=lambda info: (info.started, info.id), reverse=True)
        return found[:limit], damaged

    def read(self, run_id: str) -> StoredRun:
        """The run with exactly this ID; Damaged when it cannot be read."""
        return read_run(self.root / "runs" / run_id)

    def delete(self, run_ids: Iterable[str]) -> None:
        """Remove runs. OSError for the first that cannot be."""
        for each in run_ids:
            remove_run(self.root, each)

    def ids(self) -> set[str]:
        """The IDs of all runs, damaged ones included."""
        return run_ids(self.root)

    def _line(self, run_id: str, afresh: bool) -> RunInfo:
        """The line of a run, from its summary where that can be read."""
        if not afresh:
            try:
                raw = (self.root / "runs" / run_id / _SUMMARY).read_bytes()
                info = msgspec.json.decode(raw, type=RunInfo)
                return msgspec.structs.replace(info, id=run_id)
            except (OSError, ValueError):
                pass
        run = self.read(run_id)
        assert run.meta is not None
        return summarise(run.data, msgspec.structs.replace(run.meta, id=run_id))
