"""Which measurement of A stands beside which of B, and whether the hosts are alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import msgspec

from pyharness.bench.results import Measurement
from pyharness.errors import UsageError, quote
from pyharness.store import StoredRun

_HOST = ("cpu", "arch", "kernel", "page_size", "emulated")
Pairs = list[tuple[Measurement, Measurement]]


def measurements(run: StoredRun, side: str) -> list[Measurement]:
    """The measurements of a run of bench; UsageError with the path of a bad value."""
    if run.verb != "bench":
        raise UsageError(
            f"{side}: {run.label} is a run of {run.verb or 'nothing known'}; "
            "compare takes runs of bench"
        )
    try:
        return [
            msgspec.convert(result, Measurement, strict=False) for result in run.data["results"]
        ]
    except msgspec.ValidationError as error:
        raise UsageError(f"{side}: {run.label}: results: {error}") from None


def unlike(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """What differs between two `host` objects, as `kernel "6.1" and "6.18"`."""
    return [
        f"{key} {quote(a.get(key))} and {quote(b.get(key))}"
        for key in _HOST
        if a.get(key) != b.get(key)
    ]


def _settings(m: Measurement) -> Hashable:
    return tuple(sorted((k, str(v)) for k, v in m.settings.items()))


# What must be the same, from all of it to the thread count alone: a run of
# backoff=pause may stand beside one of backoff=none when nothing else could be meant.
_KEYS: tuple[Callable[[Measurement], Hashable], ...] = (
    lambda m: (m.group, m.name, m.threads, m.variant, m.regime, _settings(m)),
    lambda m: (m.group, m.name, m.threads, m.variant, m.regime),
    lambda m: (m.group, m.name, m.threads, _settings(m)),
    lambda m: (m.group, m.name, m.threads),
    lambda m: (m.group, m.threads),
)


def match(
    a: Sequence[Measurement], b: Sequence[Measurement]
) -> tuple[Pairs, list[Measurement], list[Measurement]]:
    """Pairs in the order of A, and what is left of A and of B.

    Exact partners first; then, key by key less strict, those that are the only ones of
    their key on both sides.
    """
    left, right = list(a), list(b)
    found: Pairs = []
    for number, key in enumerate(_KEYS):
        for m in list(left):
            mine = [x for x in left if key(x) == key(m)]
            theirs = [x for x in right if key(x) == key(m)]
            if theirs and (number == 0 or len(mine) == len(theirs) == 1):
                found.append((m, theirs[0]))
                left = [x for x in left if x is not m]
                right = [x for x in right if x is not theirs[0]]
    order = {id(m): i for i, m in enumerate(a)}
    return sorted(found, key=lambda pair: order[id(pair[0])]), left, right
