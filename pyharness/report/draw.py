"""Charts drawn by matplotlib: as SVG for the page, with themed colours, or as PNG."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pyharness.errors import UnsupportedHere
from pyharness.report.charts import BarChart, Chart, HeatMap, LineChart, Series
from pyharness.report.labels import printable, tick
from pyharness.report.palette import HEAT_MOST, THEMES, TOKENS, themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Colours = Mapping[str, str]

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
_WIDTH = 4.0  # inches of 96 px on the page: a phone shrinks it little, a desktop widens it
_ROW = 0.37  # of a bar with its name above it
_LETTER = 6.2  # pixels, of the widest usual font at the size of a bar's text
_MAX_LABELLED = 16  # cells a side of a heat map that still have room for a number
_STYLE: dict[str, Any] = {
    "text.parse_math": False,  # a name with dollars in it is a name
    "svg.fonttype": "none",
    "svg.hashsalt": "vmemstress",
    "font.family": "DejaVu Sans",  # its metrics place the text; the page chooses the font
    "font.size": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "path.simplify": True,
}


@contextlib.contextmanager
def _styled() -> Iterator[None]:
    """Matplotlib as we want it, whatever the user's own configuration says."""
    import matplotlib

    style: dict[Any, Any] = {**matplotlib.rcParamsDefault, **_STYLE}
    with warnings.catch_warnings(), matplotlib.rc_context(style):
        warnings.simplefilter("ignore")  # a letter that the font has not is no news here
        yield


def need_libraries() -> None:
    """UnsupportedHere, naming the extra, when matplotlib or jinja2 is not installed."""
    missing = []
    for name in ("matplotlib", "jinja2"):
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise UnsupportedHere(
            f"a report needs {' and '.join(missing)}: pip install 'vmemstress[report]'"
        )


def figure(chart: Chart, colours: Colours, *, titled: bool) -> Figure:
    """The chart as a matplotlib figure; `titled` adds what the page says in HTML around it."""
    from matplotlib.figure import Figure

    with _styled():
        fig = Figure(figsize=(_WIDTH, _height(chart)), layout="constrained")
        fig.patch.set_alpha(0.0)
        if isinstance(chart, LineChart):
            _lines(fig.add_subplot(), chart, colours)
        elif isinstance(chart, BarChart):
            _bars(fig.add_subplot(), chart, colours)
        else:
            _heat(fig.add_subplot(), chart, colours)
        if titled:
            fig.patch.set_alpha(1.0)
            fig.patch.set_facecolor(colours["card"])
            fig.suptitle(chart.title, fontsize=9.5, color=colours["ink"])
            if isinstance(chart, LineChart) and (len(chart.series) > 1 or chart.ideal):
                legend = fig.legend(
                    loc="outside lower left", ncols=2, frameon=False, labelcolor=colours["ink"]
                )
                legend.set_zorder(0)
        return fig


def png(chart: Chart, theme: str = "light") -> bytes:
    """The chart as a picture, 200 dots an inch."""
    with _styled():
        out = io.BytesIO()
        figure(chart, THEMES[theme], titled=True).savefig(
            out, format="png", dpi=200, metadata={"Software": "vmemstress"}
        )
        return out.getvalue()


def svg(chart: Chart, alternative: str) -> str:
    """The chart as an `<svg>` element for a page; `alternative` is read out in its place."""
    with _styled():
        out = io.StringIO()
        figure(chart, TOKENS, titled=False).savefig(
            out,
            format="svg",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    title, words = printable(chart.title), printable(alternative)
    return themed(_embedded(printable(out.getvalue()), chart.slug, title, words))


def _embedded(document: str, slug: str, title: str, alternative: str) -> str:
    """The `<svg>` of a document, fit to stand among others in a page."""
    from xml.sax.saxutils import escape

    body = document[document.index("<svg") :]
    size = re.search(r'viewBox="([^"]*)"', body)
    assert size is not None
    inner = body[body.index(">") + 1 : body.rindex("</svg>")]
    inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.S)
    inner = re.sub(r"<style.*?</style>", "", inner, flags=re.S)
    inner = re.sub(r"<!--.*?-->\n?", "", inner, flags=re.S)
    inner = re.sub(r'\bid="', f'id="{slug}-', inner)
    inner = inner.replace("url(#", f"url(#{slug}-").replace('xlink:href="#', f'href="#{slug}-')
    # the font is the page's; the size stays
    inner = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", inner)
    inner = re.sub(r"font-family: [^;\"]*;? ?", "", inner)
    return (
        f'<svg class="chart" viewBox="{size[1]}" role="img" '
        f'aria-labelledby="{slug}-title {slug}-desc">'
        f'<title id="{slug}-title">{escape(title)}</title>'
        f'<desc id="{slug}-desc">{escape(alternative)}</desc>{inner}</svg>'
    )


