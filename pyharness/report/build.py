"""From runs to a report: what there is decides what is shown."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pyharness.bench.results import BenchReport
from pyharness.report.bench_sections import bench_sections
from pyharness.report.documents import Doctor, Hunt, HuntEntry, Replay, Run, Verify, VerifyEntry
from pyharness.report.hunt_sections import hunt_section
from pyharness.report.labels import moment
from pyharness.report.verify_sections import verify_section, witness_section
from pyharness.report.views import (
    Block,
    Cell,
    CommandsView,
    CommandView,
    ListView,
    Report,
    Section,
    tag,
)

_HOST = {
    "cpu": "CPU",
    "cpus": "CPUs",
    "arch": "architecture",
    "page_size": "page size, bytes",
    "cache_line": "cache line, bytes",
    "clock_step_ns": "clock step, ns",
    "clock_cost_ns": "clock reading, ns",
    "system_call_ns": "system call, ns",
    "interrupt_ns": "interrupt to another CPU, ns",
    "handoff_ns": "hand-off, ns",
    "remap_ns": "remap of one page, ns",
    "max_map_count": "vm.max_map_count",
}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_value(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return str(value)


def _facts(run: Run) -> dict[str, Any]:
    document = run.document
    if isinstance(document, BenchReport):
        return {**document.host, **document.environment}
    if isinstance(document, Hunt | Verify):
        return dict(document.host)
    if isinstance(document, Doctor):
        return {"cpu": document.facts.cpu, "kernel": document.facts.kernel}
    return {}


def _environment(runs: Sequence[Run]) -> Section | None:
    """The hosts, each once: what one run knows of it beyond another is added."""
    hosts: dict[tuple[str, str], tuple[list[str], dict[str, Any]]] = {}
    for run in runs:
        facts = {k: v for k, v in _facts(run).items() if v is not None}
        if facts:
            key = (str(facts.get("cpu")), str(facts.get("kernel")))
            names, known = hosts.setdefault(key, ([], {}))
            names.append(run.name)
            known |= facts
    if not hosts:
        return None
    blocks: list[Block] = [
        ListView(
            "" if len(hosts) == 1 else "Host of " + ", ".join(names),
            [(_HOST.get(k, k.replace("_", " ")), _value(v)) for k, v in known.items()],
        )
        for names, known in hosts.values()
    ]
    lead = "Where this was run. Figures of one host say little about another."
    if len(hosts) > 1:
        lead = "These runs are of different hosts: do not compare their figures."
    return Section("environment", "Environment", lead, blocks)


def _parameters(values: dict[str, int]) -> list[str]:
    return [word for k, v in values.items() for word in ("-P", f"{k}={v}")]


def _rebuilt(run: Run) -> list[str]:
    """A command that asks for the same, where the run did not keep its own."""
    document, words = run.document, ["vmemstress", run.kind]
    if isinstance(document, Replay):
        return [*words, document.token]
    if isinstance(document, BenchReport):
        return [*words, *dict.fromkeys(f"{m.group}/{m.name}" for m in document.results)]
    if isinstance(document, Hunt | Verify):
        entries: Sequence[HuntEntry | VerifyEntry] = document.results
        if document.suite:
            words += ["--suite", document.suite]
        elif entries:
            words += dict.fromkeys(e.name for e in entries)
            regimes = {e.regime for e in entries if e.regime}
            words += ["--regime", regimes.pop()] if len(regimes) == 1 else []
            words += _parameters(entries[0].parameters) if len(entries) == 1 else []
    if isinstance(document, Hunt):
        words += ["--budget", f"{document.budget:g}s"] if document.budget else []
        words += ["--seed", str(document.seed)] if document.seed is not None else []
    return words


def _labels(run: Run) -> Iterator[Cell]:
    """How a run came out, counted."""
    document = run.document
    if isinstance(document, BenchReport):
        for name, n in Counter(m.validity for m in document.results).items():
            yield Cell(f"{n} {name}", tone=tag(name).tone)
        if document.failures:
            yield Cell(f"{len(document.failures)} failed", tone="bad")
    elif isinstance(document, Hunt | Verify):
        entries: Sequence[HuntEntry | VerifyEntry] = document.results
        for name, n in Counter(e.verdict for e in entries).items():
            yield Cell(f"{n} {name}", tone=tag(name).tone)
        wrong = sum(e.as_expected is False for e in entries)
        if wrong:
            yield Cell(f"{wrong} not expected", tone="bad")
    if isinstance(document, Hunt):
        for name, n in Counter(e.validity.verdict for e in document.results).items():
            yield Cell(f"{n} {name}", tone=tag(name).tone)
    if getattr(document, "interrupted", False):
        yield Cell("interrupted", tone="warn")


def _what(run: Run) -> str:
    document = run.document
    if isinstance(document, BenchReport):
        return f"{len(document.results)} measurements"
    if isinstance(document, Hunt):
        return f"{len(document.results)} rows hunted"
    if isinstance(document, Verify):
        return f"{len(document.results)} searches"
    return "one witness" if isinstance(document, Replay) else "this host"


def _runs(runs: Sequence[Run]) -> Section:
    views = [
        CommandView(
            name=run.name,
            what=f"{run.kind}: {_what(run)}",
            command=shlex.join(run.command or _rebuilt(run)),
            exact=run.command is not None,
            when=moment(run.started),
            labels=list(_labels(run)),
        )
        for run in runs
    ]
    return Section("runs", "Runs", "What was run, by which command.", [CommandsView(views)])


def build(runs: Sequence[Run], version: str) -> Report:
    """The report on these runs, in the order in which a reader asks."""
    measured, charts = bench_sections(runs)
    sections = [
        _runs(runs),
        *measured,
        *(s for s in (hunt_section(runs), verify_section(runs), witness_section(runs)) if s),
        *(s for s in (_environment(runs),) if s),
    ]
    kinds = ", ".join(dict.fromkeys(run.kind for run in runs))
    dates = sorted(d for run in runs if (d := moment(run.started)))
    when = f", {dates[0]}" + (f" to {dates[-1]}" if dates[0] != dates[-1] else "") if dates else ""
    many = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    return Report(
        title="vmemstress report",
        subtitle=f"{many} ({kinds}){when}",
        version=version,
        sections=sections,
        charts=charts,
    )
