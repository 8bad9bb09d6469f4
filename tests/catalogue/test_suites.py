"""Suites: every row names things that exist, and says what it should come to."""

import pytest

from pyharness import _lib
from pyharness._lib.scenario import parameter_values
from pyharness.catalogue import find as catalogue
from pyharness.catalogue.plan import Request, expectation, make_plan
from pyharness.catalogue.regime import Expectation, check_knob, find_regime, regimes
from pyharness.catalogue.suite import cases, load_file, suites
from pyharness.errors import SuiteError

SUITES = ("thread", "history", "arm64", "primitives", "mutants")


def all_cases(wanted=lambda case: True):
    cases = [case for suite in suites().values() for case in suite.cases if wanted(case)]
    return [pytest.param(case, id=f"{case.suite}/{case.name}") for case in cases]


def test_every_suite_of_the_design_ships_and_has_rows():
    assert set(SUITES) <= set(suites())
    for suite in suites().values():
        assert suite.cases
        assert suite.title
        assert suite.about


@pytest.mark.parametrize("case", all_cases())
def test_a_case_names_a_scenario_regime_knobs_and_parameters_that_exist(case):
    scenario = catalogue.scenarios()[case.scenario]
    assert case.says
    assert (case.regime is not None) == scenario.uses_vmemmap
    if case.regime:
        find_regime(case.regime)
    for name, value in case.knobs.items():
        assert check_knob(name, value, case.name) == value
    parameter_values(scenario, dict(case.parameters))


@pytest.mark.parametrize("case", all_cases())
def test_a_case_expects_what_its_row_is_held_to(case):
    plan = make_plan(Request(names=(case.name,), suite=case.suite))
    (row,) = (*plan.rows, *plan.skipped)
    assert row.expectation == Expectation(case.expected, case.hazards)


@pytest.mark.parametrize(
    "case", all_cases(lambda c: c.regime and not (c.knobs or c.parameters))
)
def test_a_case_without_changed_knobs_agrees_with_its_regime(case):
    told = regimes()[case.regime].expected[case.scenario]
    assert (told.verdict, told.hazards) == (case.expected, case.hazards)


def test_case_names_are_one_name_space_with_scenarios_regimes_and_suites():
    names = [c.name for s in suites().values() for c in s.cases]
    assert len(set(names)) == len(names)
    others = {*catalogue.scenarios(), *regimes(), *suites()}
    assert not others & set(names)


def test_every_regime_speaks_of_scenarios_that_exist():
    known = {s.name for s in _lib.scenarios()}
    for regime in regimes().values():
        assert set(regime.expected) <= known, regime.name


def test_every_claim_of_the_message_has_a_row():
    claims = {c.claim for c in suites()["thread"].cases}
    assert claims == {f"T{i}" for i in range(1, 8)}


def test_every_mutant_is_expected_to_be_caught():
    for case in suites()["mutants"].cases:
        assert case.expected == "violated", case.name


def test_every_scenario_of_the_core_is_expected_to_come_to_something():
    for scenario in catalogue.scenarios().values():
        (row,) = make_plan(Request(names=(scenario.name,))).rows
        assert expectation(row) is not None, scenario.name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("title = 1", ["title"]),
        ('title = "x"', ["about"]),
        ('title = "x"\nabout = "y"\ncase = 3', ["case"]),
        ('title = "x"\nabout = "y"\n[[case]]\nname = "a"', ["case[0]", "scenario"]),
        (
            'title = "x"\nabout = "y"\n[[case]]\nname = "a"\nscenario = "b"\nsays = "c"\n'
            'expected = "maybe"',
            ["case[0].expected", "maybe"],
        ),
        (
            'title = "x"\nabout = "y"\n[[case]]\nname = "a"\nscenario = "b"\nsays = "c"\n'
            'expected = "holds"\nhardware = "strong"',
            ["case[0].hardware", "strong"],
        ),
        (
            'title = "x"\nabout = "y"\n[[case]]\nname = "a"\nscenario = "b"\nsays = "c"\n'
            'expected = "holds"\nregim = "z"',
            ["case[0].regim", "regime"],
        ),
    ],
)
def test_a_bad_suite_is_refused_with_the_path_of_the_value(tmp_path, text, parts):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(SuiteError) as caught:
        load_file(path)
    for part in parts:
        assert part in str(caught.value)


def test_a_case_name_stands_once(tmp_path):
    row = '[[case]]\nname = "a"\nscenario = "b"\nsays = "c"\nexpected = "holds"\n'
    path = tmp_path / "twice.toml"
    path.write_text(f'title = "x"\nabout = "y"\n{row}{row}')
    with pytest.raises(SuiteError, match="more than once"):
        load_file(path)


def test_cases_are_found_by_name():
    assert cases()["no-recheck"].suite == "mutants"


def test_every_hazard_is_shown_by_a_mutant():
    shown = {hazard for case in suites()["mutants"].cases for hazard in case.hazards}
    assert shown == {f"H{n}" for n in range(1, 32)}
