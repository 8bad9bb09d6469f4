"""`--bound preemptions=N`: what few switches can do, and nothing else."""

from __future__ import annotations

import pytest

from pyharness.api import verify
from pyharness.cli import run

# Two preemptions: the reader stops between its load and its compare-and-swap, and the
# owner between the free and the flush.
TWO = "t2-written-before-flush"


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_a_bound_that_is_never_met_gives_the_complete_search(model):
    """Each execution once, and then nothing was left out."""
    complete = verify("specref", model=model, parameters={"readers": 2}).results[0]
    bounded = verify("specref", model=model, parameters={"readers": 2}, preemptions=50).results[0]
    assert bounded.verdict == "holds"
    assert bounded.stats.executions == complete.stats.executions == 644
    assert bounded.counts == complete.counts


@pytest.mark.parametrize(
    "case",
    ["t3-alias-put", "t4-read-only-tail", "t5-put-check", "t6-fault-wait", "t7-grace-period"],
)
@pytest.mark.parametrize("model", ["sc", "tso"])
def test_translations_flushes_and_waits_are_searched_completely_too(case, model):
    """Another way through the same executions: by schedules instead of by graphs."""
    for complete in verify(case, model=model).results:
        (bounded,) = verify(case, model=complete.model, preemptions=200).results
        assert (bounded.stats.executions, bounded.hazards, bounded.verdict) == (
            *(complete.stats.executions, complete.hazards, complete.verdict),
        )


def test_more_preemptions_show_more_and_a_cut_is_never_a_pass():
    """The numbers of interleavings of two readers under sc grow with the bound."""
    found = [
        verify("specref", model="sc", parameters={"readers": 2}, preemptions=n).results[0]
        for n in range(4)
    ]
    executions = [r.stats.executions for r in found]
    assert executions == sorted(set(executions))
    assert {r.verdict for r in found} == {"bounded"}


@pytest.mark.parametrize("model", ["sc", "tso"])
def test_a_bug_of_two_preemptions_is_found_with_two_and_not_with_one(model):
    """The bound is exact from both sides."""
    verdicts = [verify(TWO, model=model, preemptions=n).results[0].verdict for n in range(3)]
    assert verdicts == ["bounded", "bounded", "violated"]


@pytest.mark.parametrize("bound", ["preemptions", "preemptions=x", "rounds=2", "preemptions=999"])
def test_a_bound_that_is_none_is_refused(bound, capfd):
    """One line that names the option."""
    assert run(["verify", "specref", "--bound", bound]) == 2
    assert "--bound" in capfd.readouterr().err


def test_a_bound_goes_with_the_systematic_search_only(capfd):
    """A random run has no bound to keep."""
    command = ["verify", "specref", "--strategy", "pct", "--runs", "9", "--bound", "preemptions=1"]
    assert run(command) == 2
    assert "--bound" in capfd.readouterr().err
