"""`vmemstress hunt`: real threads, real remaps, until found or out of budget."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from pyharness.cli.options import parsed, request_of
from pyharness.cli.saving import begin, keeping_options
from pyharness.errors import HarnessError, UnsupportedHere
from pyharness.output.units import parse_duration, parse_seed, seconds_text

if TYPE_CHECKING:
    from pyharness.catalogue.plan import Plan
    from pyharness.hunt.options import Options
    from pyharness.hunt.progress import Progress
    from pyharness.hunt.results import HuntReport, HuntResult
    from pyharness.output.console import Printer


def process_started() -> float:
    """When this process began, on the clock of time.monotonic(), to 10 ms."""
    now = time.monotonic()
    try:
        with open("/proc/self/stat", "rb") as stream:
            fields = stream.read().rsplit(b")", 1)[1].split()
        begun = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - begun
    except (OSError, ValueError, IndexError):
        return now
    # A container may show another clock: an absurd age is no age.
    return now - age if 0 <= age < 60 else now


@click.command(epilog="Without arguments: the suite `thread`, 30 s, claim by claim.")
@click.argument("names", nargs=-1, metavar="[SCENARIO|MUTANT|FILE.c]...")
@click.option("--regime", metavar="NAME|FILE", help="Protocol; default: the case's, or linux-6.15.")
@click.option("--suite", metavar="NAME", help="Hunt every case of a suite (or the named ones).")
@click.option(
    "--budget",
    default="30s",
    callback=parsed(parse_duration),
    metavar="TIME",
    help="Wall time of the whole invocation: 30s, 1.5m, 2h.  [default: 30s]",
)
@click.option("--until-found", is_flag=True, help="End a row at its first forbidden outcome.")
@click.option("--threads", type=int, metavar="N", help="Threads; default: one for each CPU.")
@click.option(
    "--affinity",
    default="compact",
    metavar="WHERE",
    help="compact, scatter, none, or a CPU list like 0,2-5.  [default: compact]",
)
@click.option(
    "--seed",
    callback=parsed(parse_seed),
    metavar="N",
    help="64 bits; default: random. Always printed.",
)
@click.option("-P", "parameters", multiple=True, metavar="NAME=VALUE", help="Scenario parameter.")
@click.option("--knob", "knobs", multiple=True, metavar="NAME=VALUE", help="Override a knob.")
@click.option("--build", type=click.Choice(["auto", "plain", "points"]), default="auto")
@click.option("--atomics", type=click.Choice(["auto", "llsc", "lse"]), default="auto")
@click.option("--no-membarrier", is_flag=True, help="RCU without the membarrier call.")
@click.option("--no-self-test", is_flag=True, help="Skip the store-buffering self-test.")
@keeping_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no table for each row.")
@click.option("-v", "--verbose", is_flag=True, help="All of the compiler's messages.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def hunt(**given: Any) -> int:
    """Hunt races on real threads and a real remapped vmemmap."""
    from pyharness.output.console import note
    from pyharness.output.interrupt import Interrupt

    with Interrupt() as interrupt:
        try:
            return _hunt(given, interrupt)
        except HarnessError as error:
            if given["verbose"] and error.detail:
                note(error.detail)
            raise


def _options(given: dict[str, Any]) -> Options:
    import secrets

    from pyharness.host.topology import resolve_affinity
    from pyharness.hunt.options import Options, check_options

    seed = given["seed"]
    return check_options(
        Options(
            budget=given["budget"],
            seed=secrets.randbits(64) if seed is None else seed,
            started=process_started(),
            threads=given["threads"],
            cpus=resolve_affinity(given["affinity"]),
            until_found=given["until_found"],
            build=given["build"],
            atomics=given["atomics"],
            membarrier=not given["no_membarrier"],
            self_test=not given["no_self_test"],
        )
    )


def _hunt(given: dict[str, Any], interrupt: Any) -> int:
    from pyharness.catalogue.plan import make_plan
    from pyharness.hunt.export import report_object
    from pyharness.hunt.progress import make_progress
    from pyharness.hunt.run import place_plan
    from pyharness.hunt.show import print_summary
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, note, write

    options, plan, keeping = _options(given), make_plan(request_of(given)), begin(given)
    place_plan(plan, options)  # refuse a bad count before anything is printed
    progress = make_progress(quiet=given["quiet"], color=given["color"])
    if given["as_json"]:
        report = _run(plan, options, interrupt, progress, None)
        found = report_object(report)
        code = keeping.end(found, report.exit_code)
        write(jsonout.encode(found))
    else:
        printer = Printer(given["color"])
        _announce(printer, plan, options)
        report = _run(plan, options, interrupt, progress, None if given["quiet"] else printer)
        code = keeping.end(report_object(report), report.exit_code)
        print_summary(printer, report)
    for failure in report.failures:
        note(f"vmemstress: {failure.row.name}: {failure.error}")
    if not report.results and not report.failures and not report.interrupted:
        raise UnsupportedHere("; ".join(f"{row.name}: {row.unshown}" for row in report.skipped))
    return code


def _announce(printer: Printer, plan: Plan, options: Options) -> None:
    from pyharness.host.facts import EMULATED, emulated

    if not plan.rows:
        return  # the table says why
    what = f"suite {plan.suite}" if plan.suite else ", ".join(row.name for row in plan.rows)
    rows = f", {len(plan.rows)} rows" if len(plan.rows) > 1 else ""
    printer.line(
        f"hunting {what}{rows}; budget {seconds_text(options.budget)}; "
        f"seed {options.seed}"
    )
    if emulated():
        printer.line(EMULATED, "yellow")
    printer.line()


def _run(
    plan: Plan, options: Options, interrupt: Any, progress: Progress, printer: Printer | None
) -> HuntReport:
    from pyharness.hunt.run import run_plan
    from pyharness.hunt.show import print_result

    def show(result: HuntResult) -> None:
        progress.pause()
        if printer is not None:
            print_result(printer, result)

    try:
        return run_plan(plan, options, interrupt=interrupt, progress=progress, on_result=show)
    finally:
        progress.close()
