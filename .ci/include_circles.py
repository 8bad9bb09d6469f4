"""Circles of files in a tree of C: foo.c and foo.h are one file here, `#include` an arrow.

    python .ci/include_circles.py csrc [--leave ROOM]...

Exits 1 when there is a circle, after naming each with the includes that close it, and
2 when the tree is not one. A circle that lies wholly in a room to leave is told, and
counts for nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r"^\s*#\s*include\s+[<\"]([^>\"]+)[>\"]", re.MULTILINE)

# For one unit (a path without its suffix): what it includes, and in which file.
Arrows = dict[str, dict[str, str]]


def targets(root: Path, file: Path, name: str, rooms: list[Path]) -> list[Path]:
    """The files that an include may mean: beside it, from the root, else in any room.

    A build's include path chooses among the rooms (machine.h is native's or model's), so
    all of them count.
    """
    for base in (file.parent, root):
        if (base / name).is_file():
            return [base / name]
    return [room / name for room in rooms if (room / name).is_file()]


def arrows(root: Path) -> Arrows:
    """Every unit of the tree with the units that it includes."""
    files = sorted(p for p in root.rglob("*") if p.suffix in {".c", ".h"})
    rooms = sorted(p for p in root.rglob("*") if p.is_dir())
    found: Arrows = {}
    for file in files:
        unit = found.setdefault(str(file.relative_to(root).with_suffix("")), {})
        for name in INCLUDE.findall(file.read_text()):
            for target in targets(root, file, name, rooms):
                other = str(target.resolve().relative_to(root.resolve()).with_suffix(""))
                if other != str(file.relative_to(root).with_suffix("")):
                    unit.setdefault(other, str(file.relative_to(root)))
    return found


def reachable(graph: Arrows, start: str) -> set[str]:
    """What can be come to from a unit by one arrow or more."""
    seen: set[str] = set()
    todo = list(graph.get(start, {}))
    while todo:
        unit = todo.pop()
        if unit not in seen:
            seen.add(unit)
            todo += graph.get(unit, {})
    return seen


def circles(graph: Arrows) -> list[list[str]]:
    """Sets of units each of which reaches every other, sorted."""
    reach = {unit: reachable(graph, unit) for unit in graph}
    found = {
        tuple(sorted(v for v in reach[unit] if unit in reach.get(v, set())))
        for unit in graph
        if unit in reach[unit]
    }
    return [list(circle) for circle in sorted(found)]


def describe(graph: Arrows, circle: list[str]) -> str:
    """The circle's units, and each include inside it."""
    lines = [f"circle of files: {', '.join(circle)}"]
    lines += [
        f"  {graph[unit][other]} includes {other}.h"
        for unit in circle
        for other in sorted(graph[unit])
        if other in circle
    ]
    return "\n".join(lines)


def main() -> int:
    """Check the tree that the command line names."""
    parser = argparse.ArgumentParser(description="circles of files in a tree of C")
    parser.add_argument("root", type=Path)
    parser.add_argument("--leave", action="append", default=[], metavar="ROOM")
    options = parser.parse_args()
    graph = arrows(options.root) if options.root.is_dir() else {}
    if not graph:
        print(f"{options.root}: no C files there", file=sys.stderr)
        return 2
    bad = 0
    for circle in circles(graph):
        left = any(all(u.startswith(f"{room}/") for u in circle) for room in options.leave)
        print("left: " if left else "", describe(graph, circle), sep="", file=sys.stderr)
        bad += not left
    print(f"{options.root}: {len(graph)} files, {bad} circles")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
