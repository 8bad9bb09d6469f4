"""Running single windows: starting, waiting, stopping, and the hand-off probes around them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyharness import _lib
from pyharness._lib.loop_types import LoopConfig, LoopThread
from pyharness.bench.histogram import merge_fine
from pyharness.bench.judge import Probes
from pyharness.bench.options import Options
from pyharness.bench.results import Histogram
from pyharness.errors import Untrustworthy, WorkerCrashed
from pyharness.host.topology import allowed_cpus
from pyharness.output.interrupt import Interrupt

PROBE_S = 0.005
_LOOKS = 3
_SLOWEST_NS = 1000.0
_YARDSTICK = "harness/yardstick"
_YARDSTICK_S = 0.004  # some sixteen chunks, of which the second least counts
_YARDSTICK_WARMUP_S = 0.0005
YARDSTICKS_S = 2 * (_YARDSTICK_S + _YARDSTICK_WARMUP_S)  # around each window
_POLL_MS = 50
_STUCK_S = 10.0
_PATIENCE_S = 3.0  # for workers that were asked to end


@dataclass(frozen=True, slots=True)
class Window:
    """What came out of one window; `void` is what is wrong with its sum."""

    threads: tuple[LoopThread, ...]
    counters: dict[str, float]
    histograms: dict[str, Histogram]
    void: str | None


class Interrupted(Exception):
    """The user wants to end; what was gathered before is kept."""


@dataclass(slots=True)
class Session:
    """The one place where windows are run; `tick` is called about every 50 ms."""

    options: Options
    interrupt: Interrupt
    clock_step_ns: float
    tick: Callable[[], None] = lambda: None
    transfer_ns: float | None = None  # of one line, when it was asked for (pace.py)
    spin_ns: float | None = None  # of one unit of pace, likewise

    def place(self, threads: int) -> tuple[int, ...]:
        """The CPU of each thread, filled in order and over again; -1: not pinned."""
        if self.options.cpus is None:
            return (-1,) * threads
        cpus = self.options.cpus
        return tuple(cpus[i % len(cpus)] for i in range(threads))

    def handoff_ns(self, cpus: Sequence[int]) -> float | None:
        """One-way hand-off between the first two CPUs; None unless they are two.

        Slower than any machine is, and the probe itself had lost a CPU: it looks again.
        """
        if self.options.cpus is None and len(cpus) > 1:
            cpus = allowed_cpus()  # not pinned: any two that the threads may be on
        if len(cpus) < 2 or cpus[0] == cpus[1]:
            return None
        looks: list[float] = []
        while len(looks) < _LOOKS and (not looks or looks[-1] > _SLOWEST_NS):
            ns = _lib.probe_ns("handoff", cpus[0], cpus[1], int(PROBE_S * 1e9))
            if ns is None:
                break
            looks.append(ns)
        return min(looks, default=None)

    def yardstick_ns(self, cpus: Sequence[int]) -> float | None:
        """What an operation of the yardstick takes on these CPUs, all of them at it; None
        where it is not wanted, under an emulator, and where no chunk of it ended."""
        if not self.options.yardstick or _lib.host().emulated:
            return None
        config = LoopConfig(
            loop=next(x for x in _lib.loops() if x.title == _YARDSTICK),
            settings=(),
            knobs=(),
            cpus=tuple(dict.fromkeys(cpus)) if self.options.cpus else tuple(cpus),
            atomics=0,
            realtime=self.options.realtime,
            warmup_ns=int(_YARDSTICK_WARMUP_S * 1e9),
            measure_ns=int(_YARDSTICK_S * 1e9),
            operations=0,
        )
        costs = [t.chunk_decile_ns for t in self.window(config).threads]
        return len(costs) / sum(1 / ns for ns in costs) if costs and all(costs) else None

    def probed(self, config: LoopConfig) -> tuple[Window, Probes]:
        """A window between two looks at the hand-off and at the yardstick.

        The lesser look at the yardstick counts: what disturbs it only adds.
        """
        before = self.handoff_ns(config.cpus)
        looks = [self.yardstick_ns(config.cpus)]
        window = self.window(config)
        looks.append(self.yardstick_ns(config.cpus))
        yardstick = min((ns for ns in looks if ns is not None), default=None)
        return window, Probes(before, self.handoff_ns(config.cpus), yardstick)

    def window(self, config: LoopConfig) -> Window:
        """Run one window to its end. Interrupted when the user asks; WorkerCrashed when stuck."""
        self.check_interrupt()
        with _lib.LoopRun(config) as run:
            self._wait(run, (config.warmup_ns + config.measure_ns) / 1e9)
            void = None
            try:
                run.check()
            except Untrustworthy as error:
                void = str(error)
            floors = _lib.histogram_floors()
            return Window(
                threads=run.threads(),
                counters=run.counters(),
                histograms={
                    name: merge_fine(run.histogram(name), floors, self.clock_step_ns)
                    for name in config.loop.histograms
                },
                void=void,
            )

    def _wait(self, run: _lib.LoopRun, seconds: float) -> None:
        deadline = time.monotonic() + seconds + _STUCK_S
        while not run.wait(_POLL_MS):
            if self.interrupt.requested:
                self._end(run, "when they were asked to")
                raise Interrupted
            if time.monotonic() > deadline:
                self._end(run, f"within {_STUCK_S:.0f} s after their time")
                raise WorkerCrashed(f"workers took {_STUCK_S:.0f} s more than their time")
            self.tick()

    def _end(self, run: _lib.LoopRun, when: str) -> None:
        """Ask the workers to end; WorkerCrashed when they do not, and they are left behind."""
        run.stop()
        deadline = time.monotonic() + _PATIENCE_S
        while not run.wait(_POLL_MS):
            if time.monotonic() > deadline:
                run.abandon()
                raise WorkerCrashed(f"workers did not end {when}")

    def check_interrupt(self) -> None:
        """Interrupted when the user asked to end."""
        if self.interrupt.requested:
            raise Interrupted
        self.tick()
