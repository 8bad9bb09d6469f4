"""Durations, counts, shares and seeds: how they are read and how they are written."""

from __future__ import annotations

import hashlib
import re

from pyharness.errors import UsageError, quote

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h|)", re.ASCII)
_MAX_SECONDS = 30 * 24 * 3600.0
_U64 = (1 << 64) - 1


def parse_duration(text: str) -> float:
    """Seconds of `30s`, `1.5m`, `2h`, `250ms`, `1m30s` or a plain number of seconds.

    UsageError when it is none of these, zero, or longer than 30 days.
    """
    body = text.strip().lower()
    parts = _PART.findall(body) if len(body) <= 40 else []
    if not parts or "".join(a + b for a, b in parts) != body:
        raise UsageError(f"{quote(text)} is not a duration; write 30s, 1.5m, 2h or 250ms")
    if len(parts) > 1 and any(not unit for _, unit in parts):
        raise UsageError(f"{quote(text)} is not a duration; write 30s, 1.5m, 2h or 250ms")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return check_duration(seconds, quote(text))


def check_duration(seconds: float, shown: str) -> float:
    """`seconds` again, when 0 < seconds <= 30 days; else UsageError that names `shown`."""
    if not 0 < seconds <= _MAX_SECONDS:
        raise UsageError(
            f"{shown} is no usable duration; it must be more than 0 and at most 30 days"
        )
    return seconds


def parse_seed(text: str) -> int:
    """A seed of 64 bits from decimal or 0x-hexadecimal text; UsageError otherwise."""
    try:
        value = int(text.strip(), 0) if len(text) <= 40 else -1
    except ValueError:
        raise UsageError(
            f"{quote(text)} is not a seed; write a whole number, 0 to 2^64-1"
        ) from None
    return check_seed(value)


def check_seed(value: int) -> int:
    """`value` again when it fits 64 bits; else UsageError."""
    if not 0 <= value <= _U64:
        raise UsageError(f"seed {quote(value)} is out of range; it is a whole number, 0 to 2^64-1")
    return value


def splitmix64(state: int) -> int:
    """The output of SplitMix64 for this state (Steele, Lea, Flood, 2014)."""
    z = (state + 0x9E3779B97F4A7C15) & _U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _U64
    return z ^ (z >> 31)


def row_seed(seed: int, *key: str) -> int:
    """The seed of one row, from the root seed and what the row runs.

    It does not depend on the row's place, so a row of a suite that is hunted
    alone with the same root seed gets the same sub-seed.
    """
    digest = hashlib.blake2b("\0".join(key).encode(errors="replace"), digest_size=8).digest()
    return splitmix64(seed ^ int.from_bytes(digest, "little"))


def si(number: float) -> str:
    """A rate or count in three digits, with k, M or G and a space before the unit."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {unit} "
    return f"{number:.3g} "


def percent(part: int, whole: int) -> str:
    """`part` of `whole` in per cent, three decimals; `<0.001%` rather than a false zero."""
    if whole == 0 or part == 0:
        return "0%"
    share = 100 * part / whole
    return "<0.001%" if share < 0.001 else f"{share:.3f}%"


def seconds_text(seconds: float) -> str:
    """A duration for people: `350 us`, `0.25 s`, `12.3 s`, `2 m 05 s`."""
    if seconds < 0.01:
        return f"{seconds * 1e6:.0f} us"
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} m {int(seconds) % 60:02d} s"
