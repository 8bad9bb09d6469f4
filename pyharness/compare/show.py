"""A comparison for people: one line a benchmark and placement."""

from __future__ import annotations

from pyharness.compare.changes import Change, Comparison
from pyharness.compare.results import CompareReport, Met
from pyharness.output.console import Printer
from pyharness.output.tables import Column, Table, paragraph
from pyharness.output.units import si

_SPEED_SHOWN = 0.01  # below it a word about the host's speed would be noise
_STYLES = {"slower": "forbidden", "faster": "ok", "inconclusive": "interesting"}


def value_text(metric: str, value: float) -> str:
    """A figure with its unit, as its metric's name has it."""
    if metric.endswith(("_ns", "ns_per_op")):
        return f"{value:.4g} ns" if value < 1e4 else f"{value / 1e3:.4g} us"
    return f"{si(value)}/s".replace(" /s", "/s") if metric.endswith("_per_s") else f"{value:.4g}"


def change_text(change: Change) -> str:
    """`+9.8% [+8.9%, +10.7%]`."""
    value, low, high = (f"{100 * (x - 1):+.1f}%" for x in (change.ratio, change.low, change.high))
    return f"{value} [{low}, {high}]"


def _sides(c: Comparison) -> str:
    count = f"{c.counted_a} pairs" if c.paired else f"{c.counted_a} and {c.counted_b}"
    if c.speed is not None and abs(c.speed - 1) >= _SPEED_SHOWN:
        count += f", host {100 * (c.speed - 1):+.0f}% divided out"
    where = "" if c.placement_ns is None or c.threads < 2 else f" at {c.placement_ns:.0f} ns"
    return f"{count}{where}"


def _met_by(met: Met) -> str:
    """What the rule is about: the change, or B's own value with its interval."""
    c = met.change
    if met.rule.limit is None:
        return change_text(c)
    low, high = (value_text(c.metric, value) for value in (c.b_low, c.b_high))
    return f"is {value_text(c.metric, c.b)} [{low}, {high}] in B"


def _differs(c: Comparison) -> str:
    def word(value: int | str | None) -> str:
        return "preset" if value is None else str(value)

    return " ".join(f"{k}={word(a)}|{word(b)}" for k, (a, b) in c.differs.items())


def comparison_table(report: CompareReport) -> Table:
    """The benchmarks, A, B, and how B stands to A; what differs unless it is so in all rows."""
    common = {_differs(c) for c in report.comparisons}
    titles = ("BENCHMARK", "THR", "METRIC", "A", "B", "B TO A [95%]", "VERDICT", "OF")
    table = Table(
        [Column(t, right=t in ("THR", "A", "B"), flex=t in ("BENCHMARK", "OF")) for t in titles]
    )
    for c in report.comparisons:
        change = c.change(c.metric)
        figures = ("-", "-", "-")
        if change is not None:
            figures = (
                value_text(c.metric, change.a),
                value_text(c.metric, change.b),
                change_text(change),
            )
        note = f", {c.validity}" if c.validity in ("contaminated", "void") else ""
        differs = f" {_differs(c)}" if len(common) > 1 else ""
        table.add(
            *(c.title + differs, str(c.threads), c.metric, *figures),
            *(c.verdict + note, _sides(c)),
            style=_STYLES.get(c.verdict, ""),
        )
    return table


def print_report(printer: Printer, report: CompareReport) -> None:
    """Everything: what was compared, the table, why something is not clean, rules met."""
    printer.line(f"A: {report.a['label']}")
    printer.line(f"B: {report.b['label']}")
    differs = {_differs(c) for c in report.comparisons}
    if len(differs) == 1 and (text := differs.pop()):
        printer.line(f"A|B: {text}")
    printer.table(comparison_table(report))
    for reason in dict.fromkeys(
        f"{c.validity}: {c.title}: {c.reason}" for c in report.comparisons if c.reason
    ):
        printer.line(paragraph(reason), "yellow")
    if report.unlike:
        printer.line(paragraph(f"the hosts differ: {'; '.join(report.unlike)}"), "yellow")
    if report.unmatched:
        printer.line(paragraph(f"without a partner: {', '.join(report.unmatched)}"), "yellow")
    percent = f"{100 * report.threshold:g}"
    printer.line(
        paragraph(
            f"slower and faster: by {percent}% or more, and the interval excludes no change; "
            f"no change: the whole interval is within {percent}%; else inconclusive; "
            "at N ns: the hand-off between the CPUs"
        ),
        "dim",
    )
    for met in report.met:
        what = f"{met.comparison.title}, {met.comparison.threads} thr: {met.change.metric}"
        note = "" if met.comparison.validity == "valid" else f" ({met.comparison.validity})"
        printer.line(f"failed{note}: {met.rule.text}: {what} {_met_by(met)}", "bold red")
    if report.interrupted:
        printer.line("interrupted: of what was measured until then", "yellow")
