"""The picture of the README: drawn from a real run, and of the scenario beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "witness.svg"


def texts(svg: str) -> list[str]:
    """What is written in a picture, in order."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_picture_is_what_the_program_draws_today(tmp_path: Path) -> None:
    """`make picture` makes it again."""
    drawn = tmp_path / "again.svg"
    script = ROOT / "docs" / "make_picture.py"
    subprocess.run([sys.executable, str(script), str(drawn)], cwd=tmp_path, check=True)
    kept = texts(PICTURE.read_text(encoding="utf-8"))
    assert kept == texts(drawn.read_text(encoding="utf-8"))
    assert any(text.startswith("atomic_inc(") for text in kept)


def test_the_picture_loads_nothing() -> None:
    """No font and no image from elsewhere; the one address is the name of the format."""
    svg = PICTURE.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"']*", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@font-face|<image|<script|url\((?!#)", svg)
