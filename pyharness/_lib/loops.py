"""The border to C for `bench` (csrc/api.cdef.h, the part on timed loops)."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyharness._lib.core import check_abi, failure, ffi, lib, text
from pyharness._lib.loop_types import (
    BareCost,
    LoopConfig,
    LoopInfo,
    LoopSetting,
    LoopThread,
    Variant,
)
from pyharness._lib.native import as_u64

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HISTOGRAM_BUCKETS = int(lib.VMS_HISTOGRAM_BUCKETS)


def _setting(loop: int, index: int) -> LoopSetting:
    out = ffi.new("vms_setting_info *")
    lib.vms_loop_setting(loop, index, out)
    choices = tuple(text(lib.vms_loop_choice(loop, index, c)) for c in range(out.n_choices))
    lacks = {c: text(lib.vms_loop_lacks(loop, index, i)) for i, c in enumerate(choices)}
    return LoopSetting(
        name=text(out.name),
        about=text(out.about),
        choices=choices,
        low=out.low,
        high=out.high,
        preset=out.preset,
        lacks={choice: why for choice, why in lacks.items() if why},
    )


def _variants(loop: int) -> tuple[Variant, ...]:
    found: dict[str, Variant] = {}
    for atomics in range(lib.VMS_ATOMICS_OUTLINE + 1):
        name = text(lib.vms_loop_atomics(loop, atomics))
        claim = text(lib.vms_loop_instruction(loop, atomics))
        if name and name not in found:
            found[name] = Variant(
                name=name,
                atomics=atomics,
                claim=tuple(part.strip() for part in claim.split("|") if part.strip()),
                lacks=text(lib.vms_loop_atomics_lacks(loop, atomics)),
            )
    return tuple(found.values())


def _describe(index: int) -> LoopInfo:
    out = ffi.new("vms_loop_info *")
    lib.vms_loop_describe(index, out)
    return LoopInfo(
        index=index,
        group=text(out.group),
        name=text(out.name),
        about=text(out.about),
        operation=text(out.operation),
        settings=tuple(_setting(index, i) for i in range(out.n_settings)),
        counters=tuple(text(lib.vms_loop_counter_name(index, i)) for i in range(out.n_counters)),
        histograms=tuple(
            text(lib.vms_loop_histogram_name(index, i)) for i in range(out.n_histograms)
        ),
        least_threads=out.least_threads,
        roles=out.roles,
        uses_regime=bool(out.uses_regime),
        variants=_variants(index),
    )


@functools.cache
def loops() -> tuple[LoopInfo, ...]:
    """The timed loops of the core, in its order."""
    check_abi()
    return tuple(_describe(i) for i in range(lib.vms_loop_count()))


@functools.cache
def histogram_floors() -> npt.NDArray[np.int64]:
    """The lowest value of each bucket, nanoseconds; one more entry ends the last bucket."""
    import numpy as np

    floors = [int(lib.vms_histogram_floor(b)) for b in range(HISTOGRAM_BUCKETS)]
    end = 2 * floors[-1] - floors[-2]  # as wide as the bucket before it
    return np.array([*floors, end], dtype=np.int64)


class LoopRun:
    """A running window of the core; use as a context manager, which ends its threads."""

    def __init__(self, config: LoopConfig) -> None:
        self._threads = len(config.cpus)
        self._info = config.loop
        self._cpus = ffi.new("int32_t[]", list(config.cpus))
        err = ffi.new("vms_error *")
        c = ffi.new("vms_loop_config *")
        c.loop = config.loop.index
        for i, value in enumerate(config.settings):
            c.settings[i] = value
        for i, value in enumerate(config.knobs):
            c.knobs[i] = value
        c.cpus, c.n_threads = self._cpus, self._threads
        c.atomics, c.realtime = config.atomics, config.realtime
        c.warmup_ns, c.measure_ns = config.warmup_ns, config.measure_ns
        c.operations = config.operations
        self._r: Any = lib.vms_loop_start(c, err)
        if self._r == ffi.NULL:
            raise failure(err, f"{config.loop.title} did not start")

    def wait(self, timeout_ms: int) -> bool:
        """True when all threads have ended, else False after `timeout_ms` milliseconds."""
        return bool(lib.vms_loop_wait(self._r, timeout_ms))

    def stop(self) -> None:
        """Ask all threads to end soon; returns at once."""
        lib.vms_loop_stop(self._r)

    def check(self) -> None:
        """Raise what went wrong, Untrustworthy when the sum is wrong; after the end."""
        err = ffi.new("vms_error *")
        if lib.vms_loop_error(self._r, err):
            raise failure(err, "a worker failed")

    def threads(self) -> tuple[LoopThread, ...]:
        """What each thread did in its window; after the end."""
        out = ffi.new("vms_loop_thread[]", self._threads)
        n = lib.vms_loop_threads(self._r, out, self._threads)
        return tuple(
            LoopThread(
                *(t.operations, t.retries, t.refused, t.runs, t.longest_run),
                *(t.begin_ns, t.end_ns, t.cpu_ns, t.longest_gap_ns),
                *(t.chunk_decile_ns, t.chunk_median_ns),
                *(t.voluntary, t.involuntary, t.role, t.cpu, bool(t.migrated)),
            )
            for t in (out[i] for i in range(n))
        )

    def counters(self) -> dict[str, float]:
        """The loop's own counters, summed over threads; those that this host has not are
        left out. After the end."""
        names = self._info.counters
        out = ffi.new("double[]", max(1, len(names)))
        lib.vms_loop_counters(self._r, out, len(names))
        found = {name: float(out[i]) for i, name in enumerate(names)}
        return {name: value for name, value in found.items() if not math.isnan(value)}

    def histogram(self, name: str) -> npt.NDArray[np.uint64]:
        """Counts per bucket of one of the loop's histograms; after the end."""
        import numpy as np

        counts = np.zeros(HISTOGRAM_BUCKETS, dtype=np.uint64)
        index = self._info.histograms.index(name)
        lib.vms_loop_histogram(self._r, index, as_u64(counts), HISTOGRAM_BUCKETS)
        return counts

    def abandon(self) -> None:
        """Leave a run whose threads do not end: freeing it would wait for them for ever."""
        self._r = ffi.NULL

    def close(self) -> None:
        """End the threads and free everything; harmless when done already."""
        if self._r != ffi.NULL:
            lib.vms_loop_free(self._r)
            self._r = ffi.NULL

    def __enter__(self) -> LoopRun:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def loop_code(loop: LoopInfo, settings: Sequence[int], atomics: int) -> bytes:
    """Machine code of the timed loop with these settings; empty where it is not known."""
    values = ffi.new("int32_t[]", [*settings, *[0] * (lib.VMS_MAX_SETTINGS - len(settings))])
    code = ffi.new("const void **")
    size = int(lib.vms_loop_code(loop.index, values, atomics, code))
    return bytes(ffi.buffer(code[0], size)) if size else b""


def beside_bare(operation: str, cpus: Sequence[int], budget_ns: int) -> BareCost:
    """Our loop of that name and the plain one compiled beside it, in turn for `budget_ns`.

    Raises UnsupportedHere where they cannot run, Untrustworthy when our sum is wrong.
    """
    placed = ffi.new("int32_t[]", list(cpus))
    out, err = ffi.new("vms_bare_cost *"), ffi.new("vms_error *")
    if lib.vms_bench_bare(operation.encode(), placed, len(cpus), budget_ns, out, err):
        raise failure(err, f"the bare loop {operation} cannot run here")
    return BareCost(out.pairs, out.dropped, out.ours_ns, out.bare_ns, out.ratio)
