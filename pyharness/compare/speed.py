"""The host's speed, by the yardsticks that were held beside the windows of two runs.

What slows a window down (a busy sibling thread, a hypervisor) slows a loop and the yardstick
by different factors: two that were seen together were 1.5 and 1.3. So it cannot be divided
out, and such a window is set aside. A host that is slower in one run from beginning to end,
and by the same in each window, has another clock: that falls on both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyharness.bench.judge import at_full_speed
from pyharness.bench.results import Repetition
from pyharness.compare import stats


@dataclass(frozen=True, slots=True)
class AtOneSpeed:
    """The repetitions that can be held against one another; `why` not "": there are too few,
    or some were left out. `speed` is B's time for the yardstick over A's."""

    a: Sequence[Repetition]
    b: Sequence[Repetition]
    speed: float
    why: str = ""
    unlike: bool = False


def _middle(repetitions: Sequence[Repetition]) -> float:
    return stats.middle([r.yardstick_ns or 0.0 for r in repetitions])


def at_one_speed(a: Sequence[Repetition], b: Sequence[Repetition], enough: int) -> AtOneSpeed:
    """Of repetitions that all have a yardstick those made at the greatest speed that both
    runs had, if `enough` of both were; all of them if each run had one clock; else none fit."""
    both = at_full_speed(a, b, enough=enough)
    if both is not None:
        x, y = both
        left = len(a) + len(b) - len(x) - len(y)
        why = f"{left} windows left out, made at another speed of the host" if left else ""
        return AtOneSpeed(x, y, _middle(y) / _middle(x), why)
    speed = _middle(b) / _middle(a)
    if all(at_full_speed(side, enough=len(side)) for side in (a, b)):
        return AtOneSpeed(a, b, speed)
    return AtOneSpeed(
        a,
        b,
        speed,
        "the host was slower by turns, and never as fast in one run as in the other; "
        "measure with --patience, or in turn",
        unlike=True,
    )
