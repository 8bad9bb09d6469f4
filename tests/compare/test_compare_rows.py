"""Which repetitions stand beside which, and what is said of them."""

import numpy as np
import pytest
from measured import HOST, bench_object, measurement, noisy, repetition

from pyharness.compare.judge import compare_rows, width
from pyharness.compare.match import match, measurements, unlike
from pyharness.compare.options import Settings
from pyharness.compare.results import CompareReport, check_rules
from pyharness.compare.rules import parse_rule
from pyharness.errors import ExitCode, UsageError
from pyharness.store import StoredRun


def compare(a, b, *, settings=None, paired=False):
    return compare_rows(a, b, settings or Settings(), paired=paired)


def verdict_of(a, b, **how):
    (found,) = compare(measurement(a), measurement(b), **how)
    return found.verdict


def test_the_same_benchmark_twice_has_not_changed_19_times_of_20():
    found = [verdict_of(noisy(s, 5.2), noisy(s + 1000, 5.2)) for s in range(20)]
    assert found.count("no change") >= 19


@pytest.mark.parametrize("paired", [False, True])
def test_a_planted_tenth_is_found_19_times_of_20(paired):
    sides = [(noisy(s, 5.2, 8), noisy(s + 1000, 5.72, 8)) for s in range(20)]
    found = [verdict_of(a, b, paired=paired) for a, b in sides]
    assert found.count("slower") >= 19


def test_only_valid_repetitions_count_when_there_are_enough():
    bad = [repetition(50.0, validity="contaminated")] * 4
    (found,) = compare(measurement(noisy(1, 5.0) + bad), measurement(noisy(2, 5.0)))
    assert (found.counted_a, found.validity, found.verdict) == (5, "valid", "no change")


def test_contaminated_figures_are_labelled():
    bad = noisy(1, 5.0, validity="contaminated")
    (found,) = compare(measurement(bad), measurement(noisy(2, 5.0)))
    assert found.validity == "contaminated"
    assert "A: it was contaminated" in found.reason


def test_threads_that_met_less_often_say_nothing_of_contention():
    bad = noisy(1, 5.0, validity="contaminated", threads=2, handoff=25)
    good = noisy(2, 25.0, threads=2, handoff=25)
    (found,) = compare(measurement(bad, threads=2), measurement(good, threads=2))
    assert (found.verdict, found.unlike) == ("inconclusive", True)


def test_disturbed_runs_have_changed_when_their_least_values_have():
    """The same cost, and a tenth more, under disturbance that differs between the runs."""

    def disturbed(seed, ns, share):
        """Windows of which so many are longer, by a fifth on average."""
        rng = np.random.default_rng(seed)
        longer = (rng.random(7) < share) * rng.exponential(0.2, 7)
        values = ns * rng.lognormal(0, 0.005, 7) * (1 + longer)
        return [repetition(float(v), validity="contaminated") for v in values]

    same = [verdict_of(disturbed(s, 5, 0.1), disturbed(s + 500, 5, 0.7)) for s in range(40)]
    assert same.count("slower") + same.count("faster") <= 2
    more = [verdict_of(disturbed(s, 5, 0.1), disturbed(s + 500, 5.5, 0.1)) for s in range(40)]
    assert more.count("slower") >= 38


def test_a_host_that_is_slower_in_one_run_is_divided_out():
    """The second run is made while the CPUs take 1.3 times as long for everything."""
    then, now = noisy(1, 5.0, yardstick=6.0), noisy(2, 6.5, yardstick=7.8)
    (same,) = compare(measurement(then), measurement(now))
    assert (same.metric, same.verdict) == ("steady_ns_per_op", "no change")
    assert same.speed == pytest.approx(1.3)
    assert same.change("steady_ns_per_op").b == pytest.approx(6.5, rel=0.02)
    assert same.change("ns_per_op").ratio == pytest.approx(1.3, rel=0.02)
    (raw,) = compare(measurement(then), measurement(now), settings=Settings(raw=True))
    assert (raw.verdict, raw.speed) == ("slower", None)


def test_windows_in_which_the_host_was_slower_are_left_out():
    """Slowed down the loop takes 1.5 times as long, and the yardstick 1.3 times."""
    slow = noisy(3, 7.5, 3, yardstick=7.8)
    sides = (slow + noisy(1, 5.0, yardstick=6.0), noisy(2, 5.0, yardstick=6.0) + slow)
    (found,) = compare(*(measurement(side) for side in sides))
    assert (found.verdict, found.counted_a, found.counted_b) == ("no change", 5, 5)
    assert "6 windows left out" in found.reason


def test_a_run_on_a_host_that_is_slower_by_turns_decides_nothing():
    slow = noisy(3, 7.5, 3, yardstick=7.8) + noisy(4, 7.0, 2, yardstick=7.0)
    (found,) = compare(measurement(slow), measurement(noisy(2, 5.0, yardstick=6.0)))
    assert (found.verdict, found.unlike) == ("inconclusive", True)
    assert "slower by turns" in found.reason


