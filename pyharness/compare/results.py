"""All comparisons of one call, the rules that they met, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pyharness.compare import figures, stats
from pyharness.compare.changes import Change, Comparison
from pyharness.compare.rules import Rule
from pyharness.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Met:
    """A rule of --fail-if that a comparison meets, by this change."""

    rule: Rule
    comparison: Comparison
    change: Change

    def as_object(self) -> dict[str, Any]:
        """The entry of `failed_if`."""
        c = self.comparison
        return {
            "rule": self.rule.text,
            "benchmark": c.title,
            "threads": c.threads,
            "placement_ns": c.placement_ns,
            "metric": self.change.metric,
            "ratio": self.change.ratio,
            "b": self.change.b,
        }


@dataclass(frozen=True, slots=True)
class CompareReport:
    """`a` and `b` say what was compared; `unmatched` is what had no partner."""

    a: dict[str, Any]
    b: dict[str, Any]
    threshold: float
    comparisons: tuple[Comparison, ...]
    unmatched: tuple[str, ...]
    unlike: tuple[str, ...]
    rules: tuple[Rule, ...]
    interrupted: bool = False

    @property
    def met(self) -> list[Met]:
        """Each rule with each change that meets it.

        As with a hunt, what is found in a contaminated row is found; that nothing is
        found there says less.
        """
        found = []
        for rule in self.rules:
            for c in self.comparisons:
                if c.unlike:
                    continue
                for name in figures.expand(rule.metric, [x.metric for x in c.changes], c.metric):
                    change = c.change(name)
                    if change is not None and _met(rule, change):
                        found.append(Met(rule, c, change))
        return found

    @property
    def exit_code(self) -> ExitCode:
        """130 interrupted, 6 a sum was wrong, 4 a rule is met, 6 nothing was decided, else 0."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(c.validity == "void" for c in self.comparisons):
            return ExitCode.UNTRUSTED
        if self.met:
            return ExitCode.REGRESSION
        if all(c.verdict == "inconclusive" for c in self.comparisons):
            return ExitCode.UNTRUSTED
        return ExitCode.OK

    def as_object(self) -> dict[str, Any]:
        """The object of `compare --json` after its head."""
        return {
            "a": self.a,
            "b": self.b,
            "threshold": self.threshold,
            "confidence": stats.CONFIDENCE,
            "interrupted": self.interrupted,
            "unlike": list(self.unlike),
            "unmatched": list(self.unmatched),
            "fail_if": [rule.text for rule in self.rules],
            "failed_if": [met.as_object() for met in self.met],
            "exit_code": int(self.exit_code),
            "results": [msgspec.to_builtins(c) for c in self.comparisons],
        }


def _met(rule: Rule, change: Change) -> bool:
    ratio = stats.Interval(change.ratio, change.low, change.high)
    value = stats.Interval(change.b, change.b_low, change.b_high)
    return rule.met(ratio, value)


def known_metrics(comparisons: Sequence[Comparison]) -> set[str]:
    """Every metric that some comparison has figures of."""
    ratios = {x.metric for c in comparisons for x in c.changes}
    return ratios.union(*(c.without_ratio for c in comparisons))


def check_rules(rules: Sequence[Rule], comparisons: Sequence[Comparison]) -> None:
    """UsageError for a rule about a metric that no comparison has."""
    have = known_metrics(comparisons)
    for rule in rules if have else ():
        figures.check_known(rule.metric, have, f"--fail-if {rule.text}")
