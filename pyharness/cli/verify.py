"""`vmemstress verify`: every interleaving, three memory models, a witness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from pyharness.cli.options import assignments, color_option, parsed
from pyharness.cli.saving import begin, keeping_options
from pyharness.output.units import parse_duration, parse_seed

if TYPE_CHECKING:
    from pyharness.output.console import Printer
    from pyharness.verify.results import VerifyReport, VerifyResult


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
    from pyharness.catalogue.plan import Request
    from pyharness.output.console import Printer, write
    from pyharness.output.interrupt import Interrupt
    from pyharness.output.json import encode
    from pyharness.verify.options import Options, check_options
    from pyharness.verify.progress import make_progress
    from pyharness.verify.run import verify_plan
    from pyharness.verify.show import matrix_report, print_matrix, report_object

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
    request = Request(
        names=names,
        suite=options["suite"],
        regime=options["regime"],
        parameters=assignments(options["parameters"], "-P"),
        knobs=assignments(options["knobs"], "--knob"),
    )
    progress = make_progress(quiet=options["quiet"], color=options["color"])
    try:
        with Interrupt() as interrupt:
            if options["matrix"]:
                report = matrix_report(chosen, interrupt, progress)
            else:
                report = verify_plan(request, chosen, interrupt, progress)
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
        _print(printer, report, quiet=options["quiet"], verbose=options["verbose"])
    return code


def _print(printer: Printer, report: VerifyReport, *, quiet: bool, verbose: bool) -> None:
    from pyharness.verify.show import result_table

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
    from pyharness.output.tables import width
    from pyharness.verify.token import replay_command
    from pyharness.verify.witness import long_lines, text_lines

    assert result.witness is not None
    printer.line()
    printer.line(result.witness.title, "bold")
    for line in (long_lines if verbose else text_lines)(result.witness, width()):
        printer.line(line)
    printer.line()
    printer.line(f"    replay: {replay_command(result.row.name, result.witness.token)}")
