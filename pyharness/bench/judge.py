"""How far one window can be believed, and which windows of a benchmark count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pyharness._lib.loop_types import LoopThread
from pyharness.bench.results import Repetition
from pyharness.hunt.validity import disturbed

# Two looks at one pair of CPUs agree within 3 %; two placements of them differ fourfold.
MAX_DRIFT = 1.25
# A timer tick or a host interrupt takes less; longer, and the CPU was someone else's.
MAX_GAP_NS = 2_000_000
# Yardsticks of a host that nobody slows agree within 0.001; a busy sibling thread makes
# one 1.05 to 1.4 times as long, and a loop by another factor.
MAX_SLOWDOWN = 1.01
MIN_OVERLAP = 0.95
MIN_CLOCK_STEPS = 1000  # a window shorter than this is mostly rounding
_SLOWED = "the host was slower than it can be"
EMULATED = "an emulator's time says nothing of this architecture"
ENOUGH = 3  # valid repetitions that make a valid measurement


@dataclass(frozen=True, slots=True)
class Probes:
    """What was looked at before and after a window: the one-way hand-off, ns, None where
    threads do not contend; and the yardstick's operation, ns, the lesser of both looks."""

    before_ns: float | None = None
    after_ns: float | None = None
    yardstick_ns: float | None = None

    @property
    def middle_ns(self) -> float | None:
        """The mean of both."""
        if self.before_ns is None or self.after_ns is None:
            return None
        return (self.before_ns + self.after_ns) / 2

    @property
    def drifted(self) -> bool:
        """Whether they disagree: the host has moved a CPU in between."""
        if self.before_ns is None or self.after_ns is None:
            return False
        low, high = sorted((self.before_ns, self.after_ns))
        return high > MAX_DRIFT * low


def overlap(threads: Sequence[LoopThread]) -> float:
    """The time in which all windows were open, of the time in which any was; 0 to 1.

    Among threads of one kind: a remapper by the clock ends its window with its turn,
    and works on like everybody until all are out.
    """
    shares = []
    for role in {t.role for t in threads}:
        alike = [t for t in threads if t.role == role]
        whole = max(t.end_ns for t in alike) - min(t.begin_ns for t in alike)
        common = min(t.end_ns for t in alike) - max(t.begin_ns for t in alike)
        shares.append(max(0.0, common / whole) if whole > 0 else 0.0)
    return min(shares, default=0.0)


def _shares_cpus(cpus: Sequence[int]) -> bool:
    pinned = [cpu for cpu in cpus if cpu >= 0]
    return len(set(pinned)) < len(pinned)


def judge_window(
    threads: Sequence[LoopThread],
    cpus: Sequence[int],
    probes: Probes,
    *,
    clock_step_ns: float,
    emulated: bool,
) -> tuple[str, str]:
    """`valid`, `contaminated` or `inconclusive` with the reason, "" for valid.

    A thread that sleeps of its own will, in a system call or on a futex, has no share of
    CPU time to keep: it is judged by its preemptions alone.
    """
    if emulated:
        return "inconclusive", EMULATED
    if not threads or not any(t.operations for t in threads):
        return "inconclusive", "no operation ended inside the window"
    if min(t.wall_ns for t in threads) < MIN_CLOCK_STEPS * clock_step_ns:
        return "inconclusive", "the window is too short for the clock"
    awake = [t for t in threads if t.voluntary <= 0]
    wall = sum(t.wall_ns for t in awake)
    share = min(1.0, sum(t.cpu_ns for t in awake) / wall) if wall else 1.0
    preemptions = sum(max(0, t.involuntary) for t in threads)
    seconds = sum(t.wall_ns for t in threads) / 1e9
    migrations = sum(t.migrated for t in threads)
    found = disturbed(share, preemptions, preemptions / seconds, migrations, _shares_cpus(cpus))
    if found:
        return "contaminated", found
    gap = max((t.longest_gap_ns for t in awake), default=0)
    if gap > MAX_GAP_NS:
        return "contaminated", f"a thread stood still for {gap / 1e6:.1f} ms"
    if overlap(threads) < MIN_OVERLAP:
        return "contaminated", f"the threads ran side by side for {overlap(threads):.0%} only"
    if probes.drifted:
        return "contaminated", (
            f"the hand-off went from {probes.before_ns:.0f} ns to {probes.after_ns:.0f} ns: "
            "the host has moved a CPU"
        )
    return "valid", ""


