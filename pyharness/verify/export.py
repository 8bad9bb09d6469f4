"""The JSON objects of a verify and of a replay."""

from __future__ import annotations

import dataclasses
from typing import Any

from pyharness.host import facts as host
from pyharness.output.json import header
from pyharness.verify.results import VerifyReport, VerifyResult


def result_object(r: VerifyResult) -> dict[str, Any]:
    case = r.row.case
    met = r.found[0] if r.found else None  # the one of the witness
    hazard = (met and met.hazard) or next(iter(r.hazards), None)
    return {
        "scenario": r.row.scenario.name,
        "case": case.name if case else None,
        "parameters": dict(r.row.parameters),
        "claim": case.claim if case else None,
        "regime": r.row.regime.name if r.row.regime else None,
        "machine": "model",
        "model": r.model,
        "verdict": r.verdict,
        "expected": r.expected,
        "as_expected": r.as_expected,
        "hazard": hazard,
        "hazards": list(r.hazards),
        "invariant": met.invariant if met else None,
        "message": r.message,
        "complete": r.stats.complete,
        "limit": r.stats.limit,
        "executions": r.stats.executions,
        "estimate": r.stats.estimate,
        "blocked": r.stats.blocked,
        "pruned": r.stats.pruned,
        "seconds": r.seconds,
        "witness": r.witness.token if r.witness else None,
        "outcomes": [
            {
                "outcome": o.name,
                "grade": o.grade,
                "hazard": o.hazard,
                "invariant": o.invariant,
                "count": n,
                "about": o.about,
            }
            for o, n in r.seen()
        ],
    }


def report_object(report: VerifyReport) -> dict[str, Any]:
    """The object of DESIGN 8."""
    return {
        **header("verify"),
        "host": host.describe(),
        "suite": report.suite,
        "interrupted": report.interrupted,
        "results": [result_object(r) for r in report.results],
    }


def witness_object(result: VerifyResult) -> dict[str, Any]:
    """The events of a witness, for `replay --json`."""
    w = result.witness
    assert w is not None
    return {
        **header("replay"),
        "title": w.title,
        "message": w.explanation,
        "model": result.model,
        "token": w.token,
        "events": [dataclasses.asdict(e) for e in w.events],
        "lines": [dataclasses.asdict(line) for line in w.lines],
    }
