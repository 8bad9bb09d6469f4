"""A verify for people and for programs: table, matrix, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyharness.output.tables import Column, Table

if TYPE_CHECKING:
    from pyharness.output.console import Printer
    from pyharness.verify.results import VerifyReport, VerifyResult


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


def print_report(printer: Printer, report: VerifyReport, *, quiet: bool, verbose: bool) -> None:
    """The table, the witnesses of a single row, and why a search is bounded."""
    printer.table(result_table(report))
    shown: set[tuple[str, str]] = set()
    rows = {result.row.name for result in report.results}
    many = report.suite is not None and len(rows) > 1
    for result in report.results:
        key = (result.row.name, result.message)
        if result.witness is None or key in shown or quiet or many:
            continue
        shown.add(key)
        _print_witness(printer, result, verbose=verbose)
    for result in report.results:
        if result.verdict == "bounded" and not quiet:
            printer.line(f"{result.row.name}, {result.model}: {result.message}")


def _print_witness(printer: Printer, result: VerifyResult, *, verbose: bool) -> None:
    from pyharness.output.commands import replay_command
    from pyharness.output.tables import width
    from pyharness.verify.witness import long_lines, text_lines

    assert result.witness is not None
    printer.line()
    printer.line(result.witness.title, "bold")
    for line in (long_lines if verbose else text_lines)(result.witness, width()):
        printer.line(line)
    printer.line()
    printer.line(f"    replay: {replay_command(result.row.name, result.witness.token)}")
