"""The JSON of every verb: one object on stdout (DESIGN: verdicts at the border)."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

TOOL = "vmemstress"


@functools.cache
def version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(TOOL)
    except PackageNotFoundError:
        return "0+unknown"


def encode(value: object) -> bytes:
    """`value` as indented JSON text with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def header(command: str) -> dict[str, Any]:
    """The keys that every verb's object begins with."""
    return {"tool": TOOL, "version": version(), "command": command}
