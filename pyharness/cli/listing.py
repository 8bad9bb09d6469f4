"""`vmemstress list`: scenarios, mutants, regimes and suites, one line each."""

from __future__ import annotations

from typing import Any

import click


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def list_(as_json: bool, color: str) -> int:
    """List scenarios, mutants, regimes and suites, one line each."""
    from pyharness.catalogue.describe import listing
    from pyharness.output import json as jsonout
    from pyharness.output.console import write

    found = listing()
    if as_json:
        write(jsonout.encode({**jsonout.header("list"), **found}))
    else:
        _print(found, color)
    return 0


def _print(found: dict[str, Any], color: str) -> None:
    from pyharness.output.console import Printer

    printer = Printer(color)
    scenarios = [s for s in found["scenarios"] if s["base"] is None]
    mutants = [s for s in found["scenarios"] if s["base"] is not None]
    lines = {
        "scenarios": [(s["name"], s["title"]) for s in scenarios],
        "mutants (scenarios with one thing broken)": [(s["name"], _mutant(s)) for s in mutants],
        "regimes": [(r["name"], r["title"]) for r in found["regimes"]],
        "suites": [(s["name"], f"{s['title']} ({len(s['cases'])} cases)") for s in found["suites"]],
    }
    size = max((len(name) for rows in lines.values() for name, _ in rows), default=0)
    for title, rows in lines.items():
        printer.line(title, "bold")
        for name, text in rows:
            printer.line(f"  {name:<{size}}  {text}".rstrip())
        printer.line()


def _mutant(entry: dict[str, Any]) -> str:
    where = {False: " [model only]", "weak": " [weak memory order only]"}
    return f"{entry['title']}{where.get(entry['hardware'], '')}"
