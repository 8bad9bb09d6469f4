"""Output files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from pyharness.errors import OutputError, UsageError, quote


def check_output(path: Path, option: str) -> Path:
    """`path` again when a file may be put there; UsageError before the work is done if not."""
    if path.is_dir():
        raise UsageError(f"{option}: {quote(path)} is a folder; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {quote(path.parent)}")
    return path


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path` by way of a file beside it; OutputError when that fails.

    What is no ordinary file (a pipe, /dev/stdout) is written as it is.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(name, 0o666 & ~mask)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"cannot write {quote(path)}: {reason}") from None
