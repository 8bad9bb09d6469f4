"""When a hunt is valid, contaminated or inconclusive."""

import pytest

from pyharness._lib.native_types import ThreadStat
from pyharness.hunt.validity import SelfTest, judge

GOOD = SelfTest(overlapped=10, samples=100)
NEVER = SelfTest(overlapped=0, samples=100)
SECOND = 1_000_000_000


def thread(share=1.0, involuntary=0, migrated=False):
    cpu = int(share * SECOND)
    return ThreadStat(SECOND, cpu, 0, involuntary, actor=0, cpu=0, migrated=migrated)


@pytest.mark.parametrize(
    ("threads", "given", "verdict", "reason"),
    [
        ([thread(), thread()], {}, "valid", "overlapped"),
        ([thread(), thread(0.9)], {}, "contaminated", "95.0%"),
        ([thread(involuntary=50)], {}, "contaminated", "50 preemptions"),
        ([thread(migrated=True)], {}, "contaminated", "another CPU"),
        ([thread()], {"shares_cpus": True}, "contaminated", "share CPUs"),
        ([thread()], {"samples": 0}, "inconclusive", "no run"),
        ([thread()], {"self_test": NEVER, "distinct": 1}, "inconclusive", "never overlapped"),
        # Runs that ended differently did meet, whatever the self-test saw.
        ([thread()], {"self_test": NEVER, "distinct": 2}, "valid", "overlapped"),
        ([thread()], {"self_test": None, "distinct": 1}, "valid", "overlapped"),
        ([], {}, "contaminated", "0.0%"),
    ],
)
def test_the_verdict_has_a_reason(threads, given, verdict, reason):
    given = {"samples": 10, "distinct": 2, "shares_cpus": False, "self_test": GOOD, **given}
    judged = judge(threads, **given)
    assert judged.verdict == verdict
    assert reason in judged.reason


def test_a_rare_preemption_is_no_contamination():
    assert (
        judge(
            [thread(involuntary=1), thread()],
            samples=1,
            distinct=2,
            shares_cpus=False,
            self_test=GOOD,
        ).verdict
        == "valid"
    )


def test_an_emulator_makes_nothing_valid_and_decides_no_order():
    given = {"samples": 10, "distinct": 2, "shares_cpus": False, "self_test": GOOD}
    judged = judge([thread()], **given, emulated=True)
    assert (judged.verdict, judged.graded) == ("contaminated", True)
    assert judged.reason == "emulated: ordering and speed are not graded"
    judged = judge([thread()], **given, emulated=True, ordering=True)
    assert (judged.verdict, judged.graded) == ("inconclusive", False)
