"""The border to C for scenarios, hunts and probes (csrc/api.cdef.h)."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyharness._lib.core import check_abi, failure, ffi, handle_of, lib, numbered, text
from pyharness._lib.native_types import (
    Fault,
    HostFacts,
    HuntConfig,
    Knob,
    Snapshot,
    ThreadStat,
)
from pyharness._lib.scenario import GRADES, Actor, Outcome, Parameter, Scenario

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from pyharness._core import CData

TUNED_SKEW = -(1 << 31)  # INT32_MIN: let the core find the skew


def _rows(count: int, ctype: str, read: Callable[..., object], handle: CData) -> list[CData]:
    """`count` structures, each filled by `read(handle, index, out)`."""
    found = [ffi.new(ctype) for _ in range(count)]
    for index, out in enumerate(found):
        read(handle, index, out)
    return found


def _describe(handle: CData) -> Scenario:
    info = ffi.new("vms_scenario_info *")
    lib.vms_scenario_describe(handle, info)
    params = _rows(info.n_params, "vms_param_info *", lib.vms_scenario_param, handle)
    actors = _rows(info.n_actors, "vms_actor_info *", lib.vms_scenario_actor, handle)
    n_rows = lib.vms_outcome_rows(handle)
    rows = _rows(n_rows, "vms_outcome_info *", lib.vms_outcome_row, handle)
    return Scenario(
        name=text(info.name),
        title=text(info.title),
        story=text(info.story),
        source=text(info.source),
        file=text(info.file),
        parameters=tuple(
            Parameter(text(p.name), text(p.about), p.low, p.high, p.preset) for p in params
        ),
        actors=tuple(Actor(text(a.name), text(a.about)) for a in actors),
        outcomes=tuple(_outcome(r) for r in rows),
        own_outcomes=info.n_outcomes,
        uses_vmemmap=bool(info.uses_vmemmap),
        hardware=bool(info.hardware),
        ordering=bool(info.ordering),
        handle=handle,
    )


def _outcome(row: CData) -> Outcome:
    return Outcome(
        name=text(row.name),
        about=text(row.about),
        grade=GRADES[row.grade],
        hazard=numbered("H", row.hazard),
        invariant=numbered("I", row.invariant),
    )


@functools.cache
def scenarios() -> tuple[Scenario, ...]:
    """The scenarios compiled into the core, in its order."""
    check_abi()
    return tuple(_describe(lib.vms_scenario_at(i)) for i in range(lib.vms_scenario_count()))


@functools.cache  # a loaded object stays, so the same file is the same scenario
def load_scenario(
    plain: Path, points: Path, model: Path, lse: tuple[Path, ...] = ()
) -> Scenario:
    """The user's scenario from its three builds; UsageError when the core refuses it.

    `lse` are the first two again for arm64's other atomics.
    """
    check_abi()
    err = ffi.new("vms_error *")
    builds = os.fsencode(plain), os.fsencode(points), os.fsencode(model)
    handle = lib.vms_scenario_load(*builds, err)
    if handle == ffi.NULL:
        raise failure(err, f"the core cannot load {plain}")
    if lse:
        first, second = map(os.fsencode, lse)
        if lib.vms_scenario_load_lse(handle, first, second, err):
            raise failure(err, f"the core cannot load {lse[0]}")
    return _describe(handle)


def threads_needed(scenario: Scenario, params: Sequence[int]) -> int:
    """Threads that one instance of the scenario needs with these parameter values."""
    values = ffi.new("int32_t[]", [*params, *[0] * (lib.VMS_MAX_PARAMS - len(params))])
    return int(lib.vms_scenario_threads(handle_of(scenario), values))


@functools.cache
def knobs() -> tuple[Knob, ...]:
    """The knobs of a regime in the core's order (csrc/kapi/regime.h)."""
    check_abi()
    return tuple(
        Knob(
            text(lib.vms_knob_name(k)),
            text(lib.vms_knob_about(k)),
            tuple(text(lib.vms_knob_choice(k, c)) for c in range(lib.vms_knob_choices(k))),
            int(lib.vms_knob_preset(k)),
        )
        for k in range(lib.vms_knob_count())
    )


def as_u64(array: npt.NDArray[np.uint64]) -> CData:
    """A C view of a writable, contiguous uint64 array; keep it alive during the call."""
    # from_buffer looks at bytes only: a float array of the same size would pass.
    assert array.dtype.name == "uint64", array.dtype
    assert array.flags.c_contiguous
    assert array.flags.aligned
    return ffi.from_buffer("uint64_t[]", array, require_writable=True)


