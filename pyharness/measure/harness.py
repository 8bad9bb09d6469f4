"""Group `harness`: our loop against the bare one in the same run, barrier skew, clock cost."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from pyharness import _lib
from pyharness.errors import UsageError
from pyharness.measure.judge import EMULATED, Counted, Probes, choose
from pyharness.measure.loops import BareCost, LoopConfig, LoopInfo
from pyharness.measure.metrics import median, summary
from pyharness.measure.pairs import BARE, CLOCK, GROUP, SKEW, Pair
from pyharness.measure.records import Measurement, Repetition
from pyharness.measure.session import Session
from pyharness.measure.windows import make_repetition

BATCHES_PER_ROUND = 5
PAIRS_WANTED = 10  # in a round, on a host where most are disturbed
_BATCH_S = 0.1
_PATIENCE_S = 3.0
_SKEWS_PER_ROUND = 10
_SHORT_NS = 2_000_000


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


def _short_config(loop: LoopInfo, cpus: tuple[int, ...], seed: int) -> LoopConfig:
    """A short window at the presets."""
    return LoopConfig(
        loop=loop,
        settings=tuple(s.preset for s in loop.settings),
        knobs=(),
        cpus=cpus,
        atomics=0,
        realtime=False,
        warmup_ns=_SHORT_NS,
        measure_ns=_SHORT_NS,
        operations=0,
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
    """Ours and the bare loop in turn; `ratio` is the median over short batches of pairs."""

    def __init__(self, pair: Pair, session: Session, emulated: bool) -> None:
        self.title = pair.title
        self.rounds = session.options.repetitions
        self._pair = pair
        self._session = session
        self._emulated = emulated
        self._cpus = session.place(pair.threads)
        self._batches: list[BareCost] = []
        self._repetitions: list[Repetition] = []

    @property
    def empty(self) -> bool:
        """Whether no batch has ended yet."""
        return not self._batches

    def round(self) -> None:
        """Some batches; more where the host leaves few pairs that count."""
        begun = time.monotonic()
        batches: list[BareCost] = []
        while len(batches) < BATCHES_PER_ROUND or (
            sum(b.pairs for b in batches) < PAIRS_WANTED and time.monotonic() - begun < _PATIENCE_S
        ):
            self._session.check_interrupt()
            batches.append(_lib.beside_bare(self._pair.name, self._cpus, int(_BATCH_S * 1e9)))
        self._batches += batches
        self._repetitions.append(self._repetition(batches, time.monotonic() - begun))

    def _repetition(self, batches: Sequence[BareCost], seconds: float) -> Repetition:
        good = [b for b in batches if b.pairs]
        pairs, dropped = sum(b.pairs for b in good), sum(b.dropped for b in batches)
        metrics: dict[str, float] = {}
        validity, reason = "contaminated", "no pair of windows had its CPUs to itself"
        if good:
            metrics = {
                "ns_per_op": median([b.ours_ns for b in good]),
                "bare_ns_per_op": median([b.bare_ns for b in good]),
                "ratio": median([b.ratio for b in good]),
            }
            validity, reason = "valid", ""
        if self._emulated:
            validity, reason = "inconclusive", EMULATED
        return Repetition(
            seconds=seconds,
            operations=0,
            ns_per_op=metrics.get("ns_per_op", 0.0),
            cpu_ns_per_op=0.0,
            validity=validity,
            reason=reason,
            handoff_before_ns=None,
            handoff_after_ns=None,
            counters={"pairs": float(pairs), "dropped_pairs": float(dropped)},
            threads=[],
            metrics=metrics,
        )

    def result(self) -> Measurement:
        """The measurement over the batches made so far."""
        counted = choose(self._repetitions)
        metrics = summary(counted.repetitions)
        metrics.pop("ratio", None)
        ratios = [b.ratio for b in self._batches if b.pairs]
        metrics["pairs"] = float(sum(b.pairs for b in self._batches))
        metrics["dropped_pairs"] = float(sum(b.dropped for b in self._batches))
        ratio = None
        if ratios:
            ratio = median(ratios)
            metrics["ratio_low"], metrics["ratio_high"] = ratio_interval(ratios)
        operation = BARE[self._pair.name]
        return _measurement(self._pair, operation, metrics, counted, self._repetitions, ratio)


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
            config = _short_config(self._loop, self._cpus, len(self._skews))
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
