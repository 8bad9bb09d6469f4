"""Group `harness`: our loop against the bare one in the same run, barrier skew, clock cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pyharness import _lib
from pyharness.errors import UsageError
from pyharness.measure.judge import EMULATED, Counted, Probes, choose
from pyharness.measure.loops import LoopConfig, LoopInfo
from pyharness.measure.metrics import median, summary
from pyharness.measure.pairs import BARE, CLOCK, GROUP, SKEW, Pair
from pyharness.measure.records import Measurement, Repetition
from pyharness.measure.session import Session
from pyharness.measure.windows import make_repetition
from pyharness.units import row_seed

# A quad is ours, bare, bare, ours: what drifts evenly cancels within it.
QUADS_PER_ROUND = 5
_PART_S = 0.03
_SKEWS_PER_ROUND = 10
_CALIBRATE = 200_000
_SHORT_S = 0.002


def ratio_interval(ratios: Sequence[float]) -> tuple[float, float]:
    """An interval that holds the true median 19 times of 20, by order statistics.

    The number of values below the median is binomial, so that the k-th smallest and
    the k-th greatest bracket it; no shape of the distribution is assumed.
    """
    ordered, n = sorted(ratios), len(ratios)
    tail, k = 0.0, 0
    while k < n // 2 and (tail := tail + math.comb(n, k) / 2**n) <= 0.025:
        k += 1
    return ordered[max(0, k - 1)], ordered[n - max(1, k)]


def _loop(name: str) -> LoopInfo:
    found = next((x for x in _lib.loops() if x.name == name and x.group != GROUP), None)
    if found is None:
        raise UsageError(f"{GROUP}/{name}: the core has no loop {name}")
    return found


def short_config(loop: LoopInfo, cpus: tuple[int, ...], operations: int, seed: int) -> LoopConfig:
    """A short window at the presets; never in real time, of which the bare loop knows nothing."""
    return LoopConfig(
        loop=loop,
        settings=tuple(s.preset for s in loop.settings),
        knobs=(),
        cpus=cpus,
        atomics=0,
        realtime=False,
        warmup_ns=int(_SHORT_S * 1e9),
        measure_ns=int((_PART_S if operations else _SHORT_S) * 1e9),
        operations=operations,
        seed=seed,
    )


def _measurement(
    pair: Pair,
    operation: str,
    metrics: dict[str, float],
    counted: Counted,
    repetitions: list[Repetition],
    ratio: float | None = None,
) -> Measurement:
    return Measurement(
        group=GROUP,
        name=pair.name,
        threads=pair.threads,
        variant=_lib.host().atomics,
        settings={},
        regime=None,
        operation=operation,
        metrics=metrics,
        validity=counted.validity,
        reason=counted.reason,
        repetitions=repetitions,
        histograms={},
        ratio=ratio,
    )


class PairTask:
    """Ours and the bare loop in turn; `ratio` is the median over the quads."""

    def __init__(self, pair: Pair, session: Session, emulated: bool) -> None:
        self.title = pair.title
        self.rounds = session.options.repetitions
        self._pair = pair
        self._session = session
        self._emulated = emulated
        self._loop = _loop(pair.name)
        self._cpus = session.place(pair.threads)
        self._operations = 0
        self._ratios: list[tuple[float, bool]] = []  # and whether both windows were valid
        self._bare: list[float] = []
        self._repetitions: list[Repetition] = []

    @property
    def empty(self) -> bool:
        """Whether no quad has ended yet."""
        return not self._ratios

    def _ours(self) -> Repetition:
        seed = row_seed(self._session.options.seed, self.title, str(len(self._repetitions)))
        config = short_config(self._loop, self._cpus, self._operations, seed)
        window, probes = self._session.window(config), Probes()
        repetition = make_repetition(
            self._loop,
            self._cpus,
            window,
            probes,
            clock_step_ns=self._session.clock_step_ns,
            emulated=self._emulated,
        )
        self._repetitions.append(repetition)
        return repetition

    def _theirs(self) -> float:
        self._session.check_interrupt()
        bare = _lib.bare_loop_ns(self._pair.name, self._cpus, self._operations)
        self._bare.append(bare)
        return bare

    def round(self) -> None:
        """Some quads."""
        if not self._operations:
            bare = _lib.bare_loop_ns(self._pair.name, self._cpus, _CALIBRATE)
            self._operations = max(1000, int(_PART_S * 1e9 / bare))
        for _ in range(QUADS_PER_ROUND):
            first = self._ours()
            theirs = self._theirs() + self._theirs()
            last = self._ours()
            valid = first.validity == last.validity == "valid"
            if first.ns_per_op and last.ns_per_op:
                self._ratios.append(((first.ns_per_op + last.ns_per_op) / theirs, valid))

    def _believed(self) -> list[float]:
        """The ratios of the quads that nothing disturbed; of all where those are few."""
        valid = [ratio for ratio, ok in self._ratios if ok]
        return valid if len(valid) >= QUADS_PER_ROUND else [ratio for ratio, _ in self._ratios]

    def result(self) -> Measurement:
        """The measurement over the quads made so far."""
        counted = choose(self._repetitions)
        metrics = summary(counted.repetitions)
        if self._bare:
            metrics["bare_ns_per_op"] = median(self._bare)
        ratio = None
        if self._ratios and counted.validity != "void":
            ratios = self._believed()
            ratio = median(ratios)
            metrics["ratio_low"], metrics["ratio_high"] = ratio_interval(ratios)
            metrics["quads"] = float(len(ratios))
        return _measurement(
            self._pair, BARE[self._pair.name], metrics, counted, self._repetitions, ratio
        )


class SkewTask:
    """How far apart the threads of a window begin, by their own stamps."""

    def __init__(self, pair: Pair, session: Session, emulated: bool) -> None:
        self.title = pair.title
        self.rounds = session.options.repetitions
        self._pair = pair
        self._session = session
        self._emulated = emulated
        self._loop = _loop("xadd")
        self._cpus = session.place(pair.threads)
        self._skews: list[float] = []
        self._repetitions: list[Repetition] = []

    @property
    def empty(self) -> bool:
        """Whether no window has ended yet."""
        return not self._skews

    def round(self) -> None:
        """Some short windows."""
        for _ in range(_SKEWS_PER_ROUND):
            config = short_config(self._loop, self._cpus, 0, len(self._skews))
            window = self._session.window(config)
            begins = [t.begin_ns for t in window.threads]
            self._skews.append(float(max(begins) - min(begins)))
            repetition = make_repetition(
                self._loop,
                self._cpus,
                window,
                Probes(),
                clock_step_ns=self._session.clock_step_ns,
                emulated=self._emulated,
            )
            self._repetitions.append(repetition)

    def result(self) -> Measurement:
        """The measurement over the windows made so far."""
        counted = choose(self._repetitions)
        metrics = {"skew_ns": median(self._skews), "skew_max_ns": max(self._skews)}
        metrics["counted"] = float(len(self._skews))
        return _measurement(self._pair, "one start", metrics, counted, self._repetitions)


class ClockTask:
    """The step of the clock and the cost of a reading, by the core's probes."""

    def __init__(self, pair: Pair, session: Session, emulated: bool) -> None:
        self.title = pair.title
        self.rounds = session.options.repetitions
        self._pair = pair
        self._session = session
        self._emulated = emulated
        self._costs: list[float] = []

    @property
    def empty(self) -> bool:
        """Whether nothing was measured yet."""
        return not self._costs

    def round(self) -> None:
        """One look."""
        self._session.check_interrupt()
        cost = _lib.probe_ns("clock_cost")
        if cost is not None:
            self._costs.append(cost)

    def result(self) -> Measurement:
        """The median of the looks made so far."""
        step = self._session.clock_step_ns
        metrics = {"clock_cost_ns": median(self._costs), "clock_step_ns": step}
        verdict = ("inconclusive", EMULATED) if self._emulated else ("valid", "")
        return _measurement(self._pair, "one reading", metrics, Counted((), *verdict), [])


def make_task(pair: Pair, session: Session, emulated: bool) -> PairTask | SkewTask | ClockTask:
    """The task that measures this benchmark of group `harness`."""
    if pair.name == SKEW:
        return SkewTask(pair, session, emulated)
    if pair.name == CLOCK:
        return ClockTask(pair, session, emulated)
    return PairTask(pair, session, emulated)
