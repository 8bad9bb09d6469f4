"""Each example has the verdict that its table says, model by model, right and broken."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
MODELS = ("sc", "tso", "arm64")


def table() -> dict[tuple[str, int], tuple[str, ...]]:
    """(file, bug) -> the verdicts under sc, tso and arm64, from examples/README.md."""
    rows: dict[tuple[str, int], tuple[str, ...]] = {}
    file = ""
    for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 6 or not cells[1].isdigit():
            continue
        if cells[0]:
            file = re.findall(r"\((\w+\.c)\)", cells[0])[0]
        rows[file, int(cells[1])] = tuple(cells[3:])
    return rows


def test_the_table_and_the_folder_name_the_same_files() -> None:
    """Ten of them, each right (bug 0) and broken."""
    files = {file for file, _ in table()}
    assert files == {path.name for path in EXAMPLES.glob("*.c")}
    assert len(files) == 10
    assert all((file, 0) in table() and (file, 1) in table() for file in files)


@pytest.mark.parametrize("file", sorted({file for file, _ in table()}))
def test_the_table_has_every_value_of_bug(file: str, vms: Callable[..., Any]) -> None:
    """One more is refused with the range, so that none is left untried."""
    last = max(bug for name, bug in table() if name == file)
    done = vms("verify", EXAMPLES / file, "-P", f"bug={last + 1}")
    assert done.code == 2
    assert f"takes 0 to {last}" in done.err


@pytest.mark.parametrize(("file", "bug"), sorted(table()))
def test_the_verdicts_are_those_of_the_table(file: str, bug: int, vms: Callable[..., Any]) -> None:
    """By a complete search: nothing is left to a bound or to chance."""
    done = vms("verify", EXAMPLES / file, "-P", f"bug={bug}", "--json")
    results = {r["model"]: r for r in json.loads(done.out)["results"]}
    assert tuple(results[m]["verdict"] for m in MODELS) == table()[file, bug]
    assert all(r["complete"] for r in results.values())
    assert done.code == int("violated" in table()[file, bug])
    for result in results.values():
        forbidden = [o for o in result["outcomes"] if o["grade"] == "forbidden"]
        assert bool(result["witness"]) == (result["verdict"] == "violated"), forbidden
