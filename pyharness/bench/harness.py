"""Group `harness`: our loop against the bare one, in turn, in the same run."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from pyharness import _lib
from pyharness._lib.loop_types import BareCost
from pyharness.bench.against_bare import GROUP, PAIRS, Pair
from pyharness.bench.judge import EMULATED, choose
from pyharness.bench.metrics import median, summary
from pyharness.bench.results import Measurement, Repetition
from pyharness.bench.session import Session

BATCHES_PER_ROUND = 5
PAIRS_WANTED = 10  # in a round, on a host where most are disturbed
_BATCH_S = 0.1
_PATIENCE_S = 3.0


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

    @property
    def missing(self) -> int:
        """None: pairs that were disturbed are dropped, and others made in their place."""
        return 0

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
        return Measurement(
            group=GROUP,
            name=self._pair.name,
            threads=self._pair.threads,
            variant=_lib.host().atomics,
            settings={},
            regime=None,
            operation=PAIRS[self._pair.name],
            metrics=metrics,
            validity=counted.validity,
            reason=counted.reason,
            repetitions=self._repetitions,
            histograms={},
            ratio=ratio,
        )
