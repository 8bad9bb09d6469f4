"""From what the user named to the documents of a report; every error says file and path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pyharness.catalogue.toml_files import misfit
from pyharness.errors import UsageError, quote
from pyharness.report.documents import KINDS, Run

MAX_BYTES = 256 << 20


class _Command(msgspec.Struct, frozen=True):
    command_line: list[str]
    started: float


class _Head(msgspec.Struct, frozen=True):
    tool: str
    command: str
    version: str = ""
    run: _Command | None = None  # where the run store wrote it


def load(texts: Sequence[str], root: str | Path | None = None) -> list[Run]:
    """The runs that `texts` name: JSON files, or runs of the store at `root`.

    UsageError for the first that is not there or cannot be shown.
    """
    return [_load(text, root) for text in dict.fromkeys(texts)]


def _load(text: str, root: str | Path | None) -> Run:
    from pyharness.store import resolve
    from pyharness.store.resolve import is_path

    if is_path(text) and not Path(text).is_dir():
        return read(Path(text))
    stored = resolve(text, root=root, verbs=tuple(KINDS))
    meta = stored.meta
    data = dict(stored.data)
    if meta is not None:
        data["run"] = {"command_line": meta.command_line, "started": meta.started}
    return _run(lambda kind: msgspec.convert(data, kind), quote(stored.label)[1:-1])


def read(path: Path) -> Run:
    """The document in a file; UsageError when there is none that a report can show."""
    shown = quote(path)[1:-1]
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise UsageError(f"cannot read {quote(shown)}: {reason}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{shown}: more than 256 MiB; that is no result of this tool")
    return parse(data, shown)


def parse(data: bytes, name: str) -> Run:
    """The document in `data`; UsageError with `name` and the path of the value otherwise."""
    return _run(lambda kind: msgspec.json.decode(data, type=kind), name)


def _run(decode: Any, name: str) -> Run:
    head = _decoded(decode, _Head, name)
    if head.tool != "vmemstress":
        raise UsageError(f"{name}: tool: {quote(head.tool)} is not vmemstress")
    if head.command not in KINDS:
        raise UsageError(
            f"{name}: command: a report cannot show {quote(head.command)}; "
            f"it shows {', '.join(KINDS)}"
        )
    document = _decoded(decode, KINDS[head.command], name)
    command, started = getattr(document, "arguments", None), getattr(document, "started", None)
    if head.run is not None:
        command, started = head.run.command_line, head.run.started
    return Run(
        name=name,
        kind=head.command,
        version=head.version,
        document=document,
        command=tuple(command) if command else None,
        started=started,
    )


def _decoded(decode: Any, kind: type[Any], name: str) -> Any:
    try:
        return decode(kind)
    except msgspec.ValidationError as exc:
        raise UsageError(misfit(exc, name)) from None
    except msgspec.DecodeError as exc:
        raise UsageError(f"{name}: {exc}") from None
    except RecursionError:
        raise UsageError(f"{name}: nested too deeply") from None
    except UnicodeDecodeError as exc:
        raise UsageError(f"{name}: not UTF-8 text at byte {exc.start}") from None
