"""Line transfers as a loop's own units: how long a spin of `pace` takes on this CPU."""

from __future__ import annotations

from pyharness.errors import UnsupportedHere
from pyharness.measure.loops import LoopConfig, LoopInfo
from pyharness.measure.session import Session
from pyharness.units import row_seed

# Settings that may be given in line transfers: in spin units, or in nanoseconds.
SPINS, NANOSECONDS = "pace", "pace_ns"
_LONG = 2000  # spin units that outweigh the operation itself
_TRIES = 3
_WINDOW_NS = 5_000_000
_HANDOFF_TRIES = 3


def _cpu_ns(session: Session, loop: LoopInfo, units: int) -> float:
    """CPU time of one operation of a single thread with so many spin units; the least seen."""
    index = next(i for i, s in enumerate(loop.settings) if s.name == SPINS)
    settings = [s.preset for s in loop.settings]
    settings[index] = min(units, loop.settings[index].high)
    found = []
    for attempt in range(_TRIES):
        config = LoopConfig(
            loop=loop,
            settings=tuple(settings),
            knobs=(),
            cpus=session.place(loop.least_threads),
            atomics=0,
            realtime=False,
            warmup_ns=_WINDOW_NS // 5,
            measure_ns=_WINDOW_NS,
            operations=0,
            seed=row_seed(session.options.seed, loop.title, "pace", str(attempt)),
        )
        threads = session.window(config).threads
        operations = sum(t.operations for t in threads)
        if operations:
            found.append(sum(t.cpu_ns for t in threads) / operations)
    if not found:
        raise UnsupportedHere(f"{loop.title}: its pace cannot be calibrated on this host")
    return min(found)


def unit_ns(session: Session, loop: LoopInfo) -> float:
    """Nanoseconds of one spin unit of this loop, the operation itself subtracted."""
    if loop.setting(SPINS) is None:
        return 1.0
    key = loop.title
    if key not in session.units_ns:
        step = (_cpu_ns(session, loop, _LONG) - _cpu_ns(session, loop, 0)) / _LONG
        if step <= 0:
            raise UnsupportedHere(f"{loop.title}: its pace cannot be calibrated on this host")
        session.units_ns[key] = step
    return session.units_ns[key]


def transfer_ns(session: Session) -> float:
    """The one-way hand-off that line transfers are counted in; the least of three looks.

    One CPU alone has none: UnsupportedHere.
    """
    if session.transfer_ns is None:
        cpus = session.place(2)
        looks = [session.handoff_ns(cpus) for _ in range(_HANDOFF_TRIES)]
        good = [ns for ns in looks if ns is not None]
        if not good:
            raise UnsupportedHere("line transfers cannot be counted: that takes two CPUs")
        session.transfer_ns = min(good)
    return session.transfer_ns


def units_of(session: Session, loop: LoopInfo, factor: float) -> int:
    """So many line transfers in units of the loop's pace."""
    return round(factor * transfer_ns(session) / unit_ns(session, loop))