def test_a_moment_of_a_higher_clock_is_no_speed_of_the_host():
    blip = noisy(5, 4.8, 1, yardstick=5.8)
    a, b = noisy(1, 5.0, yardstick=6.0) + blip, noisy(2, 5.0, yardstick=6.0)
    (found,) = compare(measurement(a), measurement(b))
    assert (found.verdict, found.counted_a) == ("no change", 5)


def test_a_thread_alone_is_judged_by_its_less_disturbed_windows():
    """One window of six was disturbed, though the yardsticks beside it were not."""

    def run(seed):
        disturbed = noisy(seed + 50, 6.0, 1, yardstick=6.0)
        return measurement(noisy(seed, 5.0, yardstick=6.0) + disturbed)

    found = [compare(run(s), run(s + 1000))[0].verdict for s in range(20)]
    assert found.count("no change") >= 19


def test_a_tenth_is_found_on_a_host_that_is_faster_in_the_second_run():
    sides = [
        (noisy(s, 5.0, yardstick=7.8), noisy(s + 1000, 5.5 / 1.3, yardstick=6.0))
        for s in range(20)
    ]
    assert [verdict_of(a, b) for a, b in sides].count("slower") >= 19


def test_hosts_that_differ_are_compared_with_their_speed():
    a, b = noisy(1, 5.0, yardstick=6.0), noisy(2, 6.5, yardstick=7.8)
    assert verdict_of(a, b, settings=Settings(across=True)) == "slower"


def test_a_run_without_a_yardstick_is_compared_as_before():
    a, b = noisy(1, 5.0), noisy(2, 5.0, yardstick=6.0)
    (found,) = compare(measurement(a), measurement(b))
    assert (found.metric, found.verdict, found.speed) == ("cpu_ns_per_op", "no change", None)


def test_what_was_measured_beside_the_bare_loop_is_judged_by_the_ratio():
    def beside(seed, ratio):
        rows = noisy(seed, 5.0)
        return [repetition(r.ns_per_op, metrics={"ratio": ratio * r.ns_per_op / 5}) for r in rows]

    (found,) = compare(measurement(beside(1, 1.0)), measurement(beside(2, 1.2)))
    assert (found.metric, found.verdict) == ("ratio", "slower")


def test_the_width_of_the_interval_says_when_pairs_are_enough():
    a, b = noisy(1, 5, 30), noisy(2, 5, 30)
    assert width(a, b, Settings()) < 0.05
    assert width(noisy(1, 5, 30, 0.3), b, Settings()) > 0.05
    assert width(a[:5], b[:5], Settings()) is None
    assert width([*a, repetition(5, validity="void")], b, Settings()) == 0


def test_a_void_figure_is_refused():
    bad = [*noisy(1, 5.0), repetition(5.0, validity="void")]
    for a, b in ((bad, noisy(2, 5.0)), (noisy(2, 5.0), bad)):
        (found,) = compare(measurement(a), measurement(b))
        assert (found.verdict, found.validity, found.changes) == ("inconclusive", "void", [])
        assert report([found]).exit_code is ExitCode.UNTRUSTED


def test_an_emulators_time_decides_nothing():
    bad = noisy(1, 5.0, validity="inconclusive")
    (found,) = compare(measurement(bad), measurement(noisy(2, 50.0)))
    assert found.verdict == "inconclusive"
    (found,) = compare(measurement(bad), measurement(noisy(2, 50.0)), paired=True)
    assert found.verdict == "inconclusive"


def test_near_is_compared_with_near_and_far_with_far():
    a = noisy(1, 38, handoff=25, threads=2) + noisy(2, 24, handoff=125, threads=2)
    b = noisy(3, 38, handoff=26, threads=2) + noisy(4, 36, handoff=121, threads=2)
    near, far = compare(measurement(a, threads=2), measurement(b, threads=2))
    assert (near.verdict, far.verdict) == ("no change", "slower")
    assert near.placement_ns == pytest.approx(25.5)
    assert far.placement_ns == pytest.approx(123)


def test_near_is_not_compared_with_far():
    a, b = noisy(1, 38, handoff=25, threads=2), noisy(2, 24, handoff=125, threads=2)
    (found,) = compare(measurement(a, threads=2), measurement(b, threads=2))
    assert found.verdict == "inconclusive"
    assert "25 to 25 ns in A, 125 to 125 ns in B" in found.reason
    across = Settings(across=True)
    (found,) = compare(measurement(a, threads=2), measurement(b, threads=2), settings=across)
    assert found.verdict == "faster"


def test_a_pair_in_which_the_host_moved_a_cpu_is_left_out():
    """Alone B was moved in the last pairs; what is left is like beside like."""
    a = noisy(1, 38, 10, handoff=25, threads=2)
    b = noisy(2, 38, 6, handoff=25, threads=2) + noisy(3, 24, 4, handoff=125, threads=2)
    (found,) = compare(measurement(a, threads=2), measurement(b, threads=2), paired=True)
    assert (found.verdict, found.counted_a, found.counted_b) == ("no change", 6, 6)


