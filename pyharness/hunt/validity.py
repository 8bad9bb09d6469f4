"""Whether a hunt can be believed: CPU share, preemptions, and the rendezvous' self-test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyharness._lib.native_types import ThreadStat
from pyharness.host.facts import EMULATED

MIN_CPU_SHARE = 0.98
# A timer tick or a kernel thread takes a CPU now and then on any host; more than
# this means that somebody else wanted it.
MAX_PREEMPTIONS_PER_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Store buffering on the same CPUs: runs in which both loads saw zero, of all runs.

    On any machine with store buffers that shows only when two threads really
    run at the same time.
    """

    overlapped: int
    samples: int

    @property
    def share(self) -> float:
        """Overlapped runs of all runs, 0 to 1."""
        return self.overlapped / self.samples if self.samples else 0.0


@dataclass(frozen=True, slots=True)
class Validity:
    """How far to believe a hunt.

    Attributes:
        verdict: `valid`, `contaminated` (others used the CPUs) or `inconclusive`.
        reason: Why, in a few words.
        cpu_share: The part of their CPUs that the threads got, 0 to 1.
        preemptions: Involuntary switches of all threads.
        migrations: Threads that were moved to another CPU.
        self_test: How often store buffering showed; None where it was not asked.
        graded: False where what was seen is the emulator's, and decides nothing.
    """

    verdict: str
    reason: str
    cpu_share: float
    preemptions: int
    migrations: int
    self_test: SelfTest | None
    graded: bool = True


def judge(
    threads: Sequence[ThreadStat],
    *,
    samples: int,
    distinct: int,
    shares_cpus: bool,
    self_test: SelfTest | None,
    emulated: bool = False,
    ordering: bool = False,
) -> Validity:
    """The validity of one row from what its threads got; `distinct` outcomes were seen.

    Under an emulator no row is valid, and one about memory `ordering` alone decides nothing.
    """
    wall = sum(t.wall_ns for t in threads)
    share = min(1.0, sum(t.cpu_ns for t in threads) / wall) if wall else 0.0
    preemptions = sum(max(0, t.involuntary) for t in threads)
    migrations = sum(t.migrated for t in threads)
    verdict, reason = _verdict(samples, distinct, self_test)
    if verdict == "valid" and emulated:
        verdict, reason = ("inconclusive" if ordering else "contaminated"), EMULATED
    elif verdict == "valid":
        per_second = preemptions / (wall / 1e9) if wall else 0.0
        if found := disturbed(share, preemptions, per_second, migrations, shares_cpus):
            verdict, reason = "contaminated", found
    graded = not (emulated and ordering)
    return Validity(verdict, reason, share, preemptions, migrations, self_test, graded)


def _verdict(samples: int, distinct: int, self_test: SelfTest | None) -> tuple[str, str]:
    if samples == 0:
        return "inconclusive", "no run was completed; give it a longer --budget"
    if self_test and self_test.samples and not self_test.overlapped and distinct <= 1:
        return (
            "inconclusive",
            "the threads never overlapped: store buffering was not seen and all runs ended alike",
        )
    return "valid", "the threads had their CPUs and overlapped"


def disturbed(
    share: float, preemptions: int, per_second: float, migrations: int, shares_cpus: bool
) -> str | None:
    """What kept threads from their CPUs, None when nothing did.

    `share` is CPU time of wall time, `per_second` preemptions per second of a thread.
    """
    if shares_cpus:
        return "threads share CPUs, so they meet by preemption only"
    if migrations:
        return f"{migrations} threads were seen on another CPU than asked"
    if share < MIN_CPU_SHARE:
        return f"the threads got {share:.1%} of their CPUs; something else ran"
    if per_second > MAX_PREEMPTIONS_PER_SECOND:
        return f"{preemptions} preemptions; something else ran on these CPUs"
    return None
