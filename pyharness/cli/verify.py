"""`vmemstress verify`: every interleaving, three memory models, a witness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from pyharness.cli.options import color_option, parsed, request_of
from pyharness.cli.saving import begin, keeping_options
from pyharness.output.units import parse_duration, parse_seed


def _bound(text: str) -> int:
    from pyharness.errors import UsageError, quote

    name, _, value = text.partition("=")
    if name != "preemptions" or not value.isdecimal():
        raise UsageError(f"--bound: {quote(text)} is not preemptions=N")
    return int(value)


def _check_matrix(names: tuple[str, ...], options: Mapping[str, Any]) -> None:
    """The matrix is of every shipped regime with what it speaks of: nothing chooses among them."""
    from pyharness.errors import UsageError, quote

    chosen = [quote(name) for name in names]
    chosen += [f"--{name}" for name in ("suite", "regime") if options[name] is not None]
    chosen += ["-P"] * bool(options["parameters"]) + ["--knob"] * bool(options["knobs"])
    if chosen:
        raise UsageError(f"--matrix searches everything; leave out {', '.join(chosen)}")


@click.command(epilog="Without arguments: the suite `thread` under every model, claim by claim.")
@click.argument("names", nargs=-1, metavar="[SCENARIO|MUTANT|FILE.c]...")
@click.option("--regime", metavar="NAME|FILE", help="Protocol; default: the case's, or linux-6.15.")
@click.option("--suite", metavar="NAME", help="Every case of a suite (or the named ones).")
@click.option("--model", default="sc,tso,arm64", show_default=True, metavar="LIST")
@click.option("-P", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter.")
@click.option("--knob", "knobs", multiple=True, metavar="NAME=VALUE", help="Change the regime.")
@click.option("--strategy", default="dfs", show_default=True, metavar="dfs|random|pct")
@click.option("--bound", metavar="preemptions=N", help="Only schedules with at most N preemptions.")
@click.option("--runs", type=int, default=0, metavar="N", help="At most N executions each.")
@click.option(
    "--budget",
    callback=parsed(parse_duration),
    metavar="TIME",
    help="At most this long for each search: 30s, 2m.",
)
@click.option("--jobs", type=int, default=1, metavar="N", help="Searches side by side.")
@click.option("--depth", type=int, default=4, metavar="N", help="Of pct's bugs, 1 to 16 [4].")
@click.option(
    "--seed", default="1", callback=parsed(parse_seed), metavar="N", help="Of random and pct."
)
@click.option("--until-found", is_flag=True, help="End a search at its first violation.")
@click.option("--matrix", is_flag=True, help="Regimes by scenarios: expected and found.")
@keeping_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No witnesses.")
@click.option("-v", "--verbose", is_flag=True, help="Witnesses with every detail.")
@color_option
def verify(names: tuple[str, ...], **options: Any) -> int:
    """Search every execution under each memory model, or show one that breaks a rule."""
    from pyharness.catalogue.plan import make_plan
    from pyharness.output.console import Printer, write
    from pyharness.output.interrupt import Interrupt
    from pyharness.output.json import encode
    from pyharness.verify.export import report_object
    from pyharness.verify.options import Options, check_options
    from pyharness.verify.progress import make_progress
    from pyharness.verify.run import verify_matrix, verify_plan
    from pyharness.verify.show import print_matrix, print_report

    preemptions = -1
    if options["bound"] is not None:
        preemptions = _bound(options["bound"])
    chosen = Options(
        models=tuple(m.strip() for m in options["model"].split(",")),
        strategy=options["strategy"],
        runs=options["runs"],
        budget=options["budget"],
        preemptions=preemptions,
        depth=options["depth"],
        jobs=options["jobs"],
        seed=options["seed"],
        until_found=options["until_found"],
    )
    check_options(chosen)
    if options["matrix"]:
        _check_matrix(names, options)
    keeping = begin(options)
    printer = Printer(options["color"])
    request = request_of({**options, "names": names})
    progress = make_progress(quiet=options["quiet"], color=options["color"])
    try:
        with Interrupt() as interrupt:
            if options["matrix"]:
                report = verify_matrix(chosen, interrupt, progress)
            else:
                report = verify_plan(make_plan(request), chosen, interrupt, progress)
            progress.close()
            found = report_object(report)
            code = keeping.end(found, report.exit_code)
    finally:
        progress.close()
    if options["as_json"]:
        write(encode(found))
    elif options["matrix"]:
        print_matrix(printer, report.results)
    else:
        print_report(printer, report, quiet=options["quiet"], verbose=options["verbose"])
    return code
