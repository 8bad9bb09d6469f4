"""When a window is valid, and which windows of a benchmark count."""

import pytest
from measuring import SECOND, repetition, thread

from pyharness.bench.judge import Probes, choose, judge_window, overlap, placements

MS = 1_000_000


@pytest.mark.parametrize(
    ("threads", "given", "verdict", "reason"),
    [
        ([thread(), thread()], {}, "valid", ""),
        ([thread(), thread(cpu_ns=0.9 * SECOND)], {}, "contaminated", "95.0%"),
        ([thread(involuntary=3)], {}, "contaminated", "3 preemptions"),
        ([thread(migrated=True)], {}, "contaminated", "another CPU"),
        ([thread(), thread()], {"cpus": (0, 0)}, "contaminated", "share CPUs"),
        ([thread(longest_gap_ns=5 * MS)], {}, "contaminated", "5.0 ms"),
        (
            [thread(), thread(begin_ns=SECOND, end_ns=2 * SECOND)],
            {},
            "contaminated",
            "side by side",
        ),
        ([thread(), thread()], {"probes": Probes(31, 127)}, "contaminated", "moved a CPU"),
        ([thread(), thread()], {"probes": Probes(31, 33)}, "valid", ""),
        ([thread(), thread()], {"probes": Probes(None, 33)}, "valid", ""),
        # Whoever sleeps in a system call has no share of CPU time to keep.
        ([thread(voluntary=9, cpu_ns=0.2 * SECOND, longest_gap_ns=5 * MS)], {}, "valid", ""),
        ([thread(voluntary=9, involuntary=9)], {}, "contaminated", "9 preemptions"),
        ([thread(operations=0)], {}, "inconclusive", "no operation"),
        ([], {}, "inconclusive", "no operation"),
        ([thread(end_ns=5000, cpu_ns=5000)], {}, "inconclusive", "too short"),
        ([thread()], {"emulated": True}, "inconclusive", "emulator"),
    ],
)
def test_a_window_is_judged_with_a_reason(threads, given, verdict, reason):
    given = {"cpus": (0, 1), "probes": Probes(), "emulated": False, **given}
    cpus, probes, emulated = given["cpus"], given["probes"], given["emulated"]
    judged = judge_window(threads, cpus, probes, clock_step_ns=10.0, emulated=emulated)
    assert judged[0] == verdict, judged
    assert reason in judged[1]


def test_overlap_is_the_common_part_of_all_windows():
    assert overlap([thread(), thread()]) == 1.0
    assert overlap([thread(), thread(begin_ns=SECOND // 2, end_ns=SECOND)]) == 0.5
    assert overlap([thread(), thread(begin_ns=2 * SECOND, end_ns=3 * SECOND)]) == 0.0
    assert overlap([]) == 0.0
    assert overlap([thread(role=1), thread(end_ns=SECOND // 2)]) == 1.0


def test_one_wrong_sum_voids_the_measurement():
    counted = choose([repetition(), repetition(validity="void", reason="sum"), repetition()])
    assert (counted.repetitions, counted.validity, counted.reason) == ((), "void", "sum")


def test_valid_repetitions_count_and_the_others_are_told():
    good = [repetition(10.0) for _ in range(4)]
    counted = choose([*good, repetition(99.0, "contaminated", "5 preemptions")])
    assert counted.validity == "valid"
    assert list(counted.repetitions) == good
    assert counted.reason == "1 of 5 left out: 5 preemptions"


def test_without_a_valid_one_all_count_and_the_label_says_so():
    bad = [repetition(9.0, "contaminated", "load"), repetition(8.0, "inconclusive", "short")]
    counted = choose(bad)
    assert (counted.validity, list(counted.repetitions)) == ("contaminated", bad)
    assert counted.reason == "1 of 2: load"
    assert choose([repetition(1.0, "inconclusive", "short")]).validity == "inconclusive"
    assert choose([]).validity == "inconclusive"


def test_too_few_valid_ones_are_not_called_valid():
    bad = [repetition(9.0, "contaminated", "load")] * 3
    counted = choose([repetition(), *bad])
    assert counted.validity == "contaminated"
    assert "only 1 of 4" in counted.reason


def test_two_placements_are_not_mixed():
    near = [repetition(38.0, handoff=30.0 + i) for i in range(2)]
    far = [repetition(24.5, handoff=125.0 + i) for i in range(4)]
    assert placements([*far, *near]) == [near, far]
    counted = choose([near[0], *far, near[1]])
    assert list(counted.repetitions) == far
    assert counted.validity == "valid"
    assert "31 ns in 2, 127 ns in 4" in counted.reason


def test_windows_in_which_the_host_was_slower_do_not_count():
    quick = [repetition(5.0, yardstick=6.0) for _ in range(3)]
    slow = [repetition(7.5, yardstick=7.8)] * 2
    counted = choose(quick + slow)
    assert list(counted.repetitions) == quick
    assert counted.reason == "2 of 5 left out: the host was slower than it can be"
    assert len(choose(quick[:2] + slow).repetitions) == 4  # too few are left
    assert len(choose([*quick, repetition(7.5)]).repetitions) == 4  # nobody has looked


def test_repetitions_without_probes_are_of_one_placement():
    rows = [repetition(), repetition(handoff=30.0)]
    assert placements(rows) == [rows]
