"""Colours of a report: one list for the page, the drawings and the pictures, in two themes.

A drawing is made once. In it every colour is a token, an improbable hex number, which
becomes a CSS variable on the page, so that both themes and the switch between them work.
"""

from __future__ import annotations

from collections.abc import Mapping

SERIES = 8

_LIGHT = {
    "page": "#f6f6f3",
    "card": "#ffffff",
    "inset": "#f1f2f0",
    "ink": "#1b2127",
    "muted": "#56606b",
    "rule": "#dcdfdd",
    "accent": "#0a5a94",
    "heat": "#0a5a94",
    "shade": "#c9cfd4",
    "good": "#16653a",
    "good-wash": "#e2f1e7",
    "warn": "#7d4a00",
    "warn-wash": "#fbeed3",
    "bad": "#a01c30",
    "bad-wash": "#fbe5e6",
    "series-0": "#0b63a5",
    "series-1": "#b8520a",
    "series-2": "#19784a",
    "series-3": "#7447b0",
    "series-4": "#b3243c",
    "series-5": "#0e7480",
    "series-6": "#7a6209",
    "series-7": "#a03a83",
}
_DARK = {
    "page": "#121518",
    "card": "#191d21",
    "inset": "#21262b",
    "ink": "#e7eaec",
    "muted": "#a4adb5",
    "rule": "#31373d",
    "accent": "#7dbcf2",
    "heat": "#5aa9ea",
    "shade": "#3d464e",
    "good": "#7fd3a0",
    "good-wash": "#16301f",
    "warn": "#efbf6b",
    "warn-wash": "#35290f",
    "bad": "#ff9aa2",
    "bad-wash": "#3c1a1f",
    "series-0": "#6fb4f4",
    "series-1": "#f0a25c",
    "series-2": "#6ecb94",
    "series-3": "#c2a2f0",
    "series-4": "#ff8b96",
    "series-5": "#5ecbd4",
    "series-6": "#d6bd5a",
    "series-7": "#f09ad2",
}
THEMES: Mapping[str, Mapping[str, str]] = {"light": _LIGHT, "dark": _DARK}

# Text on what lies beneath it, as the template uses them: at least 4.5 to 1 each.
TEXT_PAIRS = (
    *(("ink", below) for below in ("page", "card", "inset")),
    *(("muted", below) for below in ("page", "card", "inset")),
    *(("accent", below) for below in ("page", "card", "inset")),
    *((tone, f"{tone}-wash") for tone in ("good", "warn", "bad")),
    *((tone, "card") for tone in ("good", "warn", "bad")),
)
# Lines and marks of drawings on what they are drawn on: at least 3 to 1 each.
MARK_PAIRS = tuple((f"series-{i}", "card") for i in range(SERIES))

HEAT_MOST = 0.45  # the strongest cell of a heat map; its text is still read on it

TOKENS: Mapping[str, str] = {name: f"#fe01{i:02x}" for i, name in enumerate(_LIGHT)}


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2)."""

    def linear(channel: int) -> float:
        c = channel / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blend(above: str, below: str, share: float) -> str:
    """The colour seen where `share` of `above` lies over `below`."""
    pairs = ((int(above[i : i + 2], 16), int(below[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def themed(svg: str) -> str:
    """`svg` with every token replaced by its CSS variable."""
    for name, token in TOKENS.items():
        svg = svg.replace(token, f"var(--{name})")
    return svg
