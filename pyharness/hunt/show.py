"""A hunt for people: outcome table, faults, tuning, validity, and the table of claims."""

from __future__ import annotations

from pyharness.catalogue.plan import Row
from pyharness.catalogue.regime import differing
from pyharness.catalogue.suite import suites
from pyharness.host.topology import format_cpu_list
from pyharness.hunt.export import message
from pyharness.hunt.results import HuntReport, HuntResult
from pyharness.output.console import Printer
from pyharness.output.tables import Column, Table, hanging, paragraph
from pyharness.output.units import percent, seconds_text, si

_AS_EXPECTED = {True: "as expected", False: "NOT EXPECTED", None: "not met"}


def settings(row: Row) -> str:
    """`regime linux-6.15, get_guard=none, gigantic=0`: what the row is run with."""
    parts = []
    if row.regime:
        parts.append(f"regime {row.regime.name}")
        parts += [f"{k}={str(v).lower()}" for k, v in differing(row.knobs, row.regime).items()]
    parts += [f"{k}={v}" for k, v in row.parameters.items()]
    return ", ".join(parts)


def _placement(result: HuntResult) -> str:
    threads = len(result.cpus)
    pinned = [cpu for cpu in result.cpus if cpu >= 0]
    unit = "CPU" if len(set(pinned)) == 1 else "CPUs"
    where = f"on {unit} {format_cpu_list(pinned)}" if pinned else "not pinned"
    shared = ", which they share" if result.shares_cpus else ""
    return f"{threads} threads {where}{shared}"


def outcome_table(result: HuntResult) -> Table:
    """The outcomes in the manner of jcstress, forbidden first."""
    table = Table(
        [
            Column("RESULT"),
            Column("SAMPLES", right=True),
            Column("FREQ", right=True),
            Column("EXPECT"),
            Column("DESCRIPTION", flex=True),
        ]
    )
    for outcome, count in result.seen():
        named = outcome.hazard and outcome.hazard != outcome.name
        hazard = f"{outcome.hazard}: " if named else ""
        table.add(
            outcome.name,
            f"{count:,}",
            percent(count, result.samples),
            outcome.grade,
            hazard + outcome.about,
            style=outcome.grade if count else "dim",
        )
    return table


def fault_lines(result: HuntResult) -> list[str]:
    """The real faults, two lines for each kind and source line, the most frequent first."""
    lines = []
    for f in sorted(result.faults, key=lambda f: -f.count):
        hazard = f" ({f.hazard})" if f.hazard else ""
        page = f"struct page {f.page:,} at {f.address:#x}" if f.page >= 0 else f"{f.address:#x}"
        lines.append(f"  fault: {f.kind}{hazard}, {f.count:,} times, by {f.actor or '?'} on {page}")
        where = f"{f.file}:{f.line}" if f.file else "nowhere known"
        function = f" {f.function}()" if f.function else ""
        lines.append(f"         {where}{function}: {f.operation}")
    return lines


def _validity(result: HuntResult) -> str:
    v = result.validity
    facts = [f"CPU share {v.cpu_share:.3f}", f"{v.preemptions:,} preemptions"]
    if v.self_test is not None:
        facts.append(f"store buffering seen in {v.self_test.share:.2%} of self-test runs")
    return f"  validity: {v.verdict}, {v.reason} ({'; '.join(facts)})"


def _tuning(result: HuntResult) -> str:
    rate = result.samples / result.seconds if result.seconds else 0.0
    t = result.tuning
    waits = f"; {result.waits:,} faults absorbed by waiting" if result.waits else ""
    return (
        f"  tuning: {si(rate)}runs/s in {seconds_text(result.seconds)}; "
        f"group {t.group}, skew {t.skew}, build {t.build}{waits}"
    )


def _verdict(result: HuntResult) -> str:
    expected = result.expected or "nothing"
    tail = _AS_EXPECTED[result.as_expected]
    cut = " (interrupted)" if result.interrupted else ""
    return f"  verdict: {result.verdict}, expected {expected}: {tail}{cut}. {message(result)}"


