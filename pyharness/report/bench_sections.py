"""What was measured: curves, and every figure in a table with its validity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyharness.bench.results import BenchReport
from pyharness.report.bench_charts import by_setting, contention, percentiles
from pyharness.report.charts import Chart, Slugs
from pyharness.report.documents import Doctor, Run
from pyharness.report.figures import figures_view
from pyharness.report.host_charts import handoffs, paced
from pyharness.report.labels import label, metric, settings_text
from pyharness.report.measured import Measured
from pyharness.report.remap_charts import remap_costs
from pyharness.report.views import Block, Cell, Head, Section, TableView, tag

# shown in columns of their own
_OWN = ("ns_per_op", "spread", "ops_per_s")
# of use to a program, or said elsewhere
_LEFT_OUT = (
    *("cpu_ns_per_op", "counted", "handoff_ns", "pace_handoffs", "pace_target_ns"),
    *("reader_cpu_ns_per_op", "remapper_cpu_ns_per_op", "longest_run"),
)
_MOST_COLUMNS = 14


def measured_of(runs: Sequence[Run]) -> list[Measured]:
    """Every measurement of every run, void ones left out: they are no figures."""
    benches = [r for r in runs if isinstance(r.document, BenchReport)]
    return [
        Measured(run.name, m)
        for run in benches
        if isinstance(run.document, BenchReport)
        for m in run.document.results
        if m.validity != "void"
    ]


def _extra_columns(rows: Sequence[Measured]) -> list[str]:
    """Other metrics worth a column: those that are not 0 throughout."""
    names = dict.fromkeys(k for x in rows for k in x.m.metrics if k not in (*_OWN, *_LEFT_OUT))
    return [k for k in names if any(x.m.metrics.get(k) for x in rows)][:_MOST_COLUMNS]


def measurement_table(group: str, rows: Sequence[Measured]) -> TableView:
    """All of a group's figures; a column is there when some row has something for it."""
    extra = _extra_columns(rows)
    runs = len({x.run for x in rows})
    regimes = any(x.m.regime for x in rows)
    instructions = any(x.m.instruction for x in rows)
    ratios = any(x.m.ratio is not None for x in rows)
    table = TableView(
        f"{group}: medians over the repetitions that count. Spread is the interquartile range "
        "over the median.",
        [
            *(Head("Benchmark"), Head("Threads", right=True), Head("Variant")),
            *([Head("Regime")] if regimes else []),
            Head("Validity"),
            *([Head("Ratio to bare", right=True)] if ratios else []),
            *(Head(t, right=True) for t in ("Per operation", "Spread", "All threads")),
            *(Head(label(k), right=True) for k in extra),
            *([Head("Instruction")] if instructions else []),
        ],
    )
    for x in rows:
        m = x.m
        run = f"({x.run})" if runs > 1 else ""
        name = " ".join(p for p in (m.name, settings_text(x.settings), run) if p)
        known = {k: metric(k, v) for k, v in m.metrics.items()}
        table.add(
            Cell(name, hint=m.operation),
            str(m.threads),
            m.variant,
            *([m.regime or ""] if regimes else []),
            Cell(m.validity, tone=tag(m.validity).tone, hint=m.reason),
            *(["" if m.ratio is None else f"{m.ratio:.3f}"] if ratios else []),
            *(known.get(k, "") for k in _OWN),
            *(known.get(k, "") for k in extra),
            *([Cell(m.instruction or "", code=True)] if instructions else []),
        )
    return table


def _doubts(runs: Sequence[Run]) -> TableView | None:
    """Measurements that are not valid, with the reason, and those that failed."""
    table = TableView(
        "Not to be taken at face value, and why.",
        [Head("Benchmark"), Head("Validity"), Head("Reason")],
    )
    for run in runs:
        if not isinstance(run.document, BenchReport):
            continue
        for m in run.document.results:
            if m.validity != "valid":
                table.add(f"{m.title}, {m.threads} threads", tag(m.validity), m.reason)
        for failure in run.document.failures:
            name, reason = (str(failure.get(k, "?")) for k in ("benchmark", "reason"))
            table.add(name, Cell("failed", tone="bad"), reason)
    return table if table.rows else None


_Parts = tuple[str, str, str, Sequence[Chart]]


def _parts(measured: Sequence[Measured], runs: Sequence[Run], slugs: Slugs) -> Iterator[_Parts]:
    facts = [f for r in runs if isinstance(r.document, Doctor) for f in r.document.facts.handoff]
    yield (
        "contention",
        "Contention",
        "What sharing a line costs as threads are added.",
        [*paced(measured, slugs), *contention(measured, slugs)],
    )
    yield (
        "remap",
        "Cost of a remap, by strategy",
        "The remapper's time beside what the readers lost meanwhile: a strategy that is cheap "
        "for one may be dear for the others.",
        remap_costs(measured, slugs),
    )
    yield (
        "sweeps",
        "Cost by setting",
        "One setting varied, the others held.",
        by_setting(measured, slugs),
    )
    yield (
        "percentiles",
        "Latency percentiles",
        "Medians hide what hurts: the tails.",
        percentiles(measured, slugs),
    )
    heat = handoffs(measured, facts, slugs)
    yield (
        "core-to-core",
        "Core-to-core hand-off",
        "How far apart the CPUs are, which moves every contended figure.",
        [heat] if heat else [],
    )


def bench_sections(runs: Sequence[Run]) -> tuple[list[Section], list[Chart]]:
    """The sections on measurements, and their charts."""
    measured, slugs = measured_of(runs), Slugs()
    sections: list[Section] = []
    charts: list[Chart] = []
    for name, title, lead, found in _parts(measured, runs, slugs):
        if found:
            sections.append(Section(name, title, lead, [figures_view(found)]))
            charts += found
    if any(isinstance(r.document, BenchReport) and r.document.results for r in runs):
        sections.append(
            Section(
                "figures",
                "All figures",
                "The numbers behind the drawings.",
                list(_tables(measured, _doubts(runs))),
            )
        )
    return sections, charts


def _tables(measured: Sequence[Measured], doubts: TableView | None) -> Iterator[Block]:
    groups: Iterable[str] = dict.fromkeys(x.m.group for x in measured)
    for group in groups:
        yield measurement_table(group, [x for x in measured if x.m.group == group])
    if doubts:
        yield doubts
