"""`vmemstress compare A B`: stored runs side by side, or two benchmarks in turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from pyharness.cli.saving import store_option
from pyharness.errors import UsageError, quote

if TYPE_CHECKING:
    from pyharness.bench.options import Options
    from pyharness.compare.options import Settings
    from pyharness.compare.results import CompareReport
    from pyharness.compare.rules import Rule

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)%?", re.ASCII)
_EPILOG = """A and B are runs of bench (@last~1 @last, @NAME, the beginning of an ID, or the path
of a JSON file), or two benchmarks that are measured here in turn: add_unless
add_unless:backoff=pause. A rule of --fail-if is a metric, > or <, and +N% or -N% (the change
from A to B) or a number with its unit (B alone): p99>+5%, ops_per_s<-3%, ns_per_op>40ns; it is
met when the interval agrees. Without --fail-if the exit code is 0 whatever the verdict, 6 when
nothing could be decided."""


def _threshold(text: str) -> float:
    match = _PERCENT.fullmatch(text.strip())
    if not match or not 0 < float(match[1]) <= 100:
        raise UsageError(f"--threshold: {quote(text)} is no percentage; write 5%, more than 0")
    return float(match[1]) / 100


@click.command(epilog=_EPILOG)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--fail-if", "rules", multiple=True, metavar="RULE", help="Exit 4 when it is met.")
@click.option(
    "--threshold", default="5%", show_default=True, metavar="P%", help="The least effect."
)
@click.option("--metric", metavar="NAME", help="Judge by this; default: the steady cost.")
@click.option("--raw", is_flag=True, help="Kept runs: leave the hosts' speed in the ratio.")
@click.option("--any-host", is_flag=True, help="Compare hosts and placements that differ.")
@click.option("--pairs", type=int, metavar="N", help="In turn: pairs, up to 4N if noisy.  [30]")
@click.option("--threads", metavar="LIST", help="In turn: 1,2: each.  [default: 1, all CPUs]")
@click.option("--time", "window", metavar="TIME", help="In turn: a window.  [default: 20ms]")
@click.option("--affinity", metavar="WHERE", help="In turn: as for bench.")
@click.option("--realtime", is_flag=True, help="In turn: workers under SCHED_FIFO.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def compare(a: str, b: str, **given: Any) -> int:
    """Say whether B is slower or faster than A, with an interval, or that it is not known."""
    from pyharness.compare.options import Settings
    from pyharness.compare.rules import parse_rule
    from pyharness.compare.show import print_report
    from pyharness.compare.specs import is_run
    from pyharness.host import facts as host
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, write

    rules = tuple(parse_rule(text) for text in given["rules"])
    settings = Settings(
        _threshold(given["threshold"]), given["metric"], given["any_host"], given["raw"]
    )
    if is_run(a) != is_run(b):
        run, spec = (a, b) if is_run(a) else (b, a)
        raise UsageError(
            f"{quote(run)} is a run that was kept, {quote(spec)} a benchmark; give two of a kind"
        )
    if is_run(a):
        report = _stored(a, b, given, settings, rules)
    else:
        report = _in_turn(a, b, given, settings, rules)
    if given["as_json"]:
        head = {**jsonout.header("compare"), "host": host.describe()}
        write(jsonout.encode({**head, **report.as_object()}))
    else:
        print_report(Printer(given["color"]), report)
    return int(report.exit_code)


def _stored(
    a: str, b: str, given: dict[str, Any], settings: Settings, rules: tuple[Rule, ...]
) -> CompareReport:
    from pyharness.compare.judge import compare_rows
    from pyharness.compare.match import match, measurements, unlike
    from pyharness.compare.results import CompareReport, check_rules
    from pyharness.store import resolve

    for option in ("pairs", "threads", "window", "affinity"):
        if given[option] is not None:
            name = {"window": "time"}.get(option, option)
            raise UsageError(f"--{name} is for benchmarks measured in turn; A and B are runs")
    left, right = (resolve(x, root=given["store_dir"], verbs=("bench",)) for x in (a, b))
    found = measurements(left, "A"), measurements(right, "B")
    differs = unlike(left.data.get("host", {}), right.data.get("host", {}))
    if differs and not settings.across:
        raise UsageError(
            f"A and B were measured on hosts that differ: {'; '.join(differs)}; "
            "--any-host compares them all the same"
        )
    pairs, *rest = match(*found)
    if not pairs:
        raise UsageError(f"no benchmark is in both {left.label} and {right.label}")
    rows = [c for x, y in pairs for c in compare_rows(x, y, settings)]
    if all(c.elsewhere for c in rows):
        raise UsageError(
            f"A and B were measured in placements that differ: {rows[0].title}: "
            f"{rows[0].reason}; --any-host compares them all the same"
        )
    _check_metric(settings, rows)
    check_rules(rules, rows)
    return CompareReport(
        a={"label": left.label, "run": left.meta},
        b={"label": right.label, "run": right.meta},
        threshold=settings.threshold,
        comparisons=tuple(rows),
        unmatched=tuple(
            f"{m.title} ({m.threads} thr, {side})"
            for side, ms in zip("AB", rest, strict=True)
            for m in ms
        ),
        unlike=tuple(differs),
        rules=rules,
    )


def _check_metric(settings: Settings, rows: list[Any]) -> None:
    from pyharness.compare.figures import check_known
    from pyharness.compare.results import known_metrics

    have = known_metrics(rows)
    if settings.metric is not None and have:
        check_known(settings.metric, have, "--metric")


def _options(given: dict[str, Any]) -> Options:
    import secrets

    from pyharness.bench.options import Options
    from pyharness.host.topology import resolve_affinity
    from pyharness.output.units import parse_duration

    try:
        window = parse_duration(given["window"]) if given["window"] else 0.02
    except UsageError as error:
        raise UsageError(f"--time: {error}") from None
    return Options(
        repetitions=30 if given["pairs"] is None else given["pairs"],
        window=window,
        warmup=0.005,
        cpus=resolve_affinity(given["affinity"] or "compact"),
        realtime=given["realtime"],
        seed=secrets.randbits(64),
    )


def _in_turn(
    a: str, b: str, given: dict[str, Any], settings: Settings, rules: tuple[Rule, ...]
) -> CompareReport:
    from pyharness.bench.run import usable_cpus
    from pyharness.bench.sweep import parse_counts
    from pyharness.compare.results import CompareReport, check_rules
    from pyharness.compare.run import Turn, run_in_turn
    from pyharness.compare.specs import pair_up, parse_spec
    from pyharness.hunt.options import MAX_THREADS
    from pyharness.output.interrupt import Interrupt
    from pyharness.output.progress import make_line

    if given["raw"]:
        raise UsageError("--raw is for runs that were kept; what is measured in turn is raw")
    counts: tuple[int, ...] = ()
    if given["threads"] is not None:
        counts = parse_counts(given["threads"], "--threads", 1, MAX_THREADS)
    options = _options(given)
    specs = parse_spec(a, "A", counts), parse_spec(b, "B", counts)
    rows = pair_up(*specs, len(usable_cpus(options)))
    line = make_line(quiet=given["quiet"], color=given["color"])

    def show(turn: Turn) -> None:
        line.show(lambda: f"{turn.done}/{turn.pairs} {turn.title}")

    try:
        with Interrupt() as interrupt:
            found, interrupted = run_in_turn(
                rows, options, settings, interrupt=interrupt, progress=show
            )
    finally:
        line.close()
    _check_metric(settings, found)
    check_rules(rules, found)
    return CompareReport(
        a={"label": a, "run": None},
        b={"label": b, "run": None},
        threshold=settings.threshold,
        comparisons=tuple(found),
        unmatched=(),
        unlike=(),
        rules=rules,
        interrupted=interrupted,
    )
