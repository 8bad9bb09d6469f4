"""The names of group `harness`: what is measured of the measuring itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GROUP = "harness"
# Each of these is one of ours against the bare C loop; the operation of a loop of that name.
BARE = {
    "add_unless": "one add_unless(v, 1, 0)",
    "xadd": "one fetch-and-add",
    "get_put": "one get and one put",
}
SKEW = "barrier_skew"
CLOCK = "clock_cost"
PAIRS = {
    **{name: f"{what}, ours against the bare loop" for name, what in BARE.items()},
    SKEW: "how far apart the threads leave the start barrier",
    CLOCK: "what one reading of the clock costs, and its step",
}


def counts_of(name: str, asked: Sequence[int]) -> list[int]:
    """The thread counts that say something: two or more for the skew, one for the clock."""
    if name == CLOCK:
        return [1]
    return [n for n in asked if name != SKEW or n > 1]


@dataclass(frozen=True, slots=True)
class Pair:
    """One benchmark of group `harness`."""

    name: str
    threads: int

    @property
    def title(self) -> str:
        """Name and threads, on one line."""
        return f"{GROUP}/{self.name}, {self.threads} thr"
