"""Estimates, random runs and priorities: what is not a complete search says so."""

from __future__ import annotations

import pytest

from pyharness.api import verify
from pyharness.catalogue.plan import Request, make_plan
from pyharness.cli import run
from pyharness.output.interrupt import Interrupt
from pyharness.verify.options import Options
from pyharness.verify.replay import replay_token
from pyharness.verify.run import verify_row
from pyharness.verify.witness import text_lines


def _estimate(readers: int, after: int, model: str = "sc") -> float | None:
    plan = make_plan(Request(names=("specref",), parameters={"readers": readers}))
    with Interrupt() as interrupt:
        options = Options(models=(model,), estimate_after=after)
        return verify_row(plan.rows[0], model, options, interrupt).stats.estimate


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_an_estimate_is_of_the_right_order(model):
    """Probes miss the few large subtrees more often than not, so the first estimates are low:
    a tenth is allowed, and ten times as many. Another call gives the same."""
    estimate = _estimate(3, 5_000, model)
    assert estimate is not None
    assert 148_140 / 10 < estimate < 148_140 * 10
    assert estimate == _estimate(3, 5_000, model)


def test_a_search_that_ends_soon_is_not_estimated():
    """There is nothing to wait for."""
    assert _estimate(1, 0) is None


@pytest.mark.parametrize("strategy", ["random", "pct"])
def test_random_runs_find_the_missing_recheck_and_tell_it(strategy):
    """The story is of the run that was drawn, and its token brings it back."""
    (result,) = verify(
        "specref", model="sc", strategy=strategy, runs=20_000, parameters={"bug": 1}
    ).results
    assert result.verdict == "violated"
    assert result.witness is not None
    assert len(result.witness.lines) > 4
    again = replay_token(result.witness.token).witness
    assert again is not None
    assert again.lines == result.witness.lines


def test_pct_finds_mutants_that_need_two_switches():
    """Depth 4 has three changes of priority: enough for a late compare-and-swap."""
    for case in ("t4-stale-load", "t2-written-before-flush"):
        (result,) = verify(case, model="tso", strategy="pct", runs=20_000, depth=4).results
        assert result.verdict == "violated", case


@pytest.mark.parametrize("depth", ["0", "17"])
def test_a_depth_out_of_range_is_refused(depth, capfd):
    command = ["verify", "specref", "--strategy", "pct", "--runs", "9", "--depth", depth]
    assert run(command) == 2
    assert "--depth" in capfd.readouterr().err


def test_the_replay_of_a_large_search_is_the_one_run():
    """A token holds the run itself; the search it came from may never end."""
    (result,) = verify("t6-window-open", model="arm64", until_found=True).results
    assert result.witness is not None
    assert replay_token(result.witness.token).stats.executions <= 1


@pytest.mark.parametrize("case", ["t2-freed-before-flush", "t2-written-before-flush"])
def test_the_stale_translation_is_told_on_one_screen(case):
    """25 lines, all of the columns and the sentence."""
    (result,) = verify(case, model="tso").results
    assert result.witness is not None
    lines = text_lines(result.witness, 100)
    assert len(lines) <= 25
    assert any("** stale translation" in line for line in lines)
