"""What is swept when nothing is said: the settings worth seeing side by side, by group."""

from __future__ import annotations

from collections.abc import Sequence

from pyharness._lib.loop_types import LoopInfo
from pyharness.bench.sweep import Value

# A regime of each kind of try_get: nothing before the load, an RCU section with the fake
# head tested first, and with the count tested first.
_REGIMES = ("linux-7.1", "linux-6.10", "linux-6.15")

_GUARDS = ("fault-wait-spin", "fault-wait-futex", "fault-retry", "pause", "stop")
# Back to back for the throughput; by the clock for stalls from when a lookup was meant
# to begin.
_PACES = (0, 2000)

# group -> setting -> values; a setting that a loop has not is passed over.
_SWEEPS: dict[str, dict[str, Sequence[Value]]] = {
    "lookup": {"pace": _PACES},
    "remap": {"what": ("page", "2m"), "guard": _GUARDS},
    "grace": {"batch": (1, 8, 64, 512)},
    "harness": {"clock": ("all",)},
}
_TOUR: dict[str, dict[str, Sequence[Value]]] = {
    "lookup": {},
    "remap": {"guard": ("fault-wait-spin", "pause")},
    "grace": {"batch": (1, 64)},
    "harness": {"clock": ("all",)},
}


def presets_of(loop: LoopInfo, *, tour: bool) -> dict[str, Sequence[Value]]:
    """The settings that are swept unless told otherwise; fewer values on the quick tour."""
    found = (_TOUR if tour else _SWEEPS).get(loop.group, {})
    return {name: values for name, values in found.items() if loop.setting(name)}


def regimes_of(loop: LoopInfo) -> tuple[str, ...]:
    """The regimes that are compared unless told otherwise."""
    return _REGIMES if loop.uses_regime else ()