def print_result(printer: Printer, result: HuntResult) -> None:
    """One row in full."""
    settled = settings(result.row)
    title = f"{result.name}: {result.row.scenario.title}"
    printer.line(title, "bold")
    printer.line(f"  {settled}; {_placement(result)}" if settled else f"  {_placement(result)}")
    printer.table(outcome_table(result))
    for line in fault_lines(result):
        printer.line(line)
    printer.line(_tuning(result))
    for line in hanging(_validity(result)):
        printer.line(line, "" if result.validity.verdict == "valid" else "yellow")
    for line in hanging(_verdict(result)):
        printer.line(line, "bold red" if result.as_expected is False else "bold")
    printer.line()


def _seen(result: HuntResult) -> str:
    """The worst that was seen and, after it, what is interesting: T3's balanced put for one."""
    met = [(o, n) for o, n in result.seen() if n]
    parts = [f"{o.name} {n:,}" for o, n in met if o.grade == "interesting"]
    worst = result.worst()
    if worst is None:
        parts.insert(0, "nothing forbidden")
    else:
        hazard = f"{worst.hazard} " if worst.hazard and worst.hazard != worst.name else ""
        count = next(n for o, n in met if o is worst)
        parts.insert(0, f"{hazard}{worst.name} {count:,}")
    return f"{', '.join(parts)} in {si(result.samples)}runs"


def summary_table(report: HuntReport) -> Table:
    """One line a row: what the message says, what was seen, expected or not."""
    claims = any(row.case and row.case.claim for row in _rows(report))
    columns = [
        *([Column("CLAIM")] if claims else []),
        Column("WHAT IT SAYS", flex=True),
        Column("CASE"),
        Column("REGIME"),
        Column("SEEN", flex=True),
        Column("EXPECTED"),
        Column("MET"),
    ]
    rows: list[tuple[Row, str, str, str]] = []
    for r in report.results:
        style = {True: "ok", False: "forbidden", None: "interesting"}[r.as_expected]
        met = {True: "yes", False: "NO", None: "not met"}[r.as_expected]
        rows.append((r.row, _seen(r), met, style))
    rows += [(row, "not shown by hardware", "-", "dim") for row in report.skipped]
    rows += [(f.row, f"failed: {f.error}", "-", "forbidden") for f in report.failures]
    table = Table(columns)
    for row, seen, met, style in sorted(rows, key=lambda r: _place(r[0], report)):
        expected = row.expectation.verdict if row.expectation else "-"
        table.add(*_asked(row)[0 if claims else 1 :], seen, expected, met, style=style)
    return table


def _rows(report: HuntReport) -> list[Row]:
    return [r.row for r in report.results] + [*report.skipped] + [f.row for f in report.failures]


def _place(row: Row, report: HuntReport) -> int:
    """The row's place in its suite, so that claims stand in their order."""
    names = [c.name for c in suites()[report.suite].cases] if report.suite in suites() else []
    return names.index(row.name) if row.name in names else len(names)


def _asked(row: Row) -> tuple[str, str, str, str]:
    case = row.case
    says = case.says if case else row.scenario.title
    regime = row.regime.name if row.regime else "-"
    return (case.claim if case else None) or "-", says, row.name, regime


def print_summary(printer: Printer, report: HuntReport) -> None:
    """The table over all rows, when there is more than one or any was not run."""
    others = len(report.skipped) + len(report.failures)
    if len(report.results) + others > 1 or others:
        title = f"suite {report.suite}" if report.suite else "all rows"
        printer.line(f"{title}, {seconds_text(report.seconds)}, seed {report.seed}", "bold")
        printer.table(summary_table(report))
        _explain(printer, report)
    if report.interrupted:
        printer.line("interrupted: the counts above are what was gathered until then", "yellow")


def _explain(printer: Printer, report: HuntReport) -> None:
    results = report.results
    if any(r.as_expected is None for r in results):
        printer.line(
            paragraph(
                "not met: a violation is possible and was not reached in this time; that says "
                "nothing about safety. A longer --budget or --until-found may reach it.",
                total=100,
            )
        )
    shaky = [r.name for r in results if r.validity.verdict != "valid"]
    if shaky:
        reason = next(r for r in results if r.validity.verdict != "valid").validity.reason
        printer.line(
            paragraph(f"validity: {len(shaky)} of {len(results)} rows are not clean, e.g. {reason}")
        )
