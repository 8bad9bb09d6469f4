"""Scenarios, cases, suites and regimes as JSON-ready data: what `list` and `show` print."""

from __future__ import annotations

from typing import Any

from pyharness._lib.scenario import Parameter, Scenario
from pyharness.catalogue import find as catalogue
from pyharness.catalogue.regime import Expectation, Regime, regimes
from pyharness.catalogue.suite import Case, Suite, cases, suites


def _parameter(p: Parameter) -> dict[str, Any]:
    return {"name": p.name, "about": p.about, "low": p.low, "high": p.high, "default": p.preset}


def scenario_line(s: Scenario) -> dict[str, Any]:
    """A scenario's entry in `list`."""
    return {
        "name": s.name,
        "title": s.title,
        "suites": catalogue.suites_of(s.name),
        "parameters": [_parameter(p) for p in s.parameters],
        "hardware": s.hardware,
        "vmemmap": s.uses_vmemmap,
        "base": None,
        "regime": None,
    }


def case_line(case: Case) -> dict[str, Any]:
    """A mutant's entry among the scenarios of `list`."""
    base = catalogue.scenarios().get(case.scenario)
    return {
        "name": case.name,
        "title": case.says,
        "suites": [case.suite],
        "parameters": [_parameter(p) for p in base.parameters] if base else [],
        "hardware": case.hardware,
        "vmemmap": base.uses_vmemmap if base else False,
        "base": case.scenario,
        "regime": case.regime,
    }


def _expectation(e: Expectation) -> dict[str, Any]:
    return {"verdict": e.verdict, "hazards": list(e.hazards)}


def scenario_story(s: Scenario) -> dict[str, Any]:
    """All that `show` says of a scenario."""
    return {
        "kind": "scenario",
        **scenario_line(s),
        "story": s.story,
        "source": s.source,
        "file": s.file,
        "actors": [{"name": a.name, "about": a.about} for a in s.actors],
        "outcomes": [
            {
                "outcome": o.name,
                "grade": o.grade,
                "hazard": o.hazard,
                "invariant": o.invariant,
                "about": o.about,
            }
            for o in s.outcomes
        ],
        "own_outcomes": s.own_outcomes,
        "expected": {
            name: _expectation(r.expected[s.name])
            for name, r in regimes().items()
            if s.name in r.expected
        },
    }


def case_story(case: Case) -> dict[str, Any]:
    """All that `show` says of a case."""
    return {
        "kind": "case",
        "name": case.name,
        "suite": case.suite,
        "says": case.says,
        "scenario": case.scenario,
        "regime": case.regime,
        "knobs": dict(case.knobs),
        "parameters": dict(case.parameters),
        "claim": case.claim,
        "expected": case.expected,
        "hazards": list(case.hazards),
        "hardware": case.hardware,
    }


def regime_story(r: Regime) -> dict[str, Any]:
    """All that `show` says of a regime."""
    return {
        "kind": "regime",
        "name": r.name,
        "title": r.title,
        "about": r.about,
        "sources": list(r.sources),
        "knobs": dict(r.knobs),
        "expected": {name: _expectation(e) for name, e in r.expected.items()},
    }


def suite_story(s: Suite) -> dict[str, Any]:
    """All that `show` says of a suite."""
    return {
        "kind": "suite",
        "name": s.name,
        "title": s.title,
        "about": s.about,
        "cases": [case_story(c) for c in s.cases],
    }


def listing() -> dict[str, Any]:
    """The object of `list --json`, without its header."""
    mutants = suites()["mutants"].cases if "mutants" in suites() else ()
    return {
        "scenarios": [
            *(scenario_line(s) for s in catalogue.scenarios().values()),
            *(case_line(c) for c in mutants),
        ],
        "regimes": [{"name": r.name, "title": r.title} for r in regimes().values()],
        "suites": [
            {"name": s.name, "title": s.title, "cases": [c.name for c in s.cases]}
            for s in suites().values()
        ],
    }


def all_names() -> list[str]:
    """Everything that `show` knows."""
    return [*catalogue.scenarios(), *regimes(), *suites(), *cases()]
