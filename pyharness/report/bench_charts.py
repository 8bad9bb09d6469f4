"""From measurements to charts: contention, cost by a setting, percentiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from pyharness.bench.results import Histogram
from pyharness.report.charts import LineChart, Point, Series, Slugs
from pyharness.report.measured import PACE, Key, Measured, by_key, chunks, curves, key_of, shown
from pyharness.report.palette import SERIES

_MIN_SWEEP = 3


def contention(measured: Sequence[Measured], slugs: Slugs) -> list[LineChart]:
    """Cost and throughput by threads, of what was measured with more than one count."""
    charts: list[LineChart] = []
    wanted = [
        x
        for x in measured
        if not x.paced and x.m.group not in ("harness", "remap") and x.get(x.cost)
        if x.cost == "ns_per_op"
    ]
    rows = by_key(wanted, key_of)
    rows = {k: v for k, v in rows.items() if len({x.m.threads for x in v}) > 1}
    for group in dict.fromkeys(k[1] for k in rows):
        for chunk in chunks({k: v for k, v in rows.items() if k[1] == group}):
            charts += _contention_pair(group, chunk, slugs)
    return charts


def _contention_pair(
    group: str, rows: dict[Key, list[Measured]], slugs: Slugs
) -> Iterator[LineChart]:
    everything = [x for members in rows.values() for x in members]
    name = shown(everything)
    threads = sorted({x.m.threads for x in everything})
    ticks = tuple((float(n), str(n)) for n in threads)
    alone = [v for x in everything if x.m.threads == 1 and (v := x.get("ns_per_op"))]
    ideal = flat = None
    if alone:
        best = min(alone)
        ideal = ("linear, from the fastest alone", tuple((n, n / best * 1e3) for n, _ in ticks))
        flat = ("no contention, from the fastest alone", tuple((n, best) for n, _ in ticks))
    names = list(dict.fromkeys(x.m.name for x in everything))
    of = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    yield LineChart(
        slug=slugs.make("contention", group, "cost"),
        title=f"{group}: cost of an operation by threads",
        caption=f"{of}: time per operation and thread, median; bars from least to greatest "
        "repetition. Level is no contention.",
        x_label="threads",
        y_label="ns per operation",
        series=curves(rows, name, lambda x: x.m.threads, "ns_per_op"),
        ideal=flat,
        x_ticks=ticks,
    )
    yield LineChart(
        slug=slugs.make("contention", group, "throughput"),
        title=f"{group}: throughput by threads",
        caption=f"{of}: operations of all threads together.",
        x_label="threads",
        y_label="M operations/s",
        series=curves(rows, name, lambda x: x.m.threads, "ops_per_s", 1e-6),
        ideal=ideal,
        x_ticks=ticks,
    )


def by_setting(measured: Sequence[Measured], slugs: Slugs) -> list[LineChart]:
    """Cost over each number that was swept: pages, folios in a batch, and so on."""
    numeric = dict.fromkeys(
        (x.m.group, k)
        for x in measured
        for k, v in x.m.settings.items()
        if isinstance(v, int) and k != PACE
    )
    charts: list[LineChart] = []
    for group, setting in numeric:
        rows = _swept(measured, group, setting)
        rows = {k: v for k, v in rows.items() if len(_values(v, setting)) >= _MIN_SWEEP}
        for chunk in chunks(rows):
            charts.append(_setting_chart(group, setting, chunk, slugs))
    return charts


def _swept(measured: Sequence[Measured], group: str, setting: str) -> dict[Key, list[Measured]]:
    return by_key(
        (x for x in measured if x.m.group == group and setting in x.settings and x.get(x.cost)),
        lambda x: (*key_of(x, setting), str(x.m.threads)),
    )


def _values(rows: Sequence[Measured], setting: str) -> set[int]:
    return {v for x in rows if isinstance(v := x.m.settings[setting], int)}


def _setting_chart(
    group: str, setting: str, rows: dict[Key, list[Measured]], slugs: Slugs
) -> LineChart:
    everything = [x for members in rows.values() for x in members]
    counts = {x.m.threads for x in everything}
    base = shown(everything, setting)

    def name(x: Measured) -> str:
        return base(x) + (f", {x.m.threads} thr" if len(counts) > 1 else "")

    values = sorted(_values(everything, setting))
    wide = values[0] > 0 and values[-1] >= 16 * values[0]
    costs = [v for x in everything if (v := x.get(x.cost))]
    metrics = {x.cost for x in everything}
    logarithmic = bool(costs) and max(costs) > 50 * min(costs)
    return LineChart(
        slug=slugs.make(group, "by", setting),
        title=f"{group}: cost by {setting}",
        caption="Time per operation and thread, median; bars from least to greatest repetition.",
        x_label=setting,
        y_label="time per operation" if logarithmic else "ns per operation",
        series=curves(rows, name, lambda x: float(x.m.settings[setting]), metrics.pop()),
        x_log=wide,
        y_log=logarithmic,
        x_ticks=tuple((float(v), f"{v:,}") for v in values) if len(values) <= 10 else (),
    )


def percentile_points(histogram: Histogram) -> tuple[Point, ...]:
    """(log10 of 1/(1 - share not above), ns) for each bucket; the last half a sample short."""
    total = sum(histogram.counts)
    below, points = 0, []
    for floor, count in zip(histogram.floors_ns, histogram.counts, strict=False):
        value = float(max(floor, histogram.merged_below_ns, 1))
        below += count
        left = max(total - below, 0.5) / total
        at = -math.log10(left)
        points.append(Point(at, value, value, value, True))
    return tuple(points)


_PERCENTS = (
    *((math.log10(2), "50"), (1.0, "90"), (2.0, "99"), (3.0, "99.9")),
    *((4.0, "99.99"), (5.0, "99.999"), (6.0, "")),
)


def percentiles(measured: Sequence[Measured], slugs: Slugs) -> list[LineChart]:
    """The distribution of what was timed one by one, from the median out to the rarest."""
    charts: list[LineChart] = []
    timed = [(x, h) for x in measured for h, v in x.m.histograms.items() if sum(v.counts)]
    for group, histogram, threads in dict.fromkeys((x.m.group, h, x.m.threads) for x, h in timed):
        members = [
            x for x, h in timed if (x.m.group, h, x.m.threads) == (group, histogram, threads)
        ]
        parts = -(-len(members) // SERIES)
        for first in range(0, len(members), SERIES):
            what = histogram.removesuffix("_ns").replace("_", " ")
            title = f"{group}: {what}, {threads} thread{'s' if threads > 1 else ''}"
            title += f" ({first // SERIES + 1} of {parts})" if parts > 1 else ""
            rows = members[first : first + SERIES]
            charts.append(_percentile_chart(title, histogram, rows, shown(members), slugs))
    return charts


def _percentile_chart(
    title: str,
    histogram: str,
    rows: Sequence[Measured],
    name: Callable[[Measured], str],
    slugs: Slugs,
) -> LineChart:
    series = tuple(
        Series(name(x), i, percentile_points(x.m.histograms[histogram]), marks=False, steps=True)
        for i, x in enumerate(rows)
    )
    far = max(p.x for s in series for p in s.points)
    return LineChart(
        slug=slugs.make(rows[0].m.group, histogram, "percentiles", str(rows[0].m.threads)),
        title=title,
        caption="The share of samples that took at most so long; each step to the right is ten "
        "times rarer. The last point is the greatest sample.",
        x_label="percentile",
        y_label="time",
        series=series,
        y_log=True,
        y_from_zero=False,
        x_ticks=tuple(t for t in _PERCENTS if t[0] <= far + 0.3),
    )
