"""The border to C: the only package that touches `ffi` and `lib` (csrc/api.cdef.h)."""

from pyharness._lib.loops import (
    LoopRun,
    beside_bare,
    histogram_floors,
    loop_code,
    loops,
)
from pyharness._lib.model import Search
from pyharness._lib.native import (
    TUNED_SKEW,
    Hunt,
    as_u64,
    host,
    knobs,
    load_scenario,
    probe_ns,
    scenarios,
    threads_needed,
)

__all__ = [
    "TUNED_SKEW",
    "Hunt",
    "LoopRun",
    "Search",
    "as_u64",
    "beside_bare",
    "histogram_floors",
    "host",
    "knobs",
    "load_scenario",
    "loop_code",
    "loops",
    "probe_ns",
    "scenarios",
    "threads_needed",
]
