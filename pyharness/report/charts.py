"""Charts as data: what is drawn, before anybody says how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Point:
    """One figure: the median, the least and the greatest of its repetitions."""

    x: float
    y: float
    low: float
    high: float
    solid: bool  # False: not a valid measurement, drawn hollow


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together; `colour` is an index of the palette."""

    label: str
    colour: int
    points: tuple[Point, ...]
    marks: bool = True
    steps: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """Curves over a number. `ideal` is a line for the eye: (x, y) pairs and its name.

    `y_ticks` and `x_ticks` are (place, text) where the axis needs its own.
    """

    slug: str
    title: str
    caption: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    ideal: tuple[str, tuple[tuple[float, float], ...]] | None = None
    x_log: bool = False
    y_log: bool = False
    y_from_zero: bool = True
    x_ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart: typical (p50) and rare (p99) value; None where not known."""

    label: str
    value: float | None
    rare: float | None
    solid: bool
    text: str  # the value as people read it


@dataclass(frozen=True, slots=True)
class BarChart:
    """Named bars over a logarithmic axis of nanoseconds; `label` is the axis's."""

    slug: str
    title: str
    caption: str
    label: str
    colour: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Values for pairs, `None` where nothing is known."""

    slug: str
    title: str
    caption: str
    labels: tuple[str, ...]
    axis: str
    values: tuple[tuple[float | None, ...], ...]
    unit: str


Chart = LineChart | BarChart | HeatMap


@dataclass(slots=True)
class Slugs:
    """Names for drawings, each once: they become ids and file names."""

    used: dict[str, int] = field(default_factory=dict)

    def make(self, *parts: str) -> str:
        """A name of small letters, digits and dashes."""
        text = "-".join(parts).lower()
        kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text)
        name = "-".join(w for w in kept.split("-") if w)[:60] or "figure"
        self.used[name] = self.used.get(name, 0) + 1
        return name if self.used[name] == 1 else f"{name}-{self.used[name]}"


def describe(chart: Chart) -> str:
    """A drawing in words, for those who do not see it: what, and from where to where."""
    if isinstance(chart, HeatMap):
        known = [v for row in chart.values for v in row if v is not None]
        if not known:
            return f"{chart.title}: nothing measured."
        return f"{chart.title}: {min(known):.3g} to {max(known):.3g} {chart.unit}."
    if isinstance(chart, BarChart):
        bars = ", ".join(f"{b.label} {b.text}" for b in chart.bars)
        return f"{chart.title}. {chart.label}: {bars}."
    return f"{chart.title}. {chart.y_label} by {chart.x_label}. " + " ".join(
        f"{s.label}: {_ends(s.points)}." for s in chart.series if s.points
    )


def _ends(points: Sequence[Point]) -> str:
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{first.y:.3g} at {first.x:.4g}"
    return f"{first.y:.3g} at {first.x:.4g}, {last.y:.3g} at {last.x:.4g}"
