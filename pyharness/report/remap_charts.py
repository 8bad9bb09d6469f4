"""What each way to remap costs: the remapper's time beside what the readers lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyharness.report.charts import Bar, BarChart, Slugs
from pyharness.report.labels import settings_text, span
from pyharness.report.measured import Key, Measured, by_key, shown

IDLE = "none"  # the loop in which nobody remaps: what the readers do undisturbed
_MOST_BARS = 14


def _remapper(x: Measured) -> str | None:
    """The stem of the remapper's percentiles; those of stalls are the readers'."""
    stems = (h.removesuffix("_ns") for h in x.m.histograms if "stall" not in h)
    return next((s for s in stems if f"{s}_p50_ns" in x.m.metrics), None)


def _remapper_bar(x: Measured, label: str) -> Bar:
    """p50 and p99 of an operation, or the mean where no histogram was kept."""
    stem = _remapper(x)
    value = x.get(f"{stem}_p50_ns") if stem else x.get("ns_per_op")
    rare = x.get(f"{stem}_p99_ns") if stem else None
    text = span(value) if value is not None else "?"
    return Bar(label, value, rare, x.solid, f"{text} / {span(rare)}" if rare else text)


def readers_loss(x: Measured, idle: Sequence[Measured]) -> float | None:
    """The part of the readers' throughput that went, against readers whom nobody disturbed."""
    rate = x.get("reader_ops_per_s")
    bases = [
        b
        for y in idle
        if (y.run, y.m.threads, y.m.settings.get("reader"))
        == (x.run, x.m.threads, x.m.settings.get("reader"))
        and (b := y.get("reader_ops_per_s"))
    ]
    if rate is None or not bases:
        return None
    return 1 - rate / max(bases)


def _reader_bar(x: Measured, label: str, idle: Sequence[Measured]) -> Bar:
    """What the readers stood still for each remap, all together; and their p99 stall."""
    lost, rare = x.get("stalled_ns_per_op"), x.get("stall_p99_ns")
    parts = [span(lost)] if lost is not None else []
    if rare is not None:
        parts.append(span(rare))
    part = readers_loss(x, idle)
    tail = "" if part is None else f"; -{100 * max(0.0, part):.0f} %"
    return Bar(label, lost, rare, x.solid, (" / ".join(parts) + tail).lstrip("; ") or "?")


def _bars_charts(
    rows: Sequence[Measured], idle: Sequence[Measured], slugs: Slugs
) -> Iterator[BarChart]:
    """The remapper, and beside it the readers where there are any: the same rows in each."""
    name = shown(rows)
    fixed = {
        k: v
        for k, v in rows[0].m.settings.items()
        if len({str(y.m.settings.get(k)) for y in rows}) == 1
    }
    readers = rows[0].m.threads - 1
    whom = {0: "no reader", 1: "1 reader"}.get(readers, f"{readers} readers")
    where = ", ".join(p for p in (settings_text(fixed), whom) if p)
    yield BarChart(
        slug=slugs.make("remap", where),
        title=f"Remapper: {where}",
        caption="Time of an operation. Bars end at the median, the tick stands at the 99th "
        "percentile; logarithmic.",
        label="median / p99",
        colour=0,
        bars=tuple(_remapper_bar(x, name(x)) for x in rows),
    )
    bars = tuple(_reader_bar(x, name(x), idle) for x in rows)
    if readers and any(b.value is not None or b.rare is not None for b in bars):
        yield BarChart(
            slug=slugs.make("remap", where, "readers"),
            title=f"What the readers lost: {where}",
            caption="Bars: how long readers stood still for each remap, all together; the tick: "
            "the 99th percentile of single stalls. Per cent: their throughput against the same "
            "readers undisturbed.",
            label="stood still per remap / p99 stall",
            colour=1,
            bars=bars,
        )


def remap_costs(measured: Sequence[Measured], slugs: Slugs) -> list[BarChart]:
    """A pair of charts for each kind of page and number of readers, the cheapest strategy
    first; those without readers come last."""
    rows = [x for x in measured if x.m.group == "remap"]
    idle = [x for x in rows if x.m.name == IDLE]

    def key(x: Measured) -> Key:
        return (x.run, str(x.m.settings.get("what", "")), str(x.m.threads))

    def cost(x: Measured) -> float:
        return _remapper_bar(x, "").value or 0.0

    members = list(by_key((x for x in rows if x.m.name != IDLE), key).values())
    charts: list[BarChart] = []
    for each in sorted(members, key=lambda each: each[0].m.threads == 1):
        ordered = sorted(each, key=cost)
        for first in range(0, len(ordered), _MOST_BARS):
            charts += _bars_charts(ordered[first : first + _MOST_BARS], idle, slugs)
    return charts
