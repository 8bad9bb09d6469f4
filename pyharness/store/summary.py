"""A run in a few words, from its JSON object: the columns of `vmemstress runs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pyharness.store.runs import Meta, RunInfo

_WORST = ("void", "inconclusive", "contaminated", "valid")


def _names(names: Iterable[str], limit: int = 3) -> str:
    distinct = list(dict.fromkeys(names))
    more = f", ... ({len(distinct)})" if len(distinct) > limit else ""
    return ", ".join(distinct[:limit]) + more


def what(data: Mapping[str, Any]) -> str:
    """`suite thread`, the scenarios, or the benchmarks that were run."""
    if data.get("suite"):
        return f"suite {data['suite']}"
    rows = [*data.get("results", []), *data.get("skipped", []), *data.get("failures", [])]
    if data.get("command") == "bench":
        return _names(f"{r['group']}/{r['name']}" for r in rows if "group" in r)
    return _names(str(r.get("case") or r.get("scenario")) for r in rows)


def verdict(data: Mapping[str, Any]) -> str:
    """How many results of each verdict; for bench, how many measurements."""
    results = data.get("results", [])
    if data.get("command") == "bench":
        text = f"{len(results)} measured"
    else:
        counts = Counter(str(r.get("verdict")) for r in results)
        text = ", ".join(f"{n} {name}" if len(results) > 1 else name for name, n in counts.items())
        wrong = sum(r.get("as_expected") is False for r in results)
        text += f", {wrong} NOT EXPECTED" if wrong else ""
    failed = len(data.get("failures", []))
    return ", ".join(part for part in (text, f"{failed} failed" if failed else "") if part) or "-"


def validity(data: Mapping[str, Any]) -> str:
    """The worst validity among the results, `-` where there is none."""
    found = set()
    for result in data.get("results", []):
        value = result.get("validity")
        found.add(value.get("verdict") if isinstance(value, dict) else value)
    return next((name for name in _WORST if name in found), "-")


def summarise(data: Mapping[str, Any], meta: Meta) -> RunInfo:
    """The line of a run; whatever its object lacks is left empty."""
    return RunInfo(
        id=meta.id,
        started=meta.started,
        finished=meta.finished,
        verb=str(data.get("command", "?")),
        what=what(data),
        verdict=verdict(data),
        validity=validity(data),
        exit_code=meta.exit_code,
        interrupted=meta.interrupted,
        name=meta.name,
    )
