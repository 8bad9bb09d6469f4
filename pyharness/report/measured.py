"""Measurements side by side: which belong together, how they are told apart, their points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyharness.bench.main_metric import cost_metric
from pyharness.bench.results import Measurement
from pyharness.report.charts import Point, Series
from pyharness.report.labels import settings_text
from pyharness.report.palette import SERIES

PACE = "pace"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement and the name of the run that it is of."""

    run: str
    m: Measurement

    @property
    def solid(self) -> bool:
        """Whether the figure may be believed as it stands."""
        return self.m.validity == "valid"

    @property
    def paced(self) -> bool:
        """Whether there is work of the thread's own between two operations."""
        return bool(self.m.settings.get(PACE)) or f"{PACE}_handoffs" in self.m.metrics

    @property
    def settings(self) -> dict[str, int | str]:
        """The settings as they were asked for: a pace in line transfers is `2x`."""
        handoffs = self.m.metrics.get(f"{PACE}_handoffs")
        pace = {} if handoffs is None else {PACE: f"{handoffs:g}x"}
        return {**self.m.settings, **pace}

    @property
    def cost(self) -> str:
        """The metric that says what it costs."""
        return cost_metric(self.m)

    def get(self, name: str) -> float | None:
        """A metric when it is there and a number."""
        value = self.m.metrics.get(name)
        return value if value is not None and math.isfinite(value) else None


Key = tuple[str, ...]


def shown(all_measured: Sequence[Measured], leave_out: str = "") -> Callable[[Measured], str]:
    """How to name measurements among these: only what tells them apart."""
    variants = {x.m.variant for x in all_measured}
    runs = {x.run for x in all_measured}
    several = {
        k
        for x in all_measured
        for k in x.settings
        if k != leave_out and len({str(y.settings.get(k)) for y in all_measured}) > 1
    }

    def name(x: Measured) -> str:
        settings = {k: v for k, v in x.settings.items() if k in several}
        parts = (
            x.m.name,
            settings_text(settings),
            x.m.regime or "",
            x.m.variant if len(variants) > 1 else "",
            f"({x.run})" if len(runs) > 1 else "",
        )
        return " ".join(p for p in parts if p)

    return name


def key_of(x: Measured, leave_out: str = "") -> Key:
    rest = {k: v for k, v in x.settings.items() if k != leave_out}
    return (x.run, x.m.group, x.m.name, x.m.variant, x.m.regime or "", settings_text(rest))


def by_key(
    all_measured: Iterable[Measured], key: Callable[[Measured], Key]
) -> dict[Key, list[Measured]]:
    """Measurements that agree in everything that the key holds."""
    found: dict[Key, list[Measured]] = {}
    for x in all_measured:
        found.setdefault(key(x), []).append(x)
    return found


def point(x: Measured, at: float, metric: str, scale: float = 1.0) -> Point | None:
    value = x.get(metric)
    if value is None or value <= 0:
        return None
    each = [r.metrics.get(metric, 0.0) for r in x.m.repetitions if r.validity != "void"]
    each = [v for v in each if math.isfinite(v) and v > 0] or [value]
    low, high = min(*each, value), max(*each, value)
    return Point(at, value * scale, low * scale, high * scale, x.solid)


def curves(
    rows: dict[Key, list[Measured]],
    name: Callable[[Measured], str],
    place: Callable[[Measured], float],
    metric: str,
    scale: float = 1.0,
) -> tuple[Series, ...]:
    found = []
    for i, members in enumerate(rows.values()):
        points = [p for x in members if (p := point(x, place(x), metric, scale))]
        if points:
            ordered = tuple(sorted(points, key=lambda p: p.x))
            found.append(Series(name(members[0]), i % SERIES, ordered))
    return tuple(found)


def chunks(rows: dict[Key, list[Measured]]) -> Iterator[dict[Key, list[Measured]]]:
    """At most so many rows at a time as there are colours; rows of one name stay together."""
    chunk: dict[Key, list[Measured]] = {}
    names = by_key((x for members in rows.values() for x in members[:1]), lambda x: (x.m.name,))
    for members in names.values():
        keys = [k for k in rows if rows[k][0] in members]
        if chunk and len(chunk) + len(keys) > SERIES:
            yield chunk
            chunk = {}
        for key in keys:
            if len(chunk) == SERIES:
                yield chunk
                chunk = {}
            chunk[key] = rows[key]
    if chunk:
        yield chunk
