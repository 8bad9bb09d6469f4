"""Charts of the line between CPUs: the paced sweep and the core-to-core map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pyharness.report.charts import HeatMap, LineChart, Point, Series, Slugs
from pyharness.report.documents import HandoffFact
from pyharness.report.labels import number
from pyharness.report.measured import PACE, Measured, by_key, chunks, key_of, shown
from pyharness.report.palette import SERIES

_MAX_CPUS = 64
_MIN_STEPS = 3


@dataclass(frozen=True, slots=True)
class Paced:
    """One step of a paced sweep: alone and together with the same parallel section, ns."""

    section_ns: float
    cost_ns: float
    handoff_ns: float
    solid: bool


def _pace(x: Measured) -> float:
    value = x.m.metrics.get(f"{PACE}_handoffs", x.m.settings.get(PACE, 0))
    return float(value) if isinstance(value, int | float) else 0.0


def paced_steps(rows: Sequence[Measured], threads: int) -> list[Paced]:
    """The sweep of one benchmark: each pace with `threads` threads against one alone.

    The parallel section is what was asked for in line transfers, or else the time that a
    single thread takes beyond its bare operation.
    """
    alone = {_pace(x): x for x in rows if x.m.threads == 1 and x.get("ns_per_op")}
    if not alone:
        return []
    bare = min(x.m.metrics["ns_per_op"] for x in alone.values())
    found = []
    for x in rows:
        base, handoff, cost = alone.get(_pace(x)), x.get("handoff_ns"), x.get("ns_per_op")
        if x.m.threads != threads or base is None or not handoff or cost is None:
            continue
        whole = base.m.metrics["ns_per_op"]
        handoffs = x.get(f"{PACE}_handoffs")
        section = whole - bare if handoffs is None else handoffs * handoff
        found.append(Paced(section, cost - whole, handoff, x.solid and base.solid))
    return sorted(found, key=lambda p: p.section_ns / p.handoff_ns)


def paced(measured: Sequence[Measured], slugs: Slugs) -> list[LineChart]:
    """What contention costs, once the line has time to travel between two operations."""
    sweeps = by_key((x for x in measured if x.m.group == "atomics"), lambda x: key_of(x, PACE))
    sweeps = {k: v for k, v in sweeps.items() if any(x.paced for x in v)}
    charts = []
    for chunk in chunks(sweeps):
        name = shown([x for v in chunk.values() for x in v], PACE)
        series: list[Series] = []
        for members in chunk.values():
            for threads in sorted({x.m.threads for x in members} - {1}):
                steps = paced_steps(members, threads)
                if len(steps) < _MIN_STEPS:
                    continue
                points = tuple(
                    Point(s.section_ns / s.handoff_ns, c, c, c, s.solid)
                    for s in steps
                    if math.isfinite(c := s.cost_ns / s.handoff_ns)
                )
                title = f"{name(members[0])}, {threads} threads"
                series.append(Series(title, len(series) % SERIES, points))
        if not series:
            continue
        top = max(p.x for s in series for p in s.points)
        charts.append(
            LineChart(
                slug=slugs.make("paced-sweep"),
                title="Paced sweep: the true cost of contention",
                caption="What an operation costs more than alone, by the work that a thread does "
                "between two operations; both in line transfers (one hand-off, one way, measured "
                "around each run). A tight loop, at the left, does many operations while it owns "
                "the line and hides the transfer.",
                x_label="parallel section, line transfers",
                y_label="extra cost, line transfers",
                series=tuple(series),
                ideal=("one transfer", ((0.0, 1.0), (top, 1.0))),
            )
        )
    return charts


def handoffs(
    measured: Sequence[Measured], facts: Sequence[HandoffFact], slugs: Slugs
) -> HeatMap | None:
    """The hand-off between each two CPUs that were looked at; None when there are none."""
    found: dict[tuple[int, int], list[float]] = {}
    for fact in facts:
        if fact.ns is not None:
            found.setdefault((min(fact.cpus), max(fact.cpus)), []).append(fact.ns)
    for x in measured:
        for r in x.m.repetitions:
            cpus = [t.cpu for t in r.threads[:2]]
            if len(cpus) == 2 and cpus[0] != cpus[1] and min(cpus) >= 0:
                both = (r.handoff_before_ns, r.handoff_after_ns)
                pair = (min(cpus), max(cpus))
                found.setdefault(pair, []).extend(v for v in both if v is not None)
    found = {k: v for k, v in found.items() if v}
    cpus = sorted({cpu for pair in found for cpu in pair})[:_MAX_CPUS]
    if not cpus:
        return None
    values = tuple(
        tuple(
            median(found[a, b]) if (a, b) in found
            else median(found[b, a]) if (b, a) in found
            else None
            for b in cpus
        )
        for a in cpus
    )
    every = [v for each in found.values() for v in each]
    return HeatMap(
        slug=slugs.make("core-to-core"),
        title="Core-to-core map",
        caption="One-way hand-off of a line between two CPUs, ns, the median of all looks "
        f"({len(every)}, from {number(min(every))} to {number(max(every))} ns). A host that "
        "moves virtual CPUs shows as a wide range.",
        labels=tuple(str(c) for c in cpus),
        axis="CPU",
        values=values,
        unit="ns",
    )
