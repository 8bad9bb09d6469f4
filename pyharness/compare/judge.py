"""From the repetitions of A and B to comparisons: like is compared with like alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from pyharness.bench.judge import Probes, placements
from pyharness.bench.results import Measurement, Repetition
from pyharness.compare import figures, stats
from pyharness.compare.changes import Change, Comparison
from pyharness.compare.options import Settings
from pyharness.compare.speed import at_one_speed

# Below so many the values themselves do not span an interval of 95 %: that of three
# repetitions on each side misses one time of ten, that of three pairs one of four.
ENOUGH = 4
ENOUGH_PAIRS = 6


@dataclass(frozen=True, slots=True)
class Sides:
    """The repetitions of both sides in one placement; `paired`: the i-th were made in turn."""

    a: Sequence[Repetition]
    b: Sequence[Repetition]
    paired: bool
    validity: str
    reason: str
    unlike: bool = False

    @property
    def placement_ns(self) -> float | None:
        """The median hand-off of all repetitions."""
        found = [ns for r in (*self.a, *self.b) if (ns := middle_ns(r)) is not None]
        return stats.middle(found) if found else None


def middle_ns(repetition: Repetition) -> float | None:
    """The mean of both probes of the hand-off."""
    return Probes(repetition.handoff_before_ns, repetition.handoff_after_ns).middle_ns


def _usable(repetitions: Sequence[Repetition]) -> tuple[list[Repetition], str]:
    """The valid repetitions, or all that have figures when those are too few; and why."""
    valid = [r for r in repetitions if r.validity == "valid"]
    if len(valid) >= ENOUGH:
        return valid, ""
    reasons = [r.reason for r in repetitions if r.validity != "valid"]
    kept = [r for r in repetitions if r.validity in ("valid", "contaminated")]
    return kept, reasons[0] if reasons else "too few repetitions"


def _groups(repetitions: Sequence[Repetition], across: bool) -> list[set[int]]:
    """Identities of the repetitions, by placement."""
    found = [list(repetitions)] if across else placements(repetitions)
    return [{id(r) for r in group} for group in found]


def apart(a: Measurement, b: Measurement, across: bool) -> list[Sides]:
    """The sides of two measurements that were made apart, a pair for each common placement."""
    left, why_a = _usable(a.repetitions)
    right, why_b = _usable(b.repetitions)
    why = "; ".join(f"{n}: {w}" for n, w in (("A", why_a), ("B", why_b)) if w)
    validity = "contaminated" if why else "valid"
    # Threads that take turns on a CPU meet less and look better: by how much differs
    # from run to run. One thread's CPU time says the same in both.
    unlike = bool(why) and a.threads > 1
    if unlike:
        why = f"threads that were disturbed met less often, and not alike in both; {why}"
    found = []
    for group in _groups([*left, *right], across):
        x = [r for r in left if id(r) in group]
        y = [r for r in right if id(r) in group]
        if min(len(x), len(y)) >= ENOUGH:
            found.append(Sides(x, y, False, validity, why, unlike))
    return found


def in_turn(a: Sequence[Repetition], b: Sequence[Repetition], across: bool) -> list[Sides]:
    """The sides of repetitions made in turn: pairs in which neither side was moved."""
    pairs = [(x, y) for x, y in zip(a, b, strict=False) if "void" not in (x.validity, y.validity)]
    valid = [p for p in pairs if p[0].validity == p[1].validity == "valid"]
    why = ""
    if len(valid) < ENOUGH_PAIRS:
        why = next((r.reason for p in pairs for r in p if r.validity != "valid"), "too few pairs")
        valid = [p for p in pairs if "inconclusive" not in (p[0].validity, p[1].validity)]
    found = []
    for group in _groups([r for p in valid for r in p], across):
        kept = [p for p in valid if id(p[0]) in group and id(p[1]) in group]
        if len(kept) >= ENOUGH_PAIRS:
            x, y = [p[0] for p in kept], [p[1] for p in kept]
            found.append(Sides(x, y, True, "contaminated" if why else "valid", why))
    return found


def _by_yardstick(metric: str, sides: Sides, settings: Settings) -> bool:
    """Whether the cost is counted in operations of the yardstick.

    Not where hosts are compared: how fast they are is the question then.
    """
    return (
        metric == figures.STEADY
        and not (sides.paired or settings.raw or settings.across)
        and all(r.yardstick_ns for r in (*sides.a, *sides.b))
    )


def _values(
    repetitions: Sequence[Repetition], metric: str, read: Callable[..., float | None]
) -> list[float]:
    return [v for r in repetitions if (v := read(r, metric)) is not None]


def _change(metric: str, sides: Sides, by_yardstick: bool) -> tuple[Change, stats.Interval]:
    a, b = (_values(side, metric, figures.figure) for side in (sides.a, sides.b))
    if sides.paired:
        ratio = stats.median_of_ratios(a, b)
    elif by_yardstick:
        x, y = (_values(side, metric, figures.at_yardstick) for side in (sides.a, sides.b))
        lone = all(len(r.threads) == 1 for r in (*sides.a, *sides.b))
        ratio = stats.ratio_of_quantiles(x, y, 0.25 if lone else 0.5)
    else:
        ratio = stats.ratio_of_quantiles(a, b)
    own = stats.median(b)
    change = Change(
        metric,
        *(stats.middle(a), own.value),
        *(ratio.value, ratio.low, ratio.high, own.low, own.high),
    )
    return change, ratio


def _record(
    a: Measurement,
    b: Measurement,
    metric: str,
    outcome: tuple[str, str, str],
    sides: Sides | None = None,
    changes: Sequence[Change] = (),
) -> Comparison:
    verdict, validity, reason = outcome
    return Comparison(
        group=a.group,
        name=a.name,
        threads=a.threads,
        variant=a.variant,
        regime=a.regime,
        settings=dict(a.settings),
        differs=differing(a, b),
        metric=metric,
        verdict=verdict,
        validity=validity,
        reason=reason,
        paired=sides.paired if sides else False,
        placement_ns=sides.placement_ns if sides else None,
        counted_a=len(sides.a) if sides else 0,
        counted_b=len(sides.b) if sides else 0,
        changes=list(changes),
        without_ratio=figures.without_ratio([*sides.a, *sides.b]) if sides else [],
        unlike=sides.unlike if sides else True,
    )


def differing(a: Measurement, b: Measurement) -> dict[str, list[int | str | None]]:
    """What is not the same on both sides, by name, as [A's, B's]."""
    pairs: dict[str, list[int | str | None]] = {
        key: [getattr(a, key), getattr(b, key)]
        for key in ("group", "name", "threads", "variant", "regime")
    }
    pairs |= {k: [a.settings.get(k), b.settings.get(k)] for k in {**a.settings, **b.settings}}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _compare_sides(a: Measurement, b: Measurement, sides: Sides, settings: Settings) -> Comparison:
    both = [*sides.a, *sides.b]
    metric = settings.metric or figures.own_metric(both)
    have = figures.names(both)
    changes = []
    by_yardstick = metric in have and _by_yardstick(metric, sides, settings)
    speed = None
    if by_yardstick:
        held = at_one_speed(sides.a, sides.b, ENOUGH)
        why = "; ".join(part for part in (held.why, sides.reason) if part)
        sides = replace(
            sides, a=held.a, b=held.b, reason=why, unlike=sides.unlike or held.unlike
        )
        speed = held.speed
    verdict, reason = "inconclusive", sides.reason
    for name in sorted(have, key=lambda n: n != metric):
        change, ratio = _change(name, sides, by_yardstick and name == metric)
        changes.append(change)
        if name == metric and not sides.unlike:
            cost = ratio.inverse() if figures.more_is_better(name) else ratio
            verdict = stats.verdict(cost, settings.threshold)
    unlike = sides.unlike
    decided = verdict in ("slower", "faster") and not by_yardstick
    if decided and not _least_agree(verdict, metric, sides, settings):
        verdict, unlike = "inconclusive", True
        least = "the least values of both runs do not show it"
        reason = f"{least}; {reason}" if reason else least
    if metric not in have:
        reason = f"no {metric} on both sides"
    found = _record(a, b, metric, (verdict, sides.validity, reason), sides, changes)
    return msgspec.structs.replace(found, unlike=unlike, speed=speed)


def _least_agree(verdict: str, metric: str, sides: Sides, settings: Settings) -> bool:
    """Whether a change between runs made apart shows in their least values too.

    Disturbance only adds to a time. It adds differently from run to run, which no run's
    own interval knows, while the least values hardly move. This holds for windows that
    look valid too: a hypervisor or a busy sibling thread slows a CPU down unseen.
    """
    if sides.paired or not metric.endswith("ns_per_op"):
        return True
    a, b = ([figures.figure(r, metric) or 0.0 for r in s] for s in (sides.a, sides.b))
    least = min(b) / min(a)
    if verdict == "slower":
        return least >= 1 + settings.threshold
    return least <= 1 / (1 + settings.threshold)


def _nothing_alike(a: Measurement, b: Measurement, paired: bool) -> tuple[str, bool]:
    """Why no comparison can be made, and whether it is the placement."""

    def shown(m: Measurement) -> str:
        found = sorted(ns for r in m.repetitions if (ns := middle_ns(r)) is not None)
        return f"{found[0]:.0f} to {found[-1]:.0f} ns" if found else "none"

    enough = ENOUGH_PAIRS if paired else ENOUGH
    few = min(len(_usable(a.repetitions)[0]), len(_usable(b.repetitions)[0]))
    if few < enough:
        return f"fewer than {enough} repetitions that say something; it takes so many", False
    if paired:
        return f"fewer than {enough} pairs in one placement: hand-off {shown(a)}, {shown(b)}", False
    return f"no common placement of the CPUs: hand-off {shown(a)} in A, {shown(b)} in B", True


def width(a: Sequence[Repetition], b: Sequence[Repetition], settings: Settings) -> float | None:
    """How wide the interval is of pairs made so far, in the placement with most of them.

    None while there is none.
    """
    if any(r.validity == "void" for r in (*a, *b)):
        return 0.0  # it will not get better
    sides = max(in_turn(a, b, settings.across), key=lambda s: len(s.a), default=None)
    if sides is None:
        return None
    metric = settings.metric or figures.own_metric([*sides.a, *sides.b])
    if metric not in figures.names([*sides.a, *sides.b]):
        return None
    _, ratio = _change(metric, sides, by_yardstick=False)
    return (ratio.high - ratio.low) / ratio.value


def compare_rows(
    a: Measurement, b: Measurement, settings: Settings, *, paired: bool = False
) -> list[Comparison]:
    """The comparisons of two measurements, one for each placement that both were made in."""
    metric = settings.metric or "cpu_ns_per_op"
    for m in (a, b):
        if m.validity == "void" or any(r.validity == "void" for r in m.repetitions):
            return [_record(a, b, metric, ("inconclusive", "void", m.reason or "a wrong sum"))]
    if paired:
        found = in_turn(a.repetitions, b.repetitions, settings.across)
    else:
        found = apart(a, b, settings.across)
    if not found:
        why, elsewhere = _nothing_alike(a, b, paired)
        nothing = _record(a, b, metric, ("inconclusive", "inconclusive", why))
        return [msgspec.structs.replace(nothing, elsewhere=elsewhere)]
    return [_compare_sides(a, b, sides, settings) for sides in found]
