"""The JSON object of a hunt."""

from __future__ import annotations

from typing import Any

from pyharness.catalogue.plan import Row
from pyharness.host import facts as host
from pyharness.hunt.results import HuntReport, HuntResult
from pyharness.hunt.validity import Validity
from pyharness.output.json import header


def message(result: HuntResult) -> str:
    """One sentence: the worst that was seen, or that nothing forbidden was."""
    worst = result.worst()
    if worst is None:
        return f"nothing forbidden in {result.samples:,} runs"
    return f"{worst.name}: {worst.about}"


def _validity(validity: Validity) -> dict[str, Any]:
    test = validity.self_test
    return {
        "verdict": validity.verdict,
        "reason": validity.reason,
        "cpu_share": validity.cpu_share,
        "preemptions": validity.preemptions,
        "migrations": validity.migrations,
        "graded": validity.graded,
        "self_test": None
        if test is None
        else {"both_zero": test.overlapped, "samples": test.samples, "share": test.share},
    }


def _outcomes(result: HuntResult) -> list[dict[str, Any]]:
    return [
        {
            "outcome": outcome.name,
            "grade": outcome.grade,
            "hazard": outcome.hazard,
            "invariant": outcome.invariant,
            "count": count,
            "about": outcome.about,
        }
        for outcome, count in result.seen()
    ]


def _run(result: HuntResult) -> dict[str, Any]:
    """How the row was run: the keys that only real threads have."""
    return {
        "samples": result.samples,
        "threads": len(result.cpus),
        "cpus": list(result.cpus),
        "shares_cpus": result.shares_cpus,
        "seed": result.seed,
        "waits": result.waits,
        "interrupted": result.interrupted,
        "validity": _validity(result.validity),
        "tuning": {
            "group": result.tuning.group,
            "skew": result.tuning.skew,
            "build": result.tuning.build,
        },
        "faults": [
            {
                "kind": f.kind,
                "actor": f.actor,
                "file": f.file,
                "line": f.line,
                "function": f.function,
                "operation": f.operation,
                "address": f"{f.address:#x}",
                "page": f.page if f.page >= 0 else None,
                "write": f.write,
                "hazard": f.hazard,
                "count": f.count,
            }
            for f in result.faults
        ],
    }


def _asked(row: Row) -> dict[str, Any]:
    """What was asked: the same keys for rows that ran and rows that did not."""
    return {
        "scenario": row.name,
        "base": row.scenario.name,
        "suite": row.case.suite if row.case else None,
        "parameters": dict(row.parameters),
        "claim": row.case.claim if row.case else None,
        "says": row.case.says if row.case else None,
        "regime": row.regime.name if row.regime else None,
        "knobs": dict(row.knobs),
    }


def result_object(result: HuntResult) -> dict[str, Any]:
    """One entry of `results`."""
    worst = result.worst()
    expectation = result.row.expectation
    return {
        **_asked(result.row),
        "machine": "native",
        "verdict": result.verdict,
        "expected": result.expected,
        "expected_hazards": list(expectation.hazards) if expectation else [],
        "as_expected": result.as_expected,
        "hazard": worst.hazard if worst else None,
        "invariant": worst.invariant if worst else None,
        "message": message(result),
        "complete": False,
        "executions": result.samples,
        "blocked": 0,
        "seconds": result.seconds,
        "witness": None,
        **_run(result),
        "outcomes": _outcomes(result),
    }


def report_object(report: HuntReport) -> dict[str, Any]:
    """The object of `hunt --json`."""
    return {
        **header("hunt"),
        "host": host.describe(),
        "suite": report.suite,
        "seed": report.seed,
        "budget": report.budget,
        "seconds": report.seconds,
        "interrupted": report.interrupted,
        "as_expected": report.as_expected,
        "exit_code": int(report.exit_code),
        "results": [result_object(r) for r in report.results],
        "skipped": [
            {**_asked(row), "reason": row.unshown}
            for row in report.skipped
        ],
        "failures": [
            {**_asked(f.row), "reason": str(f.error), "exit_code": int(f.error.exit_code)}
            for f in report.failures
        ],
    }
