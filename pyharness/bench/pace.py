"""Line transfers as a loop's own units: how long a spin of `pace` takes on this CPU."""

from __future__ import annotations

from pyharness import _lib
from pyharness._lib.loop_types import LoopConfig, LoopInfo
from pyharness.bench.session import Session
from pyharness.errors import UnsupportedHere

PACE = "pace"  # the setting that may be given in line transfers
_IN_SPINS = ("atomics",)  # groups whose pace is in spin units; elsewhere it is nanoseconds
_UNIT = "harness/spin_unit"  # the loop that is nothing but such units
_TRIES = 3
_WINDOW_NS = 5_000_000


def spin_ns(session: Session) -> float:
    """CPU time of one spin unit, nanoseconds; the least of three looks."""
    if session.spin_ns is None:
        loop = next(x for x in _lib.loops() if x.title == _UNIT)
        config = LoopConfig(
            loop=loop,
            settings=(),
            knobs=(),
            cpus=session.place(1),
            atomics=0,
            realtime=False,
            warmup_ns=_WINDOW_NS // 5,
            measure_ns=_WINDOW_NS,
            operations=0,
        )
        looks = [session.window(config).threads[0] for _ in range(_TRIES)]
        good = [t.cpu_ns / t.operations for t in looks if t.operations]
        if not good:
            raise UnsupportedHere("a unit of pace cannot be timed on this host")
        session.spin_ns = min(good)
    return session.spin_ns


def transfer_ns(session: Session) -> float:
    """The one-way hand-off that line transfers are counted in; the least of three looks.

    One CPU alone has none: UnsupportedHere.
    """
    if session.transfer_ns is None:
        looks = [session.handoff_ns(session.place(2)) for _ in range(_TRIES)]
        good = [ns for ns in looks if ns is not None]
        if not good:
            raise UnsupportedHere("line transfers cannot be counted: that takes two CPUs")
        session.transfer_ns = min(good)
    return session.transfer_ns


def units_of(session: Session, loop: LoopInfo, factor: float) -> int:
    """So many line transfers in units of the loop's pace."""
    unit = spin_ns(session) if loop.group in _IN_SPINS else 1.0
    return round(factor * transfer_ns(session) / unit)
