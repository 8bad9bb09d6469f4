"""How two sides are compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How sides are compared: `threshold` a share, `metric` None for the row's own one.

    `across` compares different placements of the CPUs with one another. `raw` leaves the
    yardstick aside.
    """

    threshold: float = 0.05
    metric: str | None = None
    across: bool = False
    raw: bool = False
