"""Rules of --fail-if: `p99>+5%`, `ops_per_s<-3%`, `ns_per_op>40ns`, `ops_per_s<50M`.

A rule is METRIC, `>` or `<`, and a limit: a signed percentage, which is about the
change from A to B, or a number with its unit, which is about B alone. It is met when
the estimate is beyond the limit and the interval agrees: it excludes "no change" for
a percentage, and the limit itself for a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyharness.compare.stats import Interval
from pyharness.errors import UsageError, quote

_METRIC = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{1,9})?|\.\d{1,9})", re.ASCII)
_TIMES = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
_COUNTS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_RATES = {f"{unit}/s": scale for unit, scale in _COUNTS.items() if unit}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `change` is a share of A's value, `limit` ns, a count, or a rate per second."""

    text: str
    metric: str
    above: bool
    change: float | None = None
    limit: float | None = None

    def met(self, ratio: Interval, value: Interval) -> bool:
        """Whether the ratio of B to A, or the value of B, is beyond the limit for sure."""
        if self.change is not None:
            estimate, limit = ratio.value, 1 + self.change
            sure = ratio.low > 1 if self.above else ratio.high < 1
        else:
            assert self.limit is not None
            estimate, limit = value.value, self.limit
            sure = value.low > limit if self.above else value.high < limit
        return sure and (estimate > limit if self.above else estimate < limit)


def _refuse(text: str, at: int, why: str) -> UsageError:
    return UsageError(f"--fail-if {quote(text)}: column {at + 1}: {why}")


def _unit(text: str, at: int, metric: str, unit: str) -> float:
    if metric.endswith(("_ns", "ns_per_op")) or _is_percentile(metric):
        valid = _TIMES
    elif metric.endswith("_per_s"):
        valid = _COUNTS | _RATES
    else:
        valid = _COUNTS
    if unit not in valid:
        names = ", ".join(u or "none" for u in valid)
        raise _refuse(text, at, f"{quote(unit)} is no unit of {metric}; %, or: {names}")
    return valid[unit]


def _is_percentile(metric: str) -> bool:
    return metric in ("median", "max") or re.fullmatch(r"p\d+(\.\d+)?", metric) is not None


def parse_rule(text: str) -> Rule:
    """The rule that `text` is; UsageError with the column where it stops being one."""
    spaced = text.rstrip()
    at = len(spaced) - len(spaced.lstrip())
    name = _METRIC.match(spaced, at)
    if not name:
        raise _refuse(text, at, "expected a metric, as in p99>+5%")
    at = _skip(spaced, name.end())
    sign = spaced[at : at + 1]
    if sign not in ("<", ">"):
        raise _refuse(text, at, "expected > or < after the metric")
    at = _skip(spaced, at + 1)
    number = _NUMBER.match(spaced, at)
    if not number:
        raise _refuse(text, at, "expected a number: +5% (a change) or 40ns (a value of B)")
    unit_at = _skip(spaced, number.end())
    unit, value = spaced[unit_at:], float(number[0])
    if unit == "%":
        return _change(text, at, name[0], sign == ">", number[0])
    if number[0][0] in "+-":
        raise _refuse(text, unit_at, f"expected % after {number[0]}; a value of B has no sign")
    scale = _unit(text, unit_at, name[0], unit)
    return Rule(text.strip(), name[0], sign == ">", limit=value * scale)


def _change(text: str, at: int, metric: str, above: bool, number: str) -> Rule:
    if number[0] not in "+-":
        raise _refuse(text, at, f"a change needs its sign: +{number}% or -{number}%")
    change = float(number) / 100
    if (change < 0) == above and change != 0:
        better = f"{metric}{'>' if change > 0 else '<'}{number}%"
        raise _refuse(text, at, f"this would hold for B the same as A; did you mean {better}")
    if change <= -1:
        raise _refuse(text, at, "nothing falls by 100% or more")
    return Rule(text.strip(), metric, above, change=change)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] == " ":
        at += 1
    return at
