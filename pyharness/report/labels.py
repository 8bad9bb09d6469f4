"""How a report writes numbers and names."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

_SPACES = "\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_HIDDEN = "\N{REPLACEMENT CHARACTER}"
_SCALES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))


def number(value: float) -> str:
    """Three digits where there is a fraction, thousands apart: `0.0712`, `24.5`, `1,234`."""
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 6)}f}"


def span(ns: float) -> str:
    """A duration in the unit that suits it: `24.5 ns`, `3.34 µs`, `1.20 ms`."""
    if not math.isfinite(ns):
        return "?"
    for scale, unit in _SCALES:
        if abs(ns) >= scale:
            return f"{number(ns / scale)} {unit}"
    return f"{number(ns)} ns"


def tick(ns: float) -> str:
    """A duration on an axis, without idle zeros: `10 µs`."""
    for scale, unit in _SCALES:
        if abs(ns) >= scale:
            return f"{ns / scale:g} {unit}"
    return f"{ns:g} ns"


def rate(per_s: float) -> str:
    """Operations a second: `81.8 M/s`."""
    for scale, unit in ((1e9, "G/s"), (1e6, "M/s"), (1e3, "k/s")):
        if abs(per_s) >= scale:
            return f"{number(per_s / scale)} {unit}"
    return f"{number(per_s)} /s"


def share(part: float) -> str:
    """A part of one as per cent."""
    return f"{100 * part:.1f} %" if math.isfinite(part) else "?"


def printable(text: str) -> str:
    """`text` without characters that are not to be seen: control codes, bidi overrides."""
    return "".join(c if c.isprintable() or c in _SPACES else _HIDDEN for c in text)


def settings_text(settings: Mapping[str, int | str]) -> str:
    """`line=own pace=8`."""
    return " ".join(f"{k}={v}" for k, v in settings.items())


def label(name: str) -> str:
    """A key of the JSON as a heading: `tlb_interrupts` is `tlb interrupts`."""
    return name.removesuffix("_ns").removesuffix("_per_op").replace("_", " ")


def metric(name: str, value: float) -> str:
    """A metric with the unit that its name says."""
    if name.endswith(("_ns", "ns_per_op")):
        return span(value)
    if name.endswith("_per_s"):
        return rate(value)
    if name in ("fairness", "spread") or name.endswith("_loss"):
        return share(value)
    if name.endswith("bytes_per_op"):
        return f"{value:,.0f} B"
    return number(value)


def moment(seconds: float | None) -> str:
    """Date and time in UTC, empty where it is not known."""
    if seconds is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "?"
