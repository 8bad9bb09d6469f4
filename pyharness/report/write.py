"""Putting a report on disk: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from pyharness.errors import OutputError, UsageError, quote


def write_whole(path: Path, data: bytes) -> None:
    """`data` into the file, which until the end is what it was before; OutputError else."""
    try:
        _replace(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {quote(path)}: {reason}") from None


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # as if it had been opened for writing
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def check_target(path: Path, option: str) -> Path:
    """`path` again when a file can be put there; UsageError before any work is done."""
    if path.is_dir():
        raise UsageError(f"{option}: {quote(path)} is a folder; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {quote(path.parent)}")
    return path


def make_folder(path: Path, option: str) -> Path:
    """The folder, made if need be; UsageError when something else is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{option}: cannot make the folder {quote(path)}: {error.strerror or error}"
        ) from None
    return path
