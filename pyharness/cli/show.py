"""`vmemstress show NAME`: the full story of a scenario, mutant, regime or suite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pyharness.output.console import Printer


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def show(name: str, as_json: bool, color: str) -> int:
    """Tell the full story of a scenario, mutant, regime, suite or a file of yours."""
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, write

    story = find(name)
    if as_json:
        write(jsonout.encode({**jsonout.header("show"), **story}))
    else:
        printers = {"scenario": _scenario, "case": _case, "regime": _regime, "suite": _suite}
        printers[story["kind"]](Printer(color), story)
    return 0


def find(name: str) -> dict[str, Any]:
    """The story of whatever has this name; UsageError with the nearest names otherwise."""
    from pyharness.catalogue import describe
    from pyharness.catalogue import find as catalogue
    from pyharness.catalogue.regime import find_regime, regimes
    from pyharness.catalogue.suite import cases, suites
    from pyharness.errors import UsageError, unknown

    if name in catalogue.scenarios():
        return describe.scenario_story(catalogue.scenarios()[name])
    if name in regimes() or name.endswith(".toml"):
        return describe.regime_story(find_regime(name))
    if name in suites():
        return describe.suite_story(suites()[name])
    if name in cases():
        return describe.case_story(cases()[name])
    if catalogue.is_file_name(name):
        return describe.scenario_story(catalogue.find_scenario(name))
    raise UsageError(unknown("name", name, describe.all_names()))


def _heading(printer: Printer, story: dict[str, Any], title: str) -> None:
    printer.line(f"{story['name']}: {title}", "bold")


def _section(printer: Printer, title: str, lines: Iterable[str]) -> None:
    found = list(lines)
    if found:
        printer.line()
        printer.line(title, "bold")
        for line in found:
            printer.line(line)


def _expected(entry: dict[str, Any]) -> str:
    return f"{entry['verdict']} {' '.join(entry['hazards'])}".rstrip()


def _scenario(printer: Printer, story: dict[str, Any]) -> None:
    from pyharness.output.tables import Column, Table, paragraph

    _heading(printer, story, story["title"])
    told = story["story"] if story["story"] != story["title"] else ""
    for part in told.split("\n\n") if told else []:
        printer.line()
        printer.line(paragraph(part))
    _section(printer, "actors", (f"  {a['name']:<14} {a['about']}" for a in story["actors"]))
    _section(
        printer,
        "parameters (-P name=value)",
        (
            f"  {p['name']:<14} {p['low']} to {p['high']}, default {p['default']}: {p['about']}"
            for p in story["parameters"]
        ),
    )
    _section(printer, "outcomes", ())
    table = Table([Column("OUTCOME"), Column("GRADE"), Column("HAZARD"), Column("WHAT", flex=True)])
    for o in story["outcomes"][: story["own_outcomes"]]:
        table.add(o["outcome"], o["grade"], o["hazard"] or "-", o["about"], style=o["grade"])
    printer.line()
    printer.table(table)
    _section(
        printer,
        "expected, by regime" if story["vmemmap"] else "expected",
        (f"  {name:<20} {_expected(e)}" for name, e in story["expected"].items()),
    )
    shown = "real threads can show it" if story["hardware"] else "only the model can show it"
    tail = [f"  suites: {', '.join(story['suites']) or 'none'}; {shown}"]
    _section(
        printer, "where from", [paragraph(story["source"] or "-"), f"  {story['file']}", *tail]
    )


def _case(printer: Printer, story: dict[str, Any]) -> None:
    from pyharness.output.tables import paragraph

    _heading(printer, story, f"case of suite {story['suite']}")
    printer.line()
    printer.line(paragraph(story["says"]))
    hardware = {True: "yes", False: "no, only the model", "weak": "with weak memory order only"}
    lines = {
        "claim": story["claim"],
        "scenario": story["scenario"],
        "regime": story["regime"],
        "knobs": ", ".join(f"{k}={_toml(v)}" for k, v in story["knobs"].items()),
        "parameters": ", ".join(f"{k}={v}" for k, v in story["parameters"].items()),
        "expected": f"{story['expected']} {' '.join(story['hazards'])}".rstrip(),
        "on hardware": hardware[story["hardware"]],
    }
    _section(printer, "runs", (f"  {k:<12} {v}" for k, v in lines.items() if v))
    printer.line()
    printer.line(f"  vmemstress show {story['scenario']} tells the rest")


def _toml(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _regime(printer: Printer, story: dict[str, Any]) -> None:
    from pyharness import _lib
    from pyharness.output.tables import Column, Table, paragraph

    _heading(printer, story, story["title"])
    printer.line()
    printer.line(paragraph(story["about"]))
    about = {k.name: k.about for k in _lib.knobs()}
    table = Table([Column("KNOB"), Column("VALUE"), Column("WHAT", flex=True)])
    for name, value in story["knobs"].items():
        table.add(name, _toml(value), about[name])
    printer.line()
    printer.table(table)
    _section(
        printer,
        "expected, by scenario",
        (f"  {name:<20} {_expected(e)}" for name, e in story["expected"].items()),
    )
    _section(printer, "sources", (paragraph(s) for s in story["sources"]))


def _suite(printer: Printer, story: dict[str, Any]) -> None:
    from pyharness.output.tables import Column, Table, paragraph

    _heading(printer, story, story["title"])
    printer.line()
    printer.line(paragraph(story["about"]))
    table = Table(
        [
            Column("CASE"),
            Column("SCENARIO"),
            Column("REGIME"),
            Column("EXPECTED"),
            Column("WHAT IT SAYS", flex=True),
        ]
    )
    for c in story["cases"]:
        expected = f"{c['expected']} {' '.join(c['hazards'])}".rstrip()
        claim = f"{c['claim']}: " if c["claim"] else ""
        table.add(c["name"], c["scenario"], c["regime"] or "-", expected, claim + c["says"])
    printer.line()
    printer.table(table)
