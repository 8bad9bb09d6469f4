"""`vmemstress doctor`: what this machine can show, and what each lack costs."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def doctor(as_json: bool, color: str) -> int:
    """Look at this machine: what it can show, and what each thing it lacks costs."""
    from pyharness.host.doctor import examine
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, write

    facts = examine()
    if as_json:
        found = {f.key: f.value for f in facts}
        lacks = [{"what": f.key, "cost": f.cost} for f in facts if f.cost]
        write(jsonout.encode({**jsonout.header("doctor"), "facts": found, "lacks": lacks}))
        return 0
    printer = Printer(color)
    size = max(len(f.label) for f in facts)
    for fact in facts:
        printer.line(f"  {fact.label:<{size}}  {fact.shown}")
        if fact.cost:
            printer.line(f"  {'':<{size}}  costs: {fact.cost}", "yellow")
    if not any(f.cost for f in facts):
        printer.line("  nothing lacks that hunting needs")
    return 0
