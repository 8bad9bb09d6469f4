"""Bootstrap intervals of how a median changed, and the verdict over one.

Percentile intervals: those of a ratio are the same whichever side is divided by which,
and a median has no acceleration that a bias-corrected interval could estimate. Their
tails are taken further out the fewer the samples are, else the interval of eight windows
misses one time of ten (Hesterberg, What Teachers Should Know about the Bootstrap, 2015,
section 5.3). Ten thousand resamples from a fixed seed: the same figures give the same
verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
CONFIDENCE = 0.95
_SEED = 20_240_207

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval of 95 %."""

    value: float
    low: float
    high: float

    def inverse(self) -> Interval:
        """The interval of one over the estimate."""
        return Interval(1 / self.value, 1 / self.high, 1 / self.low)


def _quantiles(samples: Floats, share: float, rng: np.random.Generator) -> Floats:
    count = len(samples)
    drawn = samples[rng.integers(0, count, size=(RESAMPLES, count))]
    return np.asarray(np.quantile(drawn, share, axis=1), dtype=np.float64)


def _tail(count: int) -> float:
    """The share left out on each side: the normal tail beyond t sqrt(n / (n - 1)).

    With `count` samples of pairs, or one less than both sides have where they were made
    apart, 95 % and more of the intervals hold the truth from four repetitions, or six
    pairs, on (simulated: normal, and with a third of the windows disturbed).
    """
    z, v = 1.959964, max(1, count - 1)  # of CONFIDENCE
    # Student's t from the normal quantile: Abramowitz and Stegun 26.7.5.
    t = z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
    return math.erfc(t * math.sqrt((v + 1) / v) / math.sqrt(2)) / 2


def _interval(value: float, drawn: Floats, count: int) -> Interval:
    tail = _tail(count)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def ratio_of_quantiles(a: Sequence[float], b: Sequence[float], share: float = 0.5) -> Interval:
    """The quantile of `b` over that of `a`, where both were measured apart; all positive.

    The median, or the lower quartile (0.25) of what disturbance can only add to: one window
    of five that was disturbed widens the interval of a median, and hardly that of a quartile.
    """
    rng = np.random.default_rng(_SEED)
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    drawn = _quantiles(y, share, rng) / _quantiles(x, share, rng)
    value = float(np.quantile(y, share) / np.quantile(x, share))
    return _interval(value, drawn, len(x) + len(y) - 1)


def median_of_ratios(a: Sequence[float], b: Sequence[float]) -> Interval:
    """The median of `b[i] / a[i]`, where each pair was measured in turn; all positive."""
    return median(np.asarray(b, dtype=np.float64) / np.asarray(a, dtype=np.float64))


def median(values: Sequence[float] | Floats) -> Interval:
    """The median of the values."""
    samples = np.asarray(values, dtype=np.float64)
    drawn = _quantiles(samples, 0.5, np.random.default_rng(_SEED))
    return _interval(float(np.median(samples)), drawn, len(samples))


def middle(values: Sequence[float]) -> float:
    """The median alone."""
    return float(np.median(np.asarray(values, dtype=np.float64)))


def verdict(cost: Interval, threshold: float) -> str:
    """`slower`, `faster`, `no change` or `inconclusive` for a ratio of costs.

    A change needs both: an effect of at least `threshold`, and an interval without 1.
    Asking for the interval beyond the threshold would miss half of the changes that
    are just as large; asking for the interval alone would report real changes that
    nobody wants to know. `no change` is as strong a claim and needs its own evidence:
    the whole interval within the threshold. The rest is not decided.
    """
    if cost.value >= 1 + threshold and cost.low > 1:
        return "slower"
    if cost.value <= 1 / (1 + threshold) and cost.high < 1:
        return "faster"
    if cost.low > 1 / (1 + threshold) and cost.high < 1 + threshold:
        return "no change"
    return "inconclusive"