class Hunt:
    """A running hunt of the core; use as a context manager, which ends its threads.

    Not for concurrent use: a call made while another runs raises RuntimeError.
    """

    def __init__(self, config: HuntConfig) -> None:
        self._lock = threading.Lock()
        self._threads = len(config.cpus)
        self._rows = len(config.scenario.outcomes)
        self._cpus = ffi.new("int32_t[]", list(config.cpus))
        err = ffi.new("vms_error *")
        self._h: CData = lib.vms_hunt_start(self._config(config), err)
        if self._h == ffi.NULL:
            raise failure(err, f"the hunt of {config.scenario.name} did not start")

    def _config(self, config: HuntConfig) -> CData:
        c = ffi.new("vms_hunt_config *")
        c.scenario = handle_of(config.scenario)
        for i, value in enumerate(config.params):
            c.params[i] = value
        for i, value in enumerate(config.knobs):
            c.knobs[i] = value
        c.seed, c.budget_ns = config.seed, config.budget_ns
        c.cpus, c.n_threads = self._cpus, self._threads
        c.until_found, c.membarrier = config.until_found, config.membarrier
        c.build, c.atomics, c.group = config.build, config.atomics, config.group
        c.skew = TUNED_SKEW if config.skew is None else config.skew
        return c

    def _call(self, function: Callable[..., Any], *args: Any) -> Any:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("this hunt is in use by another thread")
        try:
            assert self._h != ffi.NULL, "the hunt was closed"
            return function(self._h, *args)
        finally:
            self._lock.release()

    def wait(self, timeout_ms: int) -> bool:
        """True when all threads have ended, else False after `timeout_ms` milliseconds."""
        return bool(self._call(lib.vms_hunt_wait, timeout_ms))

    def stop(self) -> None:
        """Ask all threads to end soon; returns at once."""
        self._call(lib.vms_hunt_stop)

    def snapshot(self) -> Snapshot:
        """The counters of this moment."""
        p = ffi.new("vms_progress *")
        self._call(lib.vms_hunt_progress, p)
        return Snapshot(
            *(p.samples, p.forbidden, p.faults, p.waits, p.elapsed_ns, p.distinct),
            *(p.group, p.skew, bool(p.points), bool(p.finished)),
        )

    def counts(self) -> npt.NDArray[np.uint64]:
        """Counts per outcome row of the scenario, a new uint64 array."""
        import numpy as np

        counts = np.zeros(self._rows, dtype=np.uint64)
        self._call(lib.vms_hunt_counts, as_u64(counts), self._rows)
        return counts

    def thread_stats(self) -> tuple[ThreadStat, ...]:
        """What each thread got from the host; after the end."""
        out = ffi.new("vms_thread_stat[]", self._threads)
        n = self._call(lib.vms_hunt_thread_stats, out, self._threads)
        return tuple(
            ThreadStat(
                *(t.wall_ns, t.cpu_ns, t.voluntary, t.involuntary),
                *(t.actor, t.cpu, bool(t.migrated)),
            )
            for t in (out[i] for i in range(n))
        )

    def faults(self) -> tuple[Fault, ...]:
        """The real faults taken, one entry for each kind and source line; after the end."""
        out = ffi.new("vms_fault[]", lib.VMS_MAX_FAULTS)
        n = self._call(lib.vms_hunt_faults, out, lib.VMS_MAX_FAULTS)
        return tuple(_fault(out[i]) for i in range(n))

    def check(self) -> None:
        """Raise what went wrong in a worker, if anything did; after the end."""
        err = ffi.new("vms_error *")
        if self._call(lib.vms_hunt_error, err):
            raise failure(err, "a worker failed")

    def close(self) -> None:
        """End the threads and free everything; harmless when done already."""
        if self._h != ffi.NULL:
            self._call(lib.vms_hunt_free)
            self._h = ffi.NULL

    def abandon(self) -> None:
        """Leave threads that never end to themselves: nothing can be freed beneath them."""
        self._h = ffi.NULL

    def __enter__(self) -> Hunt:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _fault(f: CData) -> Fault:
    return Fault(
        kind=text(f.kind),
        actor=text(f.actor),
        file=text(f.file),
        line=f.line,
        function=text(f.function),
        operation=text(f.operation),
        address=f.address,
        page=f.page,
        hazard=numbered("H", f.hazard),
        write=bool(f.write),
        count=f.count,
    )


def host() -> HostFacts:
    """What the core sees of this machine."""
    check_abi()
    h = ffi.new("vms_host *")
    lib.vms_host_describe(h)
    return HostFacts(
        arch=text(h.arch),
        atomics=text(h.atomics),
        lse=None if h.lse < 0 else bool(h.lse),
        lse2=None if h.lse2 < 0 else bool(h.lse2),
        membarrier=bool(h.membarrier),
        userfaultfd=bool(h.userfaultfd),
        page_size=h.page_size,
        cache_line=h.cache_line,
        emulated=bool(h.emulated),
        max_map_count=h.max_map_count,
    )


def probe_ns(what: str, *args: int) -> float | None:
    """Nanoseconds of a probe: clock_step, clock_cost, remap, membarrier, handoff.

    `handoff` takes two CPUs and a budget. None when it cannot be measured here.
    """
    value = float(getattr(lib, f"vms_probe_{what}_ns")(*args))
    return value if value >= 0 else None
