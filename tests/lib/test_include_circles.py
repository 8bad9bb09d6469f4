"""The check for circles of C files: it finds each kind, and csrc has none."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def check(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the check on a tree."""
    script = ROOT / ".ci" / "include_circles.py"
    return subprocess.run(
        [sys.executable, script, tree, *options], capture_output=True, text=True, check=False
    )


def grow(tree: Path, files: dict[str, list[str]]) -> Path:
    """Files with these includes, each as it stands behind the word."""
    for name, includes in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"#include {one}\n" for one in includes))
    return tree


CIRCLES = {
    "two headers": {"a.h": ['"b.h"'], "b.h": ['"a.h"']},
    "by way of a source": {"a.h": ['"b.h"'], "a.c": ['"a.h"'], "b.h": [], "b.c": ['"a.h"']},
    "across rooms": {"x/a.h": ['"y/b.h"'], "y/b.h": ['"y/c.h"'], "y/c.h": ['"x/a.h"']},
    "beside it": {"x/a.h": ['"b.h"'], "x/b.h": ['"a.h"']},
    "in angle brackets": {"a.h": ["<b.h>"], "b.h": ["<a.h>"]},
    "by the include path": {"kapi/a.h": ['"m.h"'], "native/m.h": ['"kapi/a.h"'], "model/m.h": []},
}


@pytest.mark.parametrize("files", CIRCLES.values(), ids=CIRCLES)
def test_a_circle_is_named(tmp_path: Path, files: dict[str, list[str]]) -> None:
    """It fails, and says which files and by which includes."""
    done = check(grow(tmp_path, files))
    assert done.returncode == 1
    assert "circle of files: " in done.stderr
    assert " includes " in done.stderr


def test_what_is_no_circle_passes(tmp_path: Path) -> None:
    """A header under its own source, a diamond, and the system's headers."""
    tree = grow(tmp_path, {
        "top.c": ['"a.h"', '"b.h"', "<stdio.h>"], "a.h": ['"c.h"'], "a.c": ['"a.h"', '"b.h"'],
        "b.h": ['"c.h"'], "c.h": [],
    })
    done = check(tree)
    assert done.returncode == 0, done.stderr
    assert "0 circles" in done.stdout


def test_a_room_can_be_left_but_not_a_circle_that_leaves_it(tmp_path: Path) -> None:
    """The circle inside is told and passes; with one across, the check fails."""
    inside = {"x/a.h": ['"x/b.h"'], "x/b.h": ['"x/a.h"']}
    done = check(grow(tmp_path / "in", inside), "--leave", "x")
    assert done.returncode == 0
    assert "left: circle" in done.stderr
    across = {**inside, "x/b.h": ['"x/a.h"', '"y/c.h"'], "y/c.h": ['"x/a.h"']}
    assert check(grow(tmp_path / "across", across), "--leave", "x").returncode == 1


def test_an_empty_tree_is_bad_input(tmp_path: Path) -> None:
    """A path that is mistyped must not pass for a tree without circles."""
    assert check(tmp_path).returncode == 2
    assert check(tmp_path / "nowhere").returncode == 2


def test_no_circle_stands_outside_the_model() -> None:
    """The repository's own tree, as `make lint` looks at it."""
    done = check(ROOT / "csrc", "--leave", "model")
    assert done.returncode == 0, done.stderr