def _height(chart: Chart) -> float:
    if isinstance(chart, BarChart):
        return 0.65 + _ROW * len(chart.bars)
    if isinstance(chart, HeatMap):
        return min(_WIDTH, 0.9 + 0.55 * len(chart.labels))
    return 2.75


def _quiet(ax: Axes, colours: Colours, grid: str) -> None:
    """Axes that recede: light grid, muted labels."""
    ax.patch.set_alpha(0.0)
    ax.grid(True, axis=grid, color=colours["rule"], linewidth=0.8)  # type: ignore[arg-type]
    ax.tick_params(colors=colours["muted"], which="both", labelcolor=colours["muted"])
    for spine in ax.spines.values():
        spine.set_color(colours["muted"])


def _lines(ax: Axes, chart: LineChart, colours: Colours) -> None:
    _quiet(ax, colours, "y")
    if chart.x_log:
        ax.set_xscale("log")
    if chart.y_log:
        ax.set_yscale("log")
    if chart.ideal:
        name, points = chart.ideal
        ax.plot(
            *zip(*points, strict=True),
            color=colours["muted"], linestyle=(0, (2, 2)), linewidth=1.1, label=name,
        )
    for series in chart.series:
        _curve(ax, series, colours)
    if chart.x_ticks:
        ax.set_xticks([at for at, _ in chart.x_ticks], [text for _, text in chart.x_ticks])
        ax.minorticks_off()
        if not chart.x_log and len(chart.x_ticks) > 1:
            ends = chart.x_ticks[0][0], chart.x_ticks[-1][0]
            margin = 0.06 * (ends[1] - ends[0])
            left, right = ax.get_xlim()
            ax.set_xlim(min(ends[0] - margin, left), max(ends[1] + margin, right))
    if not chart.y_log:
        _level(ax, chart)
    if chart.y_log:
        _log_ticks(ax.yaxis)
    ax.set_xlabel(chart.x_label, color=colours["muted"])
    # Above the axis and level: nobody has to tilt the head, and no width is lost.
    ax.set_title(chart.y_label, loc="left", fontsize=9, color=colours["muted"], pad=8)


def _level(ax: Axes, chart: LineChart) -> None:
    """The axis for what was measured: an ideal far above leaves the picture, and so does
    the bar of a wild repetition."""
    low, high = ax.get_ylim()
    known = [p.high for s in chart.series for p in s.points]
    if chart.ideal and known:
        beyond = max(max(known), min(y for _, y in chart.ideal[1]))
        high = min(high, 1.35 * beyond)
    medians = [p.y for s in chart.series for p in s.points]
    if medians and max(medians) > 0:
        high = min(high, 1.8 * max(medians))  # a wild repetition shall not flatten the rest
    ax.set_ylim(min(0.0, low) if chart.y_from_zero else low, high)


def _curve(ax: Axes, series: Series, colours: Colours) -> None:
    colour = colours[f"series-{series.colour}"]
    xs, ys = [p.x for p in series.points], [p.y for p in series.points]
    if series.steps:
        ax.plot(xs, ys, color=colour, label=series.label, drawstyle="steps-pre")
        return
    ax.plot(xs, ys, color=colour)
    for p in series.points:
        if p.high > p.low:
            ax.plot([p.x, p.x], [p.low, p.high], color=colour, linewidth=1.0, alpha=0.7)
    marker = MARKERS[series.colour % len(MARKERS)]
    for solid in (True, False):
        points = [p for p in series.points if p.solid is solid]
        ax.plot(
            [p.x for p in points], [p.y for p in points],
            linestyle="none", marker=marker, markeredgecolor=colour, markeredgewidth=1.3,
            markerfacecolor=colour if solid else colours["card"],
        )
    ax.plot([], [], color=colour, marker=marker, label=series.label)