@dataclass(frozen=True, slots=True)
class Counted:
    """The repetitions whose medians are reported, and what is said of them all."""

    repetitions: tuple[Repetition, ...]
    validity: str
    reason: str


def at_full_speed(*sides: Sequence[Repetition], enough: int) -> list[list[Repetition]] | None:
    """Of each side the repetitions made at the greatest speed that `enough` of each were
    made at, by their yardsticks: one alone may be a moment of a higher clock. None where
    there is no such speed, or a repetition without a yardstick.
    """
    seen = [r.yardstick_ns for side in sides for r in side]
    times = sorted(ns for ns in seen if ns)
    if len(times) < len(seen):
        return None
    for ns in times:
        groups = [
            [r for r in side if ns <= (r.yardstick_ns or 0.0) <= MAX_SLOWDOWN * ns]
            for side in sides
        ]
        if min(map(len, groups)) >= enough:
            return groups
    return None


def _middle(repetition: Repetition) -> float | None:
    return Probes(repetition.handoff_before_ns, repetition.handoff_after_ns).middle_ns


def placements(repetitions: Sequence[Repetition]) -> list[list[Repetition]]:
    """The repetitions by where the host had its CPUs: groups of like hand-off, nearest first."""
    probed = [(ns, r) for r in repetitions if (ns := _middle(r)) is not None]
    if len(probed) < len(repetitions) or not probed:
        return [list(repetitions)]
    probed.sort(key=lambda pair: pair[0])
    groups = [[probed[0][1]]]
    for (before, _), (ns, repetition) in pairwise(probed):
        if ns > MAX_DRIFT * before:
            groups.append([])
        groups[-1].append(repetition)
    return groups


def _most(texts: Sequence[str]) -> str:
    return max(dict.fromkeys(texts), key=texts.count) if texts else ""


def _placed(groups: list[list[Repetition]], chosen: list[Repetition]) -> str:
    def shown(group: list[Repetition]) -> str:
        middles = sorted(ns for r in group if (ns := _middle(r)) is not None)
        return f"{middles[len(middles) // 2]:.0f} ns in {len(group)}"

    return (
        f"the host moved the CPUs between repetitions: hand-off {', '.join(map(shown, groups))}; "
        f"the {len(chosen)} of one placement count"
    )


def choose(repetitions: Sequence[Repetition]) -> Counted:
    """Which repetitions count: the valid ones of the commonest placement, else all.

    One void repetition voids the measurement: a loop whose sum is wrong once is wrong.
    """
    void = [r for r in repetitions if r.validity == "void"]
    if void:
        return Counted((), "void", void[0].reason)
    valid = [r for r in repetitions if r.validity == "valid"]
    if not valid:
        verdicts = [r.validity for r in repetitions]
        verdict = "contaminated" if "contaminated" in verdicts else "inconclusive"
        bad = [r.reason for r in repetitions if r.validity == verdict]
        reason = f"{len(bad)} of {len(repetitions)}: {_most(bad)}" if bad else "no repetition ended"
        return Counted(tuple(repetitions), verdict, reason)
    quick = at_full_speed(valid, enough=ENOUGH)
    if quick is not None:
        (valid,) = quick
    groups = placements(valid)
    chosen = max(groups, key=len)
    reason = _placed(groups, chosen) if len(groups) > 1 else ""
    lost = [r.reason for r in repetitions if r.validity != "valid"]
    lost += [_SLOWED] * (len(repetitions) - len(lost) - len(valid))
    if lost and not reason:
        reason = f"{len(lost)} of {len(repetitions)} left out: {_most(lost)}"
    if len(chosen) < min(ENOUGH, len(repetitions)):
        few = f"only {len(chosen)} of {len(repetitions)} are valid and alike"
        return Counted(tuple(chosen), "contaminated", f"{few}; {reason}")
    return Counted(tuple(chosen), "valid", reason)
