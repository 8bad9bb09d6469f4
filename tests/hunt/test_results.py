"""Verdict, expectation and exit code, from counts that are given."""

import numpy as np
import pytest

from pyharness.catalogue.plan import Request, make_plan
from pyharness.catalogue.regime import Expectation
from pyharness.errors import ExitCode, WorkerCrashed
from pyharness.hunt.export import result_object
from pyharness.hunt.results import Failure, HuntReport, HuntResult, Tuning
from pyharness.hunt.validity import Validity

VALID = Validity("valid", "", 1.0, 0, 0, None)
INCONCLUSIVE = Validity("inconclusive", "", 1.0, 0, 0, None)


def result(forbidden, expected, validity=VALID, interrupted=False):
    from dataclasses import replace

    row = make_plan(Request(names=("specref",))).rows[0]
    row = replace(row, expectation=Expectation(expected) if expected else None)
    counts = np.zeros(len(row.scenario.outcomes), dtype=np.uint64)
    counts[0] = 1000
    grades = [o.grade for o in row.scenario.outcomes]
    counts[grades.index("forbidden")] = forbidden
    return HuntResult(
        row=row,
        seed=1,
        verdict="violated" if forbidden else "unreached",
        counts=counts,
        samples=1000 + forbidden,
        forbidden=forbidden,
        waits=0,
        seconds=1.0,
        cpus=(0, 1),
        faults=(),
        threads=(),
        tuning=Tuning(1, 0, "plain"),
        validity=validity,
        interrupted=interrupted,
    )


def report(*results, interrupted=False, failures=()):
    return HuntReport(results, (), failures, None, 1, 30.0, 30.0, interrupted)


@pytest.mark.parametrize(
    ("forbidden", "expected", "as_expected", "code"),
    [
        (3, "violated", True, ExitCode.OK),
        (3, "holds", False, ExitCode.FORBIDDEN),
        (3, None, False, ExitCode.FORBIDDEN),
        (0, "holds", True, ExitCode.OK),
        (0, None, True, ExitCode.OK),
        # Real threads cannot decide that something is safe, nor that it is not.
        (0, "violated", None, ExitCode.OK),
    ],
)
def test_the_exit_code_says_whether_the_forbidden_was_expected(
    forbidden, expected, as_expected, code
):
    got = result(forbidden, expected)
    assert got.as_expected is as_expected
    assert report(got).as_expected is as_expected
    assert report(got).exit_code == code


def test_a_result_that_cannot_be_believed_ends_in_6_unless_something_was_found():
    assert report(result(0, "holds", INCONCLUSIVE)).exit_code == ExitCode.UNTRUSTED
    assert report(result(1, "violated", INCONCLUSIVE)).exit_code == ExitCode.OK
    assert report(result(1, "holds", INCONCLUSIVE)).exit_code == ExitCode.FORBIDDEN


def test_an_interruption_ends_in_130_and_a_crash_in_5():
    assert report(result(1, "holds"), interrupted=True).exit_code == ExitCode.INTERRUPTED
    assert report(interrupted=True).exit_code == ExitCode.INTERRUPTED
    failure = Failure(result(0, None).row, WorkerCrashed("x"))
    assert report(result(0, "holds"), failures=(failure,)).exit_code == ExitCode.CRASHED
    assert report().exit_code == ExitCode.UNSUPPORTED


def test_forbidden_outcomes_come_first_and_hazards_only_when_met():
    got = result(5, "violated")
    assert got.seen()[0][0].grade == "forbidden"
    assert got.worst() is got.seen()[0][0]
    own = got.row.scenario.own_outcomes
    assert len(result(0, "holds").seen()) == own


def test_the_json_of_a_result_has_every_key_of_the_design():
    entry = result_object(result(5, "violated"))
    assert set(entry) >= {
        *("scenario", "parameters", "claim", "regime", "machine", "verdict", "expected"),
        *("as_expected", "hazard", "invariant", "message", "complete", "seconds", "witness"),
        *("outcomes", "samples", "threads", "seed", "validity", "faults"),
    }
    assert entry["machine"] == "native"
    assert "model" not in entry
    for outcome in entry["outcomes"]:
        assert set(outcome) >= {"outcome", "grade", "hazard", "count", "about"}
