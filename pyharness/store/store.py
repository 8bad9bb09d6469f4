"""The store: folders of runs with an index that is mended whenever it differs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pyharness.store.folder import Damaged, read_run, remove_run, run_ids, sweep, write_run
from pyharness.store.index import Index
from pyharness.store.runs import Meta, RunInfo, StoredRun
from pyharness.store.summary import summarise


def default_root() -> Path:
    """$XDG_STATE_HOME/vmemstress, or ~/.local/state/vmemstress."""
    base = os.environ.get("XDG_STATE_HOME") or ""
    # The XDG specification has a relative path ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    return root / "vmemstress"


class Store:
    """The runs below `root`. Reading creates nothing but the index, and never fails on it."""

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = default_root() if root is None else Path(root)

    @property
    def index_path(self) -> Path:
        """The index's file."""
        return self.root / "index.sqlite"

    def add(self, data: dict[str, Any], meta: Meta) -> StoredRun:
        """Keep a run; `meta.id` is replaced when it is taken. OSError when it cannot be kept."""
        from pyharness.store.arrays import arrays_of, pack_arrays

        arrays = pack_arrays(arrays_of(data))
        folder = None
        for _ in range(100):
            raw = msgspec.json.encode({**data, "run": meta})
            text = msgspec.json.format(raw, indent=1) + b"\n"
            folder = write_run(self.root, meta, {"run.json": text, "arrays.npz": arrays})
            if folder is not None:
                break
            time, _, _ = meta.id.partition("-")
            meta = msgspec.structs.replace(meta, id=f"{time}-{os.urandom(4).hex()}")
        if folder is None:
            raise OSError(f"no free ID in {self.root}")
        self._indexed(summarise(data, meta))
        sweep(self.root)
        return StoredRun(data, meta, folder)

    def runs(
        self, verbs: Iterable[str] = (), limit: int | None = None
    ) -> tuple[list[RunInfo], list[Damaged]]:
        """Lines of the runs, the newest first, and what is wrong with those that have none."""
        index, damaged = self._mended()
        try:
            return index.rows(verbs, limit), damaged
        finally:
            index.close()

    def read(self, run_id: str) -> StoredRun:
        """The run with exactly this ID; Damaged when it cannot be read."""
        return read_run(self.root / "runs" / run_id)

    def delete(self, run_ids: Iterable[str]) -> None:
        """Remove runs. OSError for the first that cannot be; the index follows by itself."""
        for each in run_ids:
            remove_run(self.root, each)
        self.runs(limit=0)

    def ids(self) -> set[str]:
        """The IDs of all runs, damaged ones included."""
        return run_ids(self.root)

    def rebuild(self) -> None:
        """Throw the index away; the next look at it makes another from the folders."""
        if self.root.is_dir():
            Index(self.index_path, rebuild=True).close()

    def _indexed(self, info: RunInfo) -> None:
        try:
            index = Index(self.index_path)
            try:
                index.change(add=[info])
            finally:
                index.close()
        except sqlite3.Error:
            pass  # the next listing finds the folder

    def _mended(self) -> tuple[Index, list[Damaged]]:
        """The index with a row for each readable run, on disk if that can be."""
        sweep(self.root)
        for attempt in range(2):
            index = Index(self.index_path, rebuild=attempt > 0)
            try:
                return index, self._mend(index)
            except sqlite3.OperationalError:  # full or read-only: nothing wrong with the rows
                index.close()
                break
            except (sqlite3.DatabaseError, msgspec.ValidationError):
                index.close()
        index = Index(Path(":memory:"))
        return index, self._mend(index)

    def _mend(self, index: Index) -> list[Damaged]:
        there, known = run_ids(self.root), index.ids()
        damaged, fresh = [], []
        for each in sorted(there - known):
            try:
                run = self.read(each)
                assert run.meta is not None
                fresh.append(summarise(run.data, msgspec.structs.replace(run.meta, id=each)))
            except Damaged as error:
                if (self.root / "runs" / each).exists():  # else deleted meanwhile
                    damaged.append(error)
        if fresh or known - there:
            index.change(fresh, known - there)
        index.rows(limit=1)
        return damaged
