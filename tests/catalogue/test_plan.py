"""What is asked becomes rows: names, overrides, expectations, threads."""

import pytest

from pyharness.catalogue import find as catalogue
from pyharness.catalogue.plan import Request, make_plan, place_threads
from pyharness.catalogue.regime import DEFAULT_REGIME, Expectation, regimes
from pyharness.catalogue.suite import suites
from pyharness.errors import UsageError


def one(*names, **given):
    plan = make_plan(Request(names=names, **given))
    (row,) = (*plan.rows, *plan.skipped)
    return row


def refused(*names, **given):
    with pytest.raises(UsageError) as caught:
        make_plan(Request(names=names, **given))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_asked_means_the_thread_suite():
    plan = make_plan(Request())
    assert plan.suite == "thread"
    names = [c.name for c in suites()["thread"].cases]
    assert sorted(names) == sorted(r.name for r in (*plan.rows, *plan.skipped))


def test_rows_that_only_the_model_can_show_are_not_run():
    plan = make_plan(Request(suite="mutants"))
    skipped = {row.name for row in plan.skipped}
    assert {"flush-after-free", "no-flush", "in-place-on-arm64"} <= skipped
    assert not skipped & {row.name for row in plan.rows}


def test_a_vmemmap_scenario_gets_the_default_regime():
    assert one("fake-head-get").regime.name == DEFAULT_REGIME
    assert one("fake-head-get", regime="linux-5.18").regime.name == "linux-5.18"


def test_a_mutant_is_its_regime_with_one_knob_changed():
    row = one("no-guard-in-try-get")
    assert row.regime.name == "linux-6.15"
    assert {**regimes()["linux-6.15"].knobs, "get_guard": "none"} == dict(row.knobs)
    assert row.expectation == Expectation("violated", ("H1",))


def test_the_regime_says_what_to_expect_until_a_knob_changes_it():
    assert one("fake-head-get", regime="linux-6.15").expectation == Expectation("holds")
    changed = one("fake-head-get", regime="linux-6.15", knobs={"freeze": "false"})
    assert changed.expectation is None


def test_a_change_that_a_mutant_is_known_for_is_expected_to_be_caught():
    row = one("fake-head-pfn", regime="linux-6.15", knobs={"get_guard": "none"})
    assert row.expectation == Expectation("violated", ("H1",))


def test_parameters_decide_what_a_primitive_should_come_to():
    assert one("specref").expectation == Expectation("holds")
    assert one("specref", parameters={"bug": "1"}).expectation.verdict == "violated"
    assert one("specref", parameters={"readers": "2"}).expectation.verdict == "holds"


def test_a_suite_takes_a_regime_for_the_rows_that_use_one():
    plan = make_plan(Request(suite="thread", regime="linux-6.15"))
    assert {r.regime.name for r in plan.rows if r.regime} == {"linux-6.15"}
    held = [r for r in plan.rows if r.name == "t4-read-only-tail"]
    assert held[0].expectation == Expectation("holds")
    assert make_plan(Request(suite="primitives", regime="linux-6.15")).rows


def test_names_with_a_suite_are_its_cases():
    assert one("t5-put-check", suite="thread").name == "t5-put-check"
    assert "t5-put-check" in refused("t5-putcheck", suite="thread")


@pytest.mark.parametrize(
    ("names", "given", "parts"),
    [
        (("spcref",), {}, ['"spcref"', "specref"]),
        (("fake-head",), {}, ["fake-head-get"]),
        (("specref",), {"regime": "linux-6.15"}, ["--regime", "specref"]),
        (("specref",), {"knobs": {"tail": "writable-alias"}}, ["--knob", "specref"]),
        (("specref",), {"parameters": {"bgu": "1"}}, ["-P", '"bgu"', "bug"]),
        (("specref",), {"parameters": {"bug": "5"}}, ["bug=5", "0 to 4"]),
        (("specref",), {"parameters": {"bug": "x"}}, ["bug", '"x"', "whole number"]),
        (("specref",), {"parameters": {"bug": "9" * 50}}, ["bug", "whole number"]),
        (("specref",), {"parameters": {"gigantic": "1"}}, ["gigantic"]),
        (("fake-head-get",), {"regime": "linux-6.51"}, ["linux-6.15"]),
        (("fake-head-get",), {"knobs": {"tial": "x"}}, ["--knob", "tail"]),
        (("fake-head-get",), {"knobs": {"tail": "x"}}, ["--knob.tail", "read-only-alias"]),
        ((), {"suite": "tread"}, ["suite", "thread"]),
        ((), {"suite": "thread", "parameters": {"bug": "1"}}, ["-P", "gigantic"]),
        (("absent.c",), {}, ["absent.c", "No such file"]),
        (("no/such/place",), {}, ["cannot read"]),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest_names(names, given, parts):
    message = refused(*names, **given)
    for part in parts:
        assert part in message


def test_the_seed_of_a_row_depends_on_what_it_runs():
    same = one("t4-read-only-tail", suite="thread")
    assert same.key == one("fake-head-get", regime="linux-5.18").key
    assert same.key != one("fake-head-get", regime="linux-6.15").key


def test_threads_are_whole_instances():
    row = one("specref", parameters={"readers": "2"})
    assert row.threads == 3
    assert len(place_threads(row, (0, 1), None, 2, strict=True)) == 3
    assert place_threads(row, (0, 1), None, 7, strict=True) == (0, 1, 0, 1, 0, 1)
    assert place_threads(row, None, 3, 2, strict=True) == (-1, -1, -1)
    assert len(place_threads(row, (0, 1), 4, 2, strict=False)) == 3
    with pytest.raises(UsageError, match="nearest is 3"):
        place_threads(row, (0, 1), 4, 2, strict=True)


def test_every_scenario_can_be_asked_for_by_name():
    for name in catalogue.scenarios():
        assert one(name).scenario.name == name
