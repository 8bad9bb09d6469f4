"""What the README promises beside its commands, which tests/docs/test_pages.py runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_SCENARIO = re.search(r'```c title="revive.c"\n(.*?)```', README, re.S)
assert _SCENARIO
SCENARIO = _SCENARIO[1]


def test_it_has_at_most_150_lines() -> None:
    """A front page, no manual."""
    assert len(README.splitlines()) <= 150


def test_the_scenario_has_eight_lines() -> None:
    """The README promises eight."""
    assert len(SCENARIO.strip().splitlines()) == 8


def test_the_eight_lines_are_searched(tmp_path: Path, vms: Callable[..., Any]) -> None:
    """The witness is the one that is shown, line by line."""
    (tmp_path / "revive.c").write_text(SCENARIO, encoding="utf-8")
    done = vms("verify", "revive.c", "--model", "sc")
    assert done.code == 1, done.err
    shown = README[README.index("    CPU 0 get") :].split("\n...")[0]
    assert len(shown.splitlines()) == 7
    assert shown in done.out


def test_the_mended_line_holds(tmp_path: Path, vms: Callable[..., Any]) -> None:
    """The line that the README says to write in its place."""
    found = re.search(r"With `(return atomic_inc_not_zero[^`]*)`", README)
    assert found
    mended = re.sub(r"(ACTOR\(get\) \{).*\}", rf"\1 {found[1]} }}", SCENARIO)
    assert mended != SCENARIO
    (tmp_path / "revive.c").write_text(mended, encoding="utf-8")
    done = vms("verify", "revive.c", "--json")
    assert [r["verdict"] for r in done.json["results"]] == ["holds"] * 3


@pytest.mark.slow
@pytest.mark.hardware
def test_the_eight_lines_find_their_bug(tmp_path: Path, vms: Callable[..., Any]) -> None:
    """As printed, compiled by the command that the README names, from another folder."""
    (tmp_path / "revive.c").write_text(SCENARIO, encoding="utf-8")
    done = vms("hunt", "revive.c", "--until-found", "--budget", "30s")
    assert done.code == 1, done.err
    assert "revived" in done.out


def test_the_numbers_of_scenarios_are_those_there_are(vms: Callable[..., Any]) -> None:
    """By `vmemstress list`, which has mutants among the scenarios."""
    found = re.search(r"(\d+) scenarios, (\d+) mutants, (\d+) protocols", README)
    assert found
    listed = vms("list", "--json").json
    (mutants,) = (len(s["cases"]) for s in listed["suites"] if s["name"] == "mutants")
    there = (len(listed["scenarios"]) - mutants, mutants, len(listed["regimes"]))
    assert tuple(map(int, found.groups())) == there
