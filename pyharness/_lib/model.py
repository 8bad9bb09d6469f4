"""The border to C for `verify` (csrc/api.cdef.h, the part on verifying)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyharness._lib.core import check_abi, failure, ffi, handle_of, lib, numbered, text
from pyharness._lib.model_types import (
    LIMITS,
    MODELS,
    STRATEGIES,
    Event,
    Fence,
    Found,
    Repeated,
    SearchConfig,
    SearchStats,
)

_ORDERS = ("relaxed", "acquire", "release", "full", "acq_rel", "acquire_pc", "seq_cst")


class Search:
    """A search of the core; use as a context manager. `run` blocks, `stop` may come
    from another thread."""

    def __init__(self, config: SearchConfig) -> None:
        check_abi()
        self._rows = len(config.scenario.outcomes)
        err = ffi.new("vms_error *")
        c = ffi.new("vms_verify_config *")
        c.scenario = handle_of(config.scenario)
        for i, value in enumerate(config.params):
            c.params[i] = value
        for i, value in enumerate(config.knobs):
            c.knobs[i] = value
        c.model = MODELS.index(config.model)
        c.strategy = STRATEGIES.index(config.strategy)
        c.until_found, c.preemptions = config.until_found, config.preemptions
        c.runs, c.budget_ns, c.seed = config.runs, config.budget_ns, config.seed
        c.depth, c.estimate_after = config.depth, config.estimate_after
        if config.script:
            self._script = ffi.new("int64_t[]", list(config.script))  # C reads it at once
            c.script, c.n_script = self._script, len(config.script)
        c.jobs, c.job = config.jobs, config.job
        self._v: Any = lib.vms_verify_create(c, err)
        if self._v == ffi.NULL:
            raise failure(err, f"{config.scenario.name} cannot be verified")

    def run(self) -> None:
        """Search; returns when done."""
        err = ffi.new("vms_error *")
        if lib.vms_verify_run(self._v, err):
            raise failure(err, "the search failed")

    def join(self, other: Search) -> bool:
        """Learn what another search of the same tree has met. True: that was news, and the
        answer counts only once `run` was called again."""
        return bool(lib.vms_verify_join(self._v, other._v))

    def stop(self) -> None:
        """Ask the search to end soon."""
        lib.vms_verify_stop(self._v)

    def stats(self) -> SearchStats:
        """The counters of this moment."""
        s = ffi.new("vms_verify_stats *")
        lib.vms_verify_progress(self._v, s)
        return SearchStats(
            *(s.executions, s.blocked, s.pruned, s.steps, s.elapsed_ns),
            *(bool(s.complete), bool(s.finished), s.found, s.states),
            *(s.estimate or None, LIMITS[s.limit]),
            text(s.room) if s.finished else "",
        )

    def counts(self) -> Sequence[int]:
        """Executions per outcome row of the scenario."""
        counts = ffi.new("uint64_t[]", self._rows)
        lib.vms_verify_counts(self._v, counts, self._rows)
        return list(counts)

    def found(self) -> tuple[Found, ...]:
        """The distinct violations; after the end."""
        rows = []
        for i in range(self.stats().found):
            f = ffi.new("vms_found *")
            if not lib.vms_verify_found(self._v, i, f):
                break
            rows.append(
                Found(
                    *(i, text(f.kind), text(f.actor), text(f.file)),
                    *(text(f.function), text(f.operation), f.line),
                    *(numbered("H", f.hazard), numbered("I", f.invariant)),
                    *(f.outcome, f.events, f.switches, f.count),
                    int(lib.vms_verify_digest(self._v, i)),
                    *(text(f.object), f.offset),
                    f"{text(f.other_file)}:{f.other_line}" if f.other_line else "",
                )
            )
        return tuple(rows)

    def repeated(self) -> Repeated | None:
        """Of a search that outgrew its room: what one CPU did again and again."""
        f = ffi.new("vms_found *")
        if not lib.vms_verify_repeated(self._v, f):
            return None
        return Repeated(text(f.operation), text(f.file), f.line, f.count)

    def events(self, found: Found) -> tuple[Event, ...]:
        """The example of a violation, oldest event first."""
        return tuple(self._event(found.index, i) for i in range(found.events))

    def script(self, found: Found) -> tuple[int, ...]:
        """The example of a violation as numbers that bring it back."""
        n = int(lib.vms_verify_script(self._v, found.index, ffi.NULL, 0))
        out = ffi.new("int64_t[]", max(n, 1))
        lib.vms_verify_script(self._v, found.index, out, n)
        return tuple(out[i] for i in range(n))

    def _event(self, found: int, index: int) -> Event:
        e = ffi.new("vms_event *")
        lib.vms_verify_event(self._v, found, index, e)
        return Event(
            cpu=e.cpu,
            actor=text(e.actor),
            file=text(e.file),
            line=e.line,
            function=text(e.function),
            operation=text(e.operation),
            place=text(e.place),
            read=bool(e.read),
            write=bool(e.write),
            value=e.value,
            before=e.before,
            rf=e.rf,
            stale=bool(e.stale),
            walk=bool(e.walk),
            order=_ORDERS[e.order],
            fences=self._fences(found, index),
        )

    def _fences(self, found: int, index: int) -> tuple[Fence, ...]:
        e = ffi.new("vms_event *")
        made: list[Fence] = []
        while lib.vms_verify_fence(self._v, found, index, len(made), e):
            made.append(Fence(text(e.operation), text(e.file), e.line))
        return tuple(reversed(made))

    def close(self) -> None:
        """Free everything; harmless when done already."""
        if self._v != ffi.NULL:
            lib.vms_verify_free(self._v)
            self._v = ffi.NULL

    def abandon(self) -> None:
        """Leave a search that never ends to itself: nothing can be freed beneath it."""
        self._v = ffi.NULL

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
