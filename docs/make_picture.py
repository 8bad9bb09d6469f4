"""Draw docs/witness.svg, the picture of the README, from a search of the README's own scenario.

python docs/make_picture.py [OUTPUT.svg]
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "witness.svg"
COMMAND = [sys.executable, "-P", "-m", "pyharness"]
NAME = "revive.c"


def scenario() -> str:
    """The eight lines of the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf'```c title="{NAME}"\n(.*?)```', readme, re.S)
    assert found, f"README.md has no {NAME}"
    return found[1]


def draw(output: Path) -> None:
    """Search, take the token of the witness, and have `replay` draw it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_text(scenario(), encoding="utf-8")
        search = subprocess.run(
            [*COMMAND, "verify", NAME, "--model", "sc", "--json", "--no-store"],
            cwd=folder,
            capture_output=True,
            check=False,  # it ends with 1: there is a witness
        )
        (result,) = json.loads(search.stdout)["results"]
        drawn = Path(folder) / "witness.svg"
        subprocess.run(
            [*COMMAND, "replay", result["witness"], NAME, "--svg", str(drawn)],
            cwd=folder,
            capture_output=True,
            check=True,
        )
        svg = drawn.read_text(encoding="utf-8")
    # A page may be dark, and the text is not.
    head, rest = svg.split("</defs>", 1)
    output.write_text(
        f'{head}</defs><rect width="100%" height="100%" rx="6" fill="#fff"/>{rest}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    draw(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PICTURE)
