"""Reading what the kernel shows in /proc and /sys."""

from __future__ import annotations

from pathlib import Path


def read_text(path: str | Path) -> str | None:
    """The stripped text of a /proc or /sys entry; None when it is absent or unreadable."""
    try:
        return Path(path).read_text(errors="replace").strip()
    except (OSError, ValueError):
        return None
