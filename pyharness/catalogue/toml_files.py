"""Reading the TOML files of the border: every error says the file and the path of the value."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pyharness.errors import HarnessError, UsageError, nearest, quote

T = TypeVar("T", bound=msgspec.Struct)
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_MAX_BYTES = 1 << 20


def shipped(folder: str) -> dict[str, Path]:
    """Name to path of the TOML files that the package ships in `folder`."""
    # files() may be a virtual directory (editable install): only its entries are real paths.
    root = resources.files("pyharness") / "catalogue" / folder
    found = {e.name[:-5]: Path(str(e)) for e in root.iterdir() if e.name.endswith(".toml")}
    return dict(sorted(found.items()))


def read_table(path: Path, shown: str, error: type[UsageError]) -> dict[str, Any]:
    """The TOML table in `path`; `error` with file and line when it is not readable or no TOML."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise error(f"cannot read {quote(shown)}: {reason}") from None
    if len(data) > _MAX_BYTES:
        raise error(f"{shown}: more than 1 MiB; that is no TOML file of this tool")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise error(f"{shown}:{line}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as exc:
        raise error(_syntax(shown, str(exc), data)) from None
    except RecursionError:
        raise error(f"{shown}: nested too deeply") from None


def _syntax(shown: str, text: str, data: bytes) -> str:
    """`file:line: reason` from what tomllib says."""
    match = re.search(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", text, re.S)
    if not match:
        return f"{shown}: {' '.join(text.split())}"
    line = match[2] or str(data.count(b"\n") + 1)
    reason = "".join(c if c.isprintable() else " " for c in match[1])
    return f"{shown}:{line}: {reason}"


def to_struct(
    table: Any, kind: type[T], where: str, error: type[HarnessError], path: str = ""
) -> T:
    """`table` as a `kind`; `error` with `where: path.of.value` for what does not fit."""
    at = f"{where}: {path}" if path else where
    if not isinstance(table, dict):
        raise error(f"{at}: expected a table, got {quote(table)}")
    fields = {f.encode_name for f in msgspec.structs.fields(kind)}
    for key in table:
        if key not in fields:
            dotted = f"{path}.{key}" if path else key
            raise error(f"{where}: {quote(dotted)} is no known key; {nearest(key, fields)}")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as exc:
        raise error(misfit(exc, where, path)) from None


def misfit(exc: msgspec.ValidationError, where: str, path: str = "") -> str:
    """`where: path.of.value: reason` from what msgspec says; `path` is what leads there."""
    match = _AT.search(str(exc))
    inner = (match["path"] if match else "").lstrip(".")
    text = _soft(_AT.sub("", str(exc)).replace("`", ""))
    full = ".".join(p for p in (path, inner) if p)
    return f"{where}: {full}: {text}" if full else f"{where}: {text}"


def _soft(text: str) -> str:
    text = text.replace("Object missing required field", "missing key")
    return text[:1].lower() + text[1:]
