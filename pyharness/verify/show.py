"""A verify for people and for programs: table, matrix, JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyharness.catalogue.plan import Request, make_plan
from pyharness.catalogue.regime import regimes
from pyharness.host import facts as host
from pyharness.output.json import header
from pyharness.output.tables import Column, Table

if TYPE_CHECKING:
    from pyharness.output.console import Printer
    from pyharness.output.interrupt import Interrupt
    from pyharness.verify.options import Options
    from pyharness.verify.results import VerifyReport, VerifyResult
    from pyharness.verify.run import ProgressCallback


def _verdict(result: VerifyResult) -> str:
    names = ", ".join(result.hazards)
    return f"{result.verdict} {names}".strip()


def result_table(report: VerifyReport) -> Table:
    """One line for each row and model."""
    table = Table(
        [
            Column("CLAIM"),
            Column("CASE"),
            Column("REGIME"),
            Column("MODEL"),
            Column("EXPECTED"),
            Column("FOUND"),
            Column("EXECUTIONS", right=True),
            Column("TIME", right=True),
            Column("AGREES"),
        ]
    )
    for r in report.results:
        case = r.row.case
        agrees = {True: "yes", False: "NO", None: ""}[r.as_expected]
        if r.as_expected is None and r.verdict == "bounded":
            agrees = "cut short"
        table.add(
            (case.claim if case and case.claim else ""),
            r.row.name,
            r.row.regime.name if r.row.regime else "",
            r.model,
            r.expected or "",
            _verdict(r),
            f"{r.stats.executions:,}",
            f"{r.seconds * 1e3:.0f} ms",
            agrees,
            style="forbidden" if r.as_expected is False else "",
        )
    return table


def _result(r: VerifyResult) -> dict[str, Any]:
    case = r.row.case
    told = r.found[0] if r.found else None  # the one of the witness
    hazard = (told and told.hazard) or next(iter(r.hazards), None)
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
        "invariant": told.invariant if told else None,
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
        "results": [_result(r) for r in report.results],
    }


def matrix_report(
    options: Options, interrupt: Interrupt, progress: ProgressCallback | None = None
) -> VerifyReport:
    """Every regime with every scenario that it says something about."""
    from pyharness.verify.results import VerifyReport
    from pyharness.verify.run import models_of, verify_row

    results: list[VerifyResult] = []
    for regime in regimes().values():
        for name in regime.expected:
            row = make_plan(Request(names=(name,), regime=regime.name))
            for each in (*row.rows, *row.skipped):
                for model in models_of(each, options.models):
                    if not interrupt.requested:
                        results.append(verify_row(each, model, options, interrupt, progress))
    return VerifyReport(tuple(results), None, interrupt.requested)


def print_matrix(printer: Printer, results: Sequence[VerifyResult]) -> None:
    """Regimes down, scenarios across: what was found, marked where it differs."""
    scenarios = list(dict.fromkeys(r.row.scenario.name for r in results))
    table = Table([Column("REGIME"), *(Column(name) for name in scenarios)])
    cells: dict[tuple[str, str], list[VerifyResult]] = {}
    for r in results:
        assert r.row.regime is not None
        cells.setdefault((r.row.regime.name, r.row.scenario.name), []).append(r)
    for name in dict.fromkeys(key[0] for key in cells):
        table.add(name, *(_cell(cells.get((name, s), [])) for s in scenarios))
    printer.table(table)
    printer.line(". holds, X violated without a named hazard, ? cut short, ! not as expected")
    for r in results:
        if r.verdict == "bounded":
            assert r.row.regime is not None
            printer.line(f"{r.row.regime.name}, {r.row.scenario.name}, {r.model}: {r.message}")
        elif r.as_expected is False:
            assert r.row.regime is not None
            printer.line(
                f"{r.row.regime.name}, {r.row.scenario.name}, {r.model}: "
                f"expected {r.expected}, found {_verdict(r)}: {r.message}"
            )


def _cell(results: list[VerifyResult]) -> str:
    names = sorted({h for r in results for h in r.hazards}, key=lambda h: int(h[1:]))
    bad = any(r.verdict == "violated" for r in results)
    text = ",".join(names) or ("X" if bad else "?" if _bounded(results) else ".")
    return text + ("!" if any(r.as_expected is False for r in results) else "")


def _bounded(results: list[VerifyResult]) -> bool:
    return any(r.verdict == "bounded" for r in results)


def same_witness(result: VerifyResult, digest: int) -> bool:
    """Whether some violation of the result has this digest."""
    return any(f.digest == digest for f in result.found)


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
