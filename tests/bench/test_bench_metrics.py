"""From threads and repetitions to figures."""

import dataclasses

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measuring import LOOP, SECOND, repetition, thread

from pyharness.bench.harness import ratio_interval
from pyharness.bench.metrics import (
    add_contention,
    median,
    quartile_range,
    summary,
    window_metrics,
)
from pyharness.bench.results import Histogram, Measurement

VALUES = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=40)


def measurement(threads, ns, **settings):
    return Measurement(
        *("atomics", "add_unless", threads, "lock", settings, None, "one add"),
        metrics={"ns_per_op": ns},
        validity="valid",
        reason="",
        repetitions=[],
        histograms={},
    )


def test_time_for_an_operation_is_a_threads_and_the_rate_is_everybodys():
    found = window_metrics(LOOP, [thread(1000), thread(3000, cpu_ns=SECOND // 2)], {}, {})
    assert found["ns_per_op"] == 2 * SECOND / 4000
    assert found["cpu_ns_per_op"] == 1.5 * SECOND / 4000
    assert found["ops_per_s"] == 4000
    assert found["fairness"] == pytest.approx(1 / 3)
    assert "refused_per_op" not in found


def test_the_steady_cost_is_that_of_the_least_disturbed_chunks():
    one = thread(chunk_decile_ns=5.0, chunk_median_ns=6.0)
    assert window_metrics(LOOP, [one], {}, {})["steady_ns_per_op"] == 5.0


def test_of_threads_that_contend_the_steady_cost_is_the_median_chunks():
    """A chunk in which the other was away is the least, and no contention at all."""
    fast = thread(chunk_decile_ns=5.0, chunk_median_ns=20.0)
    slow = thread(chunk_decile_ns=5.0, chunk_median_ns=60.0)
    found = window_metrics(LOOP, [fast, slow], {}, {})
    assert found["steady_ns_per_op"] == pytest.approx(30.0)  # of the mean of both rates
    alone = dataclasses.replace(LOOP, group="remap", roles=2)
    remapper = dataclasses.replace(slow, role=1)
    assert window_metrics(alone, [remapper, fast], {}, {})["steady_ns_per_op"] == 60.0


def test_without_chunks_there_is_no_steady_cost():
    assert "steady_ns_per_op" not in window_metrics(LOOP, [thread()], {}, {})


def test_contention_is_told_by_retries_runs_and_refusals():
    threads = [
        thread(1000, retries=100, runs=100, longest_run=40),
        thread(1000, retries=300, runs=300, longest_run=900, refused=20),
    ]
    found = window_metrics(LOOP, threads, {}, {})
    assert found["retries_per_op"] == 0.2
    assert found["run_length"] == 5.0
    assert found["longest_run"] == 900
    assert found["refused_per_op"] == 0.01


def test_a_remap_is_told_by_its_remapper_and_what_readers_lost():
    loop = dataclasses.replace(LOOP, group="remap", roles=2)
    threads = [thread(100, role=1), thread(10**6), thread(10**6)]
    counters = {"faults": 50.0, "stalled_ns": 0.5 * SECOND}
    found = window_metrics(loop, threads, counters, {"stall_ns": Histogram([800], [3])})
    assert found["ns_per_op"] == SECOND / 100
    assert found["reader_ops_per_s"] == 2 * 10**6
    assert found["reader_loss"] == 0.25
    assert found["stalls_per_s"] == 1.5
    assert found["faults_per_op"] == 0.5
    assert found["stall_p99_ns"] == pytest.approx(800, rel=1 / 16)


def test_a_lookup_is_told_by_its_readers():
    loop = dataclasses.replace(LOOP, group="lookup", roles=2)
    found = window_metrics(loop, [thread(100, role=1), thread(10**6)], {"calls": 50.0}, {})
    assert found["ops_per_s"] == 10**6
    assert found["remapper_ops_per_s"] == 100
    assert found["calls_per_remap"] == 0.5


def test_a_window_without_operations_has_no_figures():
    assert window_metrics(LOOP, [thread(0)], {}, {}) == {}


@settings(deadline=None)  # a loaded host takes its time
@given(VALUES)
def test_median_and_quartiles_are_numpys(values):
    assert median(values) == pytest.approx(np.median(values))
    low, high = np.percentile(values, [25, 75])
    assert quartile_range(values) == pytest.approx(high - low, abs=1e-6 * max(values))


def test_a_summary_is_of_what_all_repetitions_have():
    rows = [repetition(ns, handoff=30.0, run_length=ns / 2) for ns in (10.0, 12.0, 11.0)]
    rows.append(repetition(13.0, handoff=32.0))
    found = summary(rows)
    assert found["ns_per_op"] == 11.5
    assert "run_length" not in found
    assert found["handoff_ns"] == 30.0
    assert found["spread"] == pytest.approx(1.5 / 11.5)
    assert found["counted"] == 4
    assert summary([]) == {}


def test_contention_is_against_one_thread_with_the_same_settings():
    rows = [measurement(1, 5.0, pace=0), measurement(2, 25.0, pace=0), measurement(2, 60.0, pace=9)]
    first, second, third = add_contention(rows)
    assert second.metrics["contention_ns"] == 20.0
    assert "contention_ns" not in first.metrics
    assert "contention_ns" not in third.metrics


@settings(deadline=None)  # a loaded host takes its time
@given(st.lists(st.floats(0.5, 2.0), min_size=1, max_size=60))
def test_the_interval_of_a_median_holds_it(ratios):
    low, high = ratio_interval(ratios)
    assert min(ratios) <= low <= median(ratios) <= high <= max(ratios)


def test_the_interval_of_a_median_holds_the_truth_19_times_of_20():
    random = np.random.default_rng(7)
    hits = 0
    for _ in range(1000):
        low, high = ratio_interval(random.normal(1.0, 0.05, 25).tolist())
        hits += low <= 1.0 <= high
    assert hits >= 930


def test_records_keep_their_fields_through_json():
    m = measurement(2, 25.0, line="own")
    assert msgspec.json.decode(msgspec.json.encode(m), type=Measurement) == m
    assert m.title == "atomics/add_unless line=own"
