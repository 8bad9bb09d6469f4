"""Charts made ready for the page: the drawing, its legend, its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyharness.report.charts import BarChart, Chart, LineChart, describe
from pyharness.report.draw import MARKERS, svg
from pyharness.report.views import FiguresView, FigureView, Key

_HOLLOW = " Hollow: not valid; the reason stands below, under all figures."


def _keys(chart: Chart) -> Iterator[Key]:
    if not isinstance(chart, LineChart):
        return
    for series in chart.series:
        marker = MARKERS[series.colour % len(MARKERS)] if series.marks else "-"
        yield Key(series.label, f"series-{series.colour}", marker)
    if chart.ideal:
        yield Key(chart.ideal[0], "muted", "..")


def figures_view(charts: Sequence[Chart]) -> FiguresView:
    """The drawings of a section."""
    return FiguresView(
        [
            FigureView(
                title=chart.title,
                caption=chart.caption + (_HOLLOW if _doubt(chart) else ""),
                svg=svg(chart, describe(chart)),
                keys=list(_keys(chart)),
            )
            for chart in charts
        ]
    )


def _doubt(chart: Chart) -> bool:
    if isinstance(chart, LineChart):
        return any(not p.solid for s in chart.series for p in s.points)
    return isinstance(chart, BarChart) and any(not b.solid for b in chart.bars)