def _log_ticks(axis: Any) -> None:
    """Powers of ten written as people read durations."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axis.set_minor_formatter(NullFormatter())


def _room(chart: BarChart, least: float, most: float) -> float:
    """The part of the axis that the longest bar may take, so that each text fits behind its."""
    width = 96 * _WIDTH - 20
    room = 0.95
    for bar in chart.bars:
        end = max(bar.value or least, bar.rare or least, least)
        place = math.log(end / least) / math.log(most / least)
        text = (_LETTER * len(bar.text) + 8) / width
        if place > 0:
            room = min(room, max(0.2, (1 - text) / place))
    return room


def _bars(ax: Axes, chart: BarChart, colours: Colours) -> None:
    """Bars from the top down: filled to the typical value, a tick at the rare one."""
    _quiet(ax, colours, "x")
    ax.spines["bottom"].set_visible(False)
    colour = colours[f"series-{chart.colour}"]
    known = [v for b in chart.bars for v in (b.value, b.rare) if v is not None and v > 0]
    least = min(known, default=1.0) / 3
    most = max(known, default=1.0)
    for row, bar in enumerate(chart.bars):
        if bar.value is not None and bar.value > least:
            ax.barh(
                row, bar.value - least, left=least, height=0.36, edgecolor=colour, linewidth=1.1,
                facecolor=colour if bar.solid else colours["card"],
            )
        if bar.rare is not None and bar.rare > least:
            ax.plot([max(bar.value or least, least), bar.rare], [row, row], color=colour, lw=1.1)
            ax.plot([bar.rare, bar.rare], [row - 0.18, row + 0.18], color=colour, lw=1.6)
        ax.annotate(
            bar.label, (least, row), xytext=(0, 11), textcoords="offset points", va="center",
            fontsize=8.2, color=colours["ink"],
        )
        end = max(bar.value or least, bar.rare or least, least)
        ax.annotate(
            bar.text, (end, row), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=7.7, color=colours["ink"],
        )
    ax.set_xscale("log")
    ax.set_xlim(least, least * (most / least) ** (1 / _room(chart, least, most)))
    _log_ticks(ax.xaxis)
    decades = range(math.ceil(math.log10(least)), math.ceil(math.log10(most)) + 1)
    decades = decades[:: -(-len(decades) // 4)]
    ax.set_xticks([10.0**d for d in decades])
    ax.minorticks_off()
    ax.set_ylim(len(chart.bars) - 0.6, -0.85)
    ax.set_yticks([])
    ax.set_title(chart.label, loc="left", fontsize=9, color=colours["muted"], pad=6)


def _heat(ax: Axes, chart: HeatMap, colours: Colours) -> None:
    """Cells shaded by how much of one colour lies over the card, so that both themes read."""
    from matplotlib.patches import Rectangle

    known = [v for row in chart.values for v in row if v is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    size = len(chart.labels)
    ax.patch.set_alpha(0.0)
    for i, row in enumerate(chart.values):
        for j, value in enumerate(row):
            if value is None:
                continue
            share = (value - low) / (high - low) if high > low else 0.5
            ax.add_patch(
                Rectangle(
                    (j - 0.48, i - 0.48), 0.96, 0.96, facecolor=colours["heat"], linewidth=0,
                    alpha=0.06 + (HEAT_MOST - 0.06) * share,
                )
            )
            if size <= _MAX_LABELLED:
                ax.text(
                    j, i, f"{value:.0f}", ha="center", va="center", color=colours["ink"],
                    fontsize=9 if size <= 8 else 6.5,
                )
    ax.set_xlim(-0.5, size - 0.5)
    ax.set_ylim(size - 0.5, -0.5)
    ax.set_aspect("equal")
    step = max(1, size // _MAX_LABELLED)
    ticks = range(0, size, step)
    texts = [f"{chart.axis} {chart.labels[i]}" if size <= 4 else chart.labels[i] for i in ticks]
    ax.set_xticks(list(ticks), texts)
    ax.set_yticks(list(ticks), texts)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelcolor=colours["muted"])
    for spine in ax.spines.values():
        spine.set_visible(False)
