"""The index: one row a run, in SQLite, so that a listing reads no run's JSON.

It holds nothing that the folders do not hold. Whatever goes wrong with it (damage, a
full disk, a store on a read-only disk) is answered by another one, in memory at worst.
A rollback journal rather than WAL: it needs no shared memory, so it works on a network
home, and two writers wait for one another for at most ten seconds.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pyharness.store.runs import RunInfo

_COLUMNS = tuple(field.name for field in msgspec.structs.fields(RunInfo))
_VERSION = 1
_WAIT = 10.0


class Index:
    """Rows of RunInfo by ID. Opening never fails: in memory when it cannot be on disk."""

    def __init__(self, path: Path, *, rebuild: bool = False) -> None:
        if rebuild:
            _forget(path)
        try:
            self._db = _open(path)
        except sqlite3.OperationalError:  # read-only, full, locked for long
            self._db = _open(None)
        except sqlite3.DatabaseError:  # damaged
            _forget(path)
            try:
                self._db = _open(path)
            except sqlite3.Error:
                self._db = _open(None)

    def ids(self) -> set[str]:
        """The IDs that have a row."""
        return {row[0] for row in self._db.execute("SELECT id FROM runs")}

    def rows(self, verbs: Iterable[str] = (), limit: int | None = None) -> list[RunInfo]:
        """The newest first, those of `verbs` alone if any are given."""
        wanted = tuple(verbs)
        where = f" WHERE verb IN ({', '.join('?' * len(wanted))})" if wanted else ""
        found = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM runs{where} ORDER BY started DESC, id DESC LIMIT ?",
            (*wanted, -1 if limit is None else limit),
        )
        return [
            msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), RunInfo, strict=False)
            for row in found
        ]

    def change(self, add: Iterable[RunInfo] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove rows in one transaction; sqlite3.Error when that fails."""
        marks = ", ".join("?" * len(_COLUMNS))
        with self._db:
            self._db.executemany(
                f"INSERT OR REPLACE INTO runs VALUES ({marks})",
                [tuple(getattr(info, column) for column in _COLUMNS) for info in add],
            )
            self._db.executemany("DELETE FROM runs WHERE id = ?", [(each,) for each in remove])

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _open(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:" if path is None else path, timeout=_WAIT)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("an index of another version")
        with db:
            db.execute(f"CREATE TABLE IF NOT EXISTS runs ({', '.join(_COLUMNS)}, PRIMARY KEY (id))")
            if version != _VERSION:
                db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs LIMIT 1").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _forget(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-journal")):
        with contextlib.suppress(OSError):
            name.unlink()
