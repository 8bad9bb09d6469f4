"""The host's speed, by the yardsticks that were held beside the windows of two runs.

What slows a window down (a busy sibling thread, a hypervisor) slows a loop and the yardstick
by different factors: two that were seen together were 1.5 and 1.3. So it cannot be divided
out, and such a window is set aside. A host that is slower in one run from beginning to end,
and by the same in each window, has another clock: that falls on both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyharness.compare import stats
from pyharness.measure.judge import at_full_speed
from pyharness.measure.records import Repetition

ONE_CLOCK = 1.01  # between the windows of one run


@dataclass(frozen=True, slots=True)
class AtOneSpeed:
    """The repetitions that can be held against one another; `why` not "": there are too few,
    or some were left out. `speed` is B's time for the yardstick over A's."""

    a: Sequence[Repetition]
    b: Sequence[Repetition]
    speed: float
    why: str = ""
    unlike: bool = False


def _times(repetitions: Sequence[Repetition]) -> list[float]:
    return [r.yardstick_ns or 0.0 for r in repetitions]


def _is_one_clock(repetitions: Sequence[Repetition]) -> bool:
    times = _times(repetitions)
    return max(times) <= ONE_CLOCK * min(times)


def at_one_speed(a: Sequence[Repetition], b: Sequence[Repetition], enough: int) -> AtOneSpeed:
    """Of repetitions that all have a yardstick those made at the host's full speed, if that
    leaves `enough` on both sides; all of them if each run had one clock; else none fit."""
    least = min(_times([*a, *b]))
    x, y = (at_full_speed(side, least) for side in (a, b))
    slowed = len(a) + len(b) - len(x) - len(y)
    if min(len(x), len(y)) >= enough:
        why = f"{slowed} windows left out, in which the host was slower" if slowed else ""
        return AtOneSpeed(x, y, stats.middle(_times(y)) / stats.middle(_times(x)), why)
    speed = stats.middle(_times(b)) / stats.middle(_times(a))
    if _is_one_clock(a) and _is_one_clock(b):
        return AtOneSpeed(a, b, speed)
    return AtOneSpeed(
        a,
        b,
        speed,
        f"the host was slower by turns: in {len(a) - len(x)} of A's {len(a)} windows and in "
        f"{len(b) - len(y)} of B's {len(b)}; more --repetitions, or measure in turn",
        unlike=True,
    )
