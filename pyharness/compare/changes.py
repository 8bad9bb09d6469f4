"""What a comparison comes to, as data: the JSON of its results is exactly these fields."""

from __future__ import annotations

import msgspec


class Change(msgspec.Struct, frozen=True):
    """One figure of A and of B (medians), and B over A with its interval of 95 %.

    `b_low` and `b_high` are the interval of B's own median.
    """

    metric: str
    a: float
    b: float
    ratio: float
    low: float
    high: float
    b_low: float
    b_high: float


class Comparison(msgspec.Struct, frozen=True):
    """One benchmark of A beside one of B, in one placement of their CPUs.

    `verdict` is `slower`, `faster`, `no change` or `inconclusive`, by the cost `metric`.
    `differs` names what is not the same on both sides, as [A's, B's]. `placement_ns` is
    the hand-off between the CPUs, None where it does not matter. `paired`: measured in
    turn. `validity` is `valid`, `contaminated`, `inconclusive` or `void`. `changes` has
    the cost first, `without_ratio` names figures that were zero. `unlike`: the sides
    cannot be held against one another; `elsewhere`: because their CPUs were never in the
    same placement. `speed` is how many times as long B's CPUs took for the yardstick as
    A's; the ratio of the cost, and no other, has it divided out. None: it has not.
    """

    group: str
    name: str
    threads: int
    variant: str
    regime: str | None
    settings: dict[str, int | str]
    differs: dict[str, list[int | str | None]]
    metric: str
    verdict: str
    validity: str
    reason: str
    paired: bool
    placement_ns: float | None
    counted_a: int
    counted_b: int
    changes: list[Change]
    without_ratio: list[str] = []
    unlike: bool = False
    elsewhere: bool = False
    speed: float | None = None

    @property
    def title(self) -> str:
        """The benchmark, with what is common to both sides."""
        parts = [f"{k}={v}" for k, v in self.settings.items() if k not in self.differs]
        parts += [self.regime] if self.regime and "regime" not in self.differs else []
        return " ".join([f"{self.group}/{self.name}", *parts])

    def change(self, metric: str) -> Change | None:
        """The change of this metric, if both sides have it."""
        return next((c for c in self.changes if c.metric == metric), None)
