"""The search from Python: known counts, known verdicts, witnesses that can be replayed."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pyharness.api import verify
from pyharness.cli import run
from pyharness.errors import UsageError
from pyharness.verify import token as verify_token
from pyharness.verify.replay import replay_token
from pyharness.verify.token import parse_token


@pytest.mark.parametrize(("readers", "executions"), [(1, 14), (2, 644), (3, 148_140)])
def test_specref_has_the_executions_that_two_model_checkers_agree_on(readers, executions):
    """A complete search visits each execution once, and none that cannot finish."""
    (result,) = verify("specref", model="sc", parameters={"readers": readers}).results
    assert result.stats.executions == executions
    assert result.stats.blocked == 0
    assert result.verdict == "holds"


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_jobs_change_nothing(model):
    """Dealing the tree out to two searches gives the same counts."""
    one = verify("specref", model=model, parameters={"readers": 2}).results[0]
    two = verify("specref", model=model, parameters={"readers": 2}, jobs=2).results[0]
    assert (one.stats.executions, one.counts) == (two.stats.executions, two.counts)


def test_a_limit_is_never_a_pass():
    """A search that was cut short is bounded, whatever it saw."""
    (result,) = verify("specref", model="sc", parameters={"readers": 3}, runs=100).results
    assert result.verdict == "bounded"
    (result,) = verify("specref", model="sc", strategy="random", runs=1000).results
    assert result.verdict == "bounded"


def test_the_thread_suite_is_decided_as_expected():
    """Every claim of the message, under every memory model, completely searched."""
    report = verify(suite="thread")
    wrong = [(r.row.name, r.model, r.message) for r in report.results if r.as_expected is False]
    assert not wrong
    assert all(r.verdict != "bounded" for r in report.results)


def test_a_frame_freed_before_the_flush_is_met_through_a_stale_translation():
    """T2 broken on purpose: the story fits on a screen and says what was stale."""
    (result,) = verify("t2-freed-before-flush", model="tso").results
    assert set(result.hazards) & {"H8", "H9"}
    assert result.witness is not None
    assert len(result.witness.lines) <= 25
    assert result.witness.lines[-1].mark == "stale translation"


def test_contents_without_the_publish_barrier_are_late_on_arm64_only():
    """H13 needs two writes out of order, which x86 does not do."""
    knobs = {"publish_barrier": False}
    found = {
        model: verify("replacement-page", regime="linux-5.18", knobs=knobs, model=model)
        .results[0]
        .hazards
        for model in ("tso", "arm64")
    }
    assert found == {"tso": (), "arm64": ("H13",)}


def test_a_token_replays_ten_times_out_of_ten():
    """The same events in the same order, every time."""
    (result,) = verify("t4-stale-load", model="tso").results
    assert result.witness is not None
    first = replay_token(result.witness.token)
    assert first.witness is not None
    for _ in range(9):
        again = replay_token(result.witness.token)
        assert again.witness is not None
        assert again.witness.lines == first.witness.lines or _same_but_addresses(again, first)


def _same_but_addresses(a, b) -> bool:
    """Addresses of the reserved ranges differ from run to run; nothing else may."""
    return [(x.cpu, x.operation, x.mark) for x in a.witness.lines] == [
        (x.cpu, x.operation, x.mark) for x in b.witness.lines
    ]


@pytest.mark.parametrize("token", ["", "vms3:", "vms3:abc", "vms1:abc", "nonsense"])
def test_a_token_that_is_none_is_refused(token):
    """One clear message, no traceback."""
    with pytest.raises(UsageError, match="token"):
        parse_token(token)


def test_json_has_the_shape_of_every_verb(capfdbinary):
    """One object on stdout and nothing else, with the keys that programs rely on."""
    assert run(["verify", "t4-stale-load", "--model", "tso", "--json"]) == 0
    report = json.loads(capfdbinary.readouterr().out)
    assert {"tool", "version", "command", "host", "results"} <= set(report)
    (result,) = report["results"]
    assert (result["machine"], result["model"], result["verdict"]) == ("model", "tso", "violated")
    assert result["as_expected"] is True
    assert parse_token(result["witness"]).model == "tso"
    keys = {"outcome", "grade", "hazard", "count", "about"}
    assert all(keys <= set(outcome) for outcome in result["outcomes"])


def test_the_witness_is_of_the_hazard_that_the_case_names_first():
    """Others are met more often or told in fewer lines, but this one was asked about."""
    (result,) = verify("t2-written-before-flush", model="tso").results
    assert result.row.expectation is not None
    first = result.row.expectation.hazards[0]
    assert result.witness is not None
    assert result.witness.explanation.startswith(f"{first}:")
    assert len(result.witness.lines) <= 25


def test_a_single_case_shows_its_witness_without_being_asked(capfd):
    """The story is what somebody who names one case wants."""
    run(["verify", "t4-stale-load"])
    assert "replay: vmemstress replay" in capfd.readouterr().out


@pytest.mark.parametrize("change", ["version", "digest"])
def test_a_token_of_another_version_or_source_is_refused(monkeypatch, change):
    """Neither may replay something else in silence."""
    (result,) = verify("t4-stale-load", model="tso").results
    assert result.witness is not None
    row, (found, *_) = result.row, result.found
    script = parse_token(result.witness.token).script
    if change == "version":
        with monkeypatch.context() as patch:
            patch.setattr(verify_token, "version", lambda: "0.0.9")
            token = verify_token.make_token(row, "tso", found, script)
    else:
        other = dataclasses.replace(found, digest=found.digest ^ 1)
        token = verify_token.make_token(row, "tso", other, script)
    said = {"version": "made by version", "digest": "digest"}[change]
    with pytest.raises(UsageError, match=said):
        replay_token(token)
