"""The rooms of the package, by its imports: no circle, one border, and that knows no verb."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules(path):
    """The modules of the package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "pyharness":
            yield from (f"pyharness.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def arrows(root):
    """Room (or file at the top) to the rooms that it imports, each with the files that do so."""
    found = defaultdict(lambda: defaultdict(set))
    for path in sorted((root / "pyharness").rglob("*.py")):
        place = path.relative_to(root / "pyharness").with_suffix("").parts
        for name in modules(path):
            top, _, rest = name.partition(".")
            room = rest.split(".")[0]
            if top == "pyharness" and room != place[0]:
                found[place[0]][room].add(str(path.relative_to(root)))
    return found


def circle(found):
    """The rooms of some circle of arrows, in order; empty where there is none."""
    done = set()

    def walk(room, path):
        if room in path:
            return [*path[path.index(room) :], room]
        if room in done:
            return []
        for other in found.get(room, ()):
            if met := walk(other, [*path, room]):
                return met
        done.add(room)
        return []

    return next((met for room in list(found) if (met := walk(room, []))), [])


def test_no_circle_of_rooms():
    assert circle(arrows(ROOT)) == []


def test_only_the_border_meets_the_compiled_core():
    assert [room for room, others in arrows(ROOT).items() if "_core" in others] == ["_lib"]


def test_the_border_knows_no_verb():
    assert set(arrows(ROOT)["_lib"]) == {"_core", "errors"}


@pytest.mark.parametrize(
    ("files", "met"),
    [
        ({"a/x.py": "from pyharness.b import y", "b/y.py": ""}, []),
        (
            {"a/x.py": "from pyharness.b import y", "b/y.py": "import pyharness.a.x"},
            ["a", "b", "a"],
        ),
        (
            {"a/x.py": "def f():\n    from pyharness import b", "b/y.py": "import pyharness.a"},
            ["a", "b", "a"],
        ),
    ],
)
def test_a_circle_is_met_where_there_is_one(tmp_path, files, met):
    for name, text in files.items():
        path = tmp_path / "pyharness" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert circle(arrows(tmp_path)) == met