def test_too_few_repetitions_decide_nothing():
    assert verdict_of([5.0] * 3, [9.0] * 3) == "inconclusive"


def test_threads_that_sleep_are_judged_by_wall_time():
    a, b = noisy(1, 9000, sleeps=3), noisy(2, 9000, sleeps=3)
    assert compare(measurement(a), measurement(b))[0].metric == "ns_per_op"
    assert compare(measurement([5.0] * 5), measurement([5.0] * 5))[0].metric == "cpu_ns_per_op"


def test_a_rate_that_falls_is_slower():
    found = compare(
        measurement(noisy(1, 5.0)),
        measurement(noisy(2, 6.0)),
        settings=Settings(metric="ops_per_s"),
    )
    assert found[0].verdict == "slower"
    assert found[0].change("ops_per_s").ratio < 1


def report(rows, *rules):
    return CompareReport(
        a={"label": "a"}, b={"label": "b"}, threshold=0.05, comparisons=tuple(rows),
        unmatched=(), unlike=(), rules=tuple(parse_rule(r) for r in rules),
    )  # fmt: skip


def test_a_rule_that_is_met_is_exit_4():
    def stalls(seed, ns):
        return [
            repetition(5.0, metrics={"stall_p99_ns": r.ns_per_op}) for r in noisy(seed, ns)
        ]

    rows = compare(measurement(stalls(1, 100)), measurement(stalls(2, 120)))
    assert report(rows).exit_code is ExitCode.OK
    assert report(rows, "p99>+5%").exit_code is ExitCode.REGRESSION
    assert report(rows, "p99>+50%").exit_code is ExitCode.OK
    assert report(rows, "p99>110ns").exit_code is ExitCode.REGRESSION
    assert report(rows, "median>+5%").exit_code is ExitCode.OK
    (met,) = report(rows, "p99>+5%").met
    assert met.as_object()["metric"] == "stall_p99_ns"


def test_a_figure_of_zero_is_known_and_meets_no_rule():
    def retries(seed):
        return [repetition(r.ns_per_op, metrics={"retries_per_op": 0.0}) for r in noisy(seed, 5)]

    rows = compare(measurement(retries(1)), measurement(retries(2)))
    assert rows[0].without_ratio == ["retries_per_op"]
    check_rules([parse_rule("retries_per_op>+5%")], rows)
    assert report(rows, "retries_per_op>+5%").exit_code is ExitCode.OK
    with pytest.raises(UsageError, match="retries_per_op"):
        check_rules([parse_rule("retry_per_op>+5%")], rows)


def test_what_could_not_be_decided_at_all_is_exit_6():
    rows = compare(measurement([5.0, 5.0]), measurement([9.0, 9.0]))
    assert report(rows).exit_code is ExitCode.UNTRUSTED


def test_measurements_are_matched_by_all_that_was_set():
    a = [measurement([5.0]), measurement([5.0], threads=2), measurement([6.0], name="xadd")]
    b = [measurement([6.0], name="xadd"), measurement([5.0]), measurement([1.0], name="put")]
    pairs, left, right = match(a, b)
    assert [(x.name, x.threads, y.name) for x, y in pairs] == [
        ("add_unless", 1, "add_unless"),
        ("xadd", 1, "xadd"),
    ]
    assert [m.threads for m in left] == [2]
    assert [m.name for m in right] == ["put"]


def test_what_differs_in_one_setting_is_matched_when_nothing_else_could_be_meant():
    a = measurement([5.0] * 5, settings={"backoff": "none"})
    b = measurement([9.0] * 5, settings={"backoff": "pause"})
    pairs, left, right = match([a], [b])
    assert (pairs, left, right) == ([(a, b)], [], [])
    assert compare(a, b)[0].differs == {"backoff": ["none", "pause"]}
    third = measurement([9.0] * 5, settings={"backoff": "exponential"})
    assert match([a], [b, third])[0] == []


def test_a_measurement_has_one_partner():
    twice = [measurement([5.0] * 3), measurement([6.0] * 3)]
    pairs, left, right = match(twice, twice)
    assert [(x, y) for x, y in pairs] == [(m, m) for m in twice]
    assert not left
    assert not right


def test_what_makes_hosts_unlike():
    assert unlike(HOST, HOST) == []
    assert unlike(HOST, {**HOST, "kernel": "6.1", "python": "3.14"}) == ['kernel "6.18" and "6.1"']


def test_another_verbs_run_and_a_bad_value_are_one_line(tmp_path):
    hunt = StoredRun({"command": "hunt", "results": []}, None, tmp_path)
    with pytest.raises(UsageError, match="a run of hunt"):
        measurements(hunt, "A")
    data = bench_object(measurement([5.0]))
    data["results"][0]["threads"] = "two"
    with pytest.raises(UsageError, match=r"results: .*threads"):
        measurements(StoredRun(data, None, tmp_path), "B")
