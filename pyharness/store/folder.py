"""The folder of one run: written whole or not at all, and read back with care.

A run is written to a folder of another name, synced, and renamed. A process that is
killed leaves either a complete run or a folder that begins with a dot; those are swept
by whoever finds the lock free, which a writer holds (shared) while it writes: the
kernel lets go of a dead writer's lock, in whatever container it lived.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pyharness.errors import HarnessError
from pyharness.store.runs import ID, Meta, StoredRun

_PATIENCE = 5.0
_MAX_JSON = 1 << 30
_UNFINISHED = ".new-"
_DELETED = ".old-"


class Damaged(HarnessError):
    """A folder or file that holds no readable run; the message says which and why."""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextlib.contextmanager
def locked(root: Path, kind: int) -> Iterator[bool]:
    """Hold the store's lock, LOCK_SH for writers or LOCK_EX for the sweeper.

    A writer waits at most five seconds and goes on without: only a sweeper that was
    stopped in its tracks keeps the lock so long. False when it was not had.
    """
    handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        until = time.monotonic() + (_PATIENCE if kind == fcntl.LOCK_SH else 0)
        while True:
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(0.01)
            else:
                yield True
                return
    finally:
        os.close(handle)


def write_run(root: Path, meta: Meta, files: Mapping[str, bytes]) -> Path | None:
    """Put a run's files below `root`/runs; None when that ID is taken. OSError when it fails."""
    runs = root / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    with locked(root, fcntl.LOCK_SH):
        folder = runs / f"{_UNFINISHED}{meta.id}-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            folder.mkdir()
            for name, data in files.items():
                _write(folder / name, data)
            _sync(folder)
            try:
                folder.rename(runs / meta.id)
            except FileExistsError:
                return None
            except OSError as error:
                if (runs / meta.id).exists():
                    return None
                raise error from None
            _sync(runs)
            return runs / meta.id
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_run(root: Path, run_id: str) -> None:
    """Take a run away: out of sight at once, then its files. OSError when it cannot be.

    One that is gone already, by another hand since it was listed, is no error.
    """
    runs = root / "runs"
    gone = runs / f"{_DELETED}{run_id}-{os.urandom(4).hex()}"
    try:
        (runs / run_id).rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what dead writers left, unless a writer is at work; never an error."""
    try:
        left = [
            entry
            for entry in os.scandir(root / "runs")
            if entry.name.startswith((_UNFINISHED, _DELETED))
        ]
        if not left:
            return
        with locked(root, fcntl.LOCK_EX) as alone:
            for entry in left if alone else ():
                shutil.rmtree(entry.path, ignore_errors=True)
    except OSError:
        pass


def run_ids(root: Path) -> set[str]:
    """The IDs of the runs that are there; empty for a store that is not there yet."""
    try:
        return {e.name for e in os.scandir(root / "runs") if ID.fullmatch(e.name)}
    except FileNotFoundError:
        return set()


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_JSON + 1)
        if len(raw) > _MAX_JSON:
            raise Damaged(f"{path}: more than 1 GiB")
        data = msgspec.json.decode(raw)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Damaged(f"{path}: {reason}") from None
    except RecursionError:
        raise Damaged(f"{path}: nested too deeply") from None
    if not isinstance(data, dict):
        raise Damaged(f"{path}: no JSON object")
    return data


def read_file(path: Path) -> StoredRun:
    """The run in a JSON file, a `run.json` or what --json printed; Damaged when it is none."""
    data = _read(path)
    meta = None
    if "run" in data:
        try:
            meta = msgspec.convert(data.pop("run"), Meta)
        except msgspec.ValidationError as error:
            raise Damaged(f"{path}: run: {error}") from None
    if not isinstance(data.get("command"), str) or not isinstance(data.get("results"), list):
        raise Damaged(f"{path}: no result of this tool (no command and results)")
    if not all(isinstance(result, dict) for result in data["results"]):
        raise Damaged(f"{path}: results: expected objects")
    return StoredRun(data, meta, path)


def read_run(folder: Path) -> StoredRun:
    """The run in a folder of the store; Damaged when it is none."""
    found = read_file(folder / "run.json")
    if found.meta is None:
        raise Damaged(f"{folder / 'run.json'}: missing key run")
    return StoredRun(found.data, found.meta, folder)
