"""Files of users with known right verdicts: sizes, dependencies, waiting, algorithms and
published bugs. `expected.tsv`: file, sc, tso, arm64, note; h holds, v violated, b bounded is
accepted too, - not asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pyharness import verify

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "cases"
MODELS = ("sc", "tso", "arm64")
# Its counter grows without end and only the parity matters: no end to search to. The verdict
# is `bounded`, which is not wrong, but holds is what is right.
UNDECIDED = {"spin/two_alternate.c"}


def _rows() -> list[tuple[str, dict[str, str]]]:
    rows = []
    for line in (FOLDER / "expected.tsv").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, *verdicts = line.split("\t")[:4]
            rows.append((name, dict(zip(MODELS, verdicts, strict=True))))
    return rows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            name,
            expected,
            id=name,
            marks=pytest.mark.xfail(strict=True) if name in UNDECIDED else (),
        )
        for name, expected in _rows()
    ],
)
def test_a_file_has_the_verdict_that_is_right(name: str, expected: dict[str, str]):
    asked = [model for model in MODELS if expected[model] != "-"]
    # a process of its own: the loader has room for some hundred such files in one
    command = [sys.executable, "-m", "pyharness", "verify", str(FOLDER / name), "--no-store"]
    command += ["--model", ",".join(asked), "--budget", "5s", "--json"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    found = {result["model"]: result["verdict"] for result in answer["results"]}
    assert {m for m in asked if found[m][0] not in expected[m]} == set()


@pytest.mark.parametrize("jobs", [1, 2, 3, 4, 8])
def test_a_word_that_one_job_alone_meets_is_followed_by_all(jobs: int):
    one = verify(FOLDER / "holds/jobs.c", model="sc", jobs=1).results[0]
    many = verify(FOLDER / "holds/jobs.c", model="sc", jobs=jobs).results[0]
    assert (many.verdict, many.counts) == (one.verdict, one.counts)
    assert many.stats.executions == one.stats.executions


def test_each_race_is_told():
    result = verify(FOLDER / "holds/races.c", model="sc").results[0]
    assert sum(found.kind == "race" for found in result.found) == 3


def test_the_budget_ends_a_search_whose_runs_all_block():
    result = verify(FOLDER / "holds/blocked.c", model="sc", budget=0.5).results[0]
    assert result.stats.limit == "budget"
    assert not result.stats.complete
