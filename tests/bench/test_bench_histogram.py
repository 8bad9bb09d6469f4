"""Percentiles of the core's histograms against numpy's on the values themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyharness import _lib
from pyharness.bench.histogram import add, merge_fine, percentile, percentiles
from pyharness.bench.results import Histogram

FLOORS = _lib.histogram_floors()
PERCENTS = [1, 50, 90, 99, 99.9, 100]


def binned(values):
    buckets = np.searchsorted(FLOORS, values, side="right") - 1
    return np.bincount(buckets, minlength=len(FLOORS) - 1).astype(np.uint64)


def test_the_buckets_ascend_and_are_a_sixteenth_of_a_power_of_two():
    widths = np.diff(FLOORS)
    assert FLOORS[0] == 0
    assert (widths > 0).all()
    assert (widths[:32] == 1).all()
    assert (widths[16:] <= FLOORS[16:-1] / 16).all()


@settings(deadline=None)  # a loaded host takes its time
@given(st.lists(st.integers(0, 31), min_size=1, max_size=200))
def test_percentiles_are_exact_where_buckets_are_one_nanosecond(values):
    histogram = merge_fine(binned(values), FLOORS, 0.0)
    for percent in PERCENTS:
        exact = np.percentile(values, percent, method="inverted_cdf")
        assert percentile(histogram, percent) == exact


@settings(deadline=None)  # a loaded host takes its time
@given(st.lists(st.integers(32, 10**9), min_size=1, max_size=200))
def test_percentiles_are_within_a_bucket_elsewhere(values):
    histogram = merge_fine(binned(values), FLOORS, 0.0)
    for percent in PERCENTS:
        exact = np.percentile(values, percent, method="inverted_cdf")
        assert percentile(histogram, percent) == pytest.approx(exact, rel=1 / 16)


def test_what_the_clock_cannot_tell_apart_is_one_bucket_and_said():
    values = [3] * 10 + [20] * 10 + [49] * 10 + [1000] * 70
    histogram = merge_fine(binned(values), FLOORS, 10.0)
    assert histogram.floors_ns[0] == 0
    assert histogram.counts[0] == 30
    assert histogram.merged_below_ns == 50
    assert percentile(histogram, 10) == 50
    assert percentile(histogram, 50) == pytest.approx(1000, rel=1 / 16)


def test_a_clock_finer_than_the_buckets_merges_nothing():
    histogram = merge_fine(binned([0, 1, 2]), FLOORS, 0.05)
    assert (histogram.floors_ns, histogram.merged_below_ns) == ([0, 1, 2], 0)


def test_histograms_of_repetitions_add_up():
    total = add([Histogram([1, 5], [2, 3]), Histogram([5, 9], [1, 1], 0)])
    assert (total.floors_ns, total.counts) == ([1, 5, 9], [2, 4, 1])


def test_an_empty_histogram_has_no_percentile():
    assert percentile(Histogram([], []), 50) is None
    assert percentiles("stall_ns", Histogram([], [])) == {}


def test_percentiles_are_named_after_their_histogram():
    found = percentiles("stall_ns", Histogram([7], [1]))
    assert found == dict.fromkeys(
        ("stall_p50_ns", "stall_p99_ns", "stall_p999_ns", "stall_max_ns"), 7.0
    )
