"""Intervals and verdicts: how often they are wrong, and how often they see what is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness.compare import stats
from pyharness.compare.stats import Interval, verdict

pytestmark = pytest.mark.slow

THRESHOLD = 0.05
SEEDS = range(120)


def drawn(seed, change, spread, count=5):
    """Two runs of `count` windows each, the second dearer by `change`."""
    rng = np.random.default_rng(seed)
    return rng.lognormal(0, spread, count), (1 + change) * rng.lognormal(0, spread, count)


def verdicts(estimate, change, spread, count=5):
    found = [verdict(estimate(*drawn(s, change, spread, count)), THRESHOLD) for s in SEEDS]
    return {name: found.count(name) / len(found) for name in set(found)}


ESTIMATES = [stats.ratio_of_quantiles, stats.median_of_ratios]


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_no_change_is_called_no_change(estimate):
    """A spread of 1 % between windows is what an undisturbed host shows (bench, `spread`)."""
    found = verdicts(estimate, 0.0, 0.01)
    assert found.get("no change", 0) >= 0.95
    assert found.get("slower", 0) + found.get("faster", 0) == 0


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_a_slow_down_of_a_tenth_is_found(estimate):
    assert verdicts(estimate, 0.10, 0.01)["slower"] >= 0.95
    assert verdicts(estimate, -1 / 11, 0.01)["faster"] >= 0.95


@pytest.mark.parametrize("estimate", ESTIMATES)
@pytest.mark.parametrize("spread", [0.03, 0.1, 0.3])
def test_noise_makes_it_undecided_rather_than_wrong(estimate, spread):
    found = verdicts(estimate, 0.0, spread, count=8)
    assert found.get("slower", 0) + found.get("faster", 0) <= 0.05
    if spread >= 0.1:
        assert found["inconclusive"] >= 0.8


def test_drift_that_falls_on_both_alike_does_not_matter_in_pairs():
    """Windows that get a third dearer over the run: pairs see the tenth, runs apart may not."""
    rng = np.random.default_rng(1)
    drift = np.linspace(1, 1.33, 30)
    a = drift * rng.lognormal(0, 0.01, 30)
    b = 1.1 * drift * rng.lognormal(0, 0.01, 30)
    paired = stats.median_of_ratios(a, b)
    assert verdict(paired, THRESHOLD) == "slower"
    apart = stats.ratio_of_quantiles(a, b)
    assert apart.high - apart.low > 3 * (paired.high - paired.low)


@given(st.lists(st.floats(0.1, 1e6), min_size=3, max_size=20))
def test_a_run_beside_itself_has_not_changed(values):
    found = stats.median_of_ratios(values, values)
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert stats.ratio_of_quantiles(values, values).value == 1


@given(
    st.lists(st.floats(0.1, 1e6), min_size=3, max_size=12),
    st.lists(st.floats(0.1, 1e6), min_size=3, max_size=12),
)
def test_the_interval_holds_the_estimate_or_is_as_wide_as_the_values(a, b):
    found = stats.ratio_of_quantiles(a, b)
    assert 0 < found.low <= found.high
    assert min(b) / max(a) * 0.999 <= found.low
    assert found.high <= max(b) / min(a) * 1.001


def test_the_same_figures_give_the_same_interval():
    a, b = drawn(7, 0.1, 0.02)
    assert stats.ratio_of_quantiles(a, b) == stats.ratio_of_quantiles(a, b)


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (Interval(1.10, 1.08, 1.12), "slower"),
        (Interval(1.10, 1.001, 1.2), "slower"),
        (Interval(1.10, 0.99, 1.2), "inconclusive"),  # the effect alone
        (Interval(1.03, 1.02, 1.04), "no change"),  # the interval alone
        (Interval(1.04, 1.02, 1.06), "inconclusive"),
        (Interval(1.00, 0.97, 1.03), "no change"),
        (Interval(1.00, 0.90, 1.03), "inconclusive"),
        (Interval(0.90, 0.88, 0.92), "faster"),
        (Interval(0.90, 0.80, 1.01), "inconclusive"),
    ],
)
def test_a_verdict_needs_effect_and_interval(cost, expected):
    assert verdict(cost, THRESHOLD) == expected
    mirrored = {"slower": "faster", "faster": "slower"}.get(expected, expected)
    assert verdict(cost.inverse(), THRESHOLD) == mirrored
