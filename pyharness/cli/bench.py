"""`vmemstress bench`: what the reference count and each way to remap cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pyharness.cli.saving import begin, keeping_options
from pyharness.output.units import parse_duration, parse_seed

if TYPE_CHECKING:
    from pyharness.bench.options import Options
    from pyharness.bench.results import BenchReport
    from pyharness.bench.run import Tick
    from pyharness.bench.select import Selection
    from pyharness.cli.saving import Keeping
    from pyharness.output.progress import Line

_EPILOG = """NAME is a group, group/name, or a name that only one group has; --list shows them.
Without NAME: a quick tour of every group. Settings: -P line=false-sharing, -P pace=0..400/50,
-P strategy=all; --sweep pace=0..10x counts in line transfers as they are here."""


def _duration(_ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    from pyharness.errors import UsageError

    try:
        return None if value is None else parse_duration(value)
    except UsageError as error:
        raise UsageError(f"{param.opts[0]}: {error}") from None


def _seed(_ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    from pyharness.errors import UsageError

    try:
        return None if value is None else parse_seed(value)
    except UsageError as error:
        raise UsageError(f"{param.opts[0]}: {error}") from None


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--threads", metavar="LIST", help="1,2,4: each in turn.  [default: 1, all CPUs]")
@click.option("--variant", metavar="LIST", help="lock; llsc, lse, outline; all.")
@click.option("-P", "settings", multiple=True, metavar="NAME=VALUES", help="Setting, or several.")
@click.option("--sweep", "sweeps", multiple=True, metavar="NAME=A..B", help="As -P: pace=0..10x.")
@click.option("--regime", metavar="LIST", help="Protocols of the lookup, by name or file.")
@click.option("--repetitions", type=int, metavar="N", help="Windows of each.  [default: 5]")
@click.option("--time", "window", callback=_duration, metavar="TIME", help="A window.  [0.2s]")
@click.option("--warmup", callback=_duration, metavar="TIME", help="Before each.  [0.02s]")
@click.option(
    "--patience",
    callback=_duration,
    metavar="TIME",
    help="Make windows again that the host disturbed, for so long.  [0s]",
)
@click.option(
    "--affinity",
    default="compact",
    metavar="WHERE",
    help="compact, scatter, none, or a CPU list like 0,2-5.  [default: compact]",
)
@click.option("--realtime", is_flag=True, help="Workers under SCHED_FIFO, in short windows.")
@click.option("--seed", callback=_seed, metavar="N", help="64 bits; default: random.")
@click.option("--allow-emulated", is_flag=True, help="Measure under an emulator all the same.")
@click.option("--list", "listing", is_flag=True, help="List benchmarks and their settings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--csv", "as_csv", is_flag=True, help="A line for each measurement on stdout.")
@keeping_options
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def bench(**given: Any) -> int:
    """Measure the reference count and each way to remap, and say how far to believe it."""
    from pyharness.errors import UsageError
    from pyharness.output.interrupt import Interrupt
    from pyharness.output.progress import make_line

    if given["as_json"] and given["as_csv"]:
        raise UsageError("--json and --csv both write to stdout; choose one")
    if given["listing"]:
        return _list(given)
    options, selection, keeping = _options(given), _selection(given), begin(given)
    line = make_line(quiet=given["quiet"], color=given["color"])
    with Interrupt() as interrupt:
        try:
            report = _run(selection, options, interrupt, line)
        finally:
            line.close()
        return _deliver(report, given, keeping)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(w.strip() for w in (text or "").split(",") if w.strip())


def _options(given: dict[str, Any]) -> Options:
    import secrets
    from dataclasses import replace

    from pyharness.bench.options import Options, check_options
    from pyharness.bench.run import check_host, tour_options
    from pyharness.host.topology import resolve_affinity

    options = Options(
        cpus=resolve_affinity(given["affinity"]),
        realtime=given["realtime"],
        allow_emulated=given["allow_emulated"],
        seed=secrets.randbits(64) if given["seed"] is None else given["seed"],
    )
    if not given["names"]:
        options = tour_options(options)
    names = ("repetitions", "window", "warmup", "patience")
    asked = {k: given[k] for k in names if given[k] is not None}
    options = check_options(replace(options, **asked))
    check_host(options)
    return options


def _selection(given: dict[str, Any]) -> Selection:
    from pyharness.bench.select import Selection
    from pyharness.bench.sweep import parse_assignments, parse_counts
    from pyharness.hunt.options import MAX_THREADS

    counts: tuple[int, ...] = ()
    if given["threads"] is not None:
        counts = parse_counts(given["threads"], "--threads", 1, MAX_THREADS)
    settings = parse_assignments(given["settings"], "-P")
    return Selection(
        names=given["names"],
        threads=counts,
        variants=_words(given["variant"]),
        settings=settings | parse_assignments(given["sweeps"], "--sweep"),
        regimes=_words(given["regime"]),
    )


def _describe(tick: Tick) -> str:
    from pyharness.output.units import seconds_text

    left = f", about {seconds_text(tick.seconds_left)} left" if tick.done else ""
    return f"{tick.done}/{tick.windows} {tick.title}{left}"


def _run(selection: Selection, options: Options, interrupt: Any, line: Line) -> BenchReport:
    import sys

    from pyharness.bench.run import run_bench

    def show(tick: Tick) -> None:
        line.show(lambda: _describe(tick))

    arguments = ["vmemstress", *sys.argv[1:]]
    return run_bench(selection, options, interrupt=interrupt, arguments=arguments, progress=show)


def _deliver(report: BenchReport, given: dict[str, Any], keeping: Keeping) -> int:
    from pyharness.bench.export import report_object, to_csv
    from pyharness.bench.run import exit_code
    from pyharness.bench.show import print_report
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, note, write

    found = report_object(report)
    code = keeping.end(found, exit_code(report))
    if given["as_json"]:
        write(jsonout.encode(found))
    elif given["as_csv"]:
        write(to_csv(report))
    else:
        print_report(Printer(given["color"]), report)
    for failure in report.failures:
        note(f"vmemstress: {failure['benchmark']}: {failure['reason']}")
    return code


def _list(given: dict[str, Any]) -> int:
    from pyharness.bench.listing import listing, print_listing
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, write

    if given["as_json"]:
        write(jsonout.encode({**jsonout.header("bench"), "benchmarks": listing()}))
    else:
        print_listing(Printer(given["color"]))
    return 0
