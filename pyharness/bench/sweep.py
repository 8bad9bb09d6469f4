"""Values of a setting as the command line writes them: `8`, `own,same`, `0..512/64`, `0..10x`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyharness.errors import UsageError, quote

MAX_VALUES = 64
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(x?)(?:/({_NUMBER}))?", re.ASCII)
_MULTIPLE = re.compile(rf"({_NUMBER})x", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Multiple:
    """So many line transfers: times the one-way hand-off measured on the CPUs in use."""

    factor: float

    def __str__(self) -> str:
        return f"{self.factor:g}x"


Value = int | str | Multiple


def _fits(count: int, where: str) -> None:
    if count > MAX_VALUES:
        raise UsageError(f"{where} is more than {MAX_VALUES} values; give a step: 0..512/64")


def _range(match: re.Match[str], where: str) -> list[Value]:
    low, high, times, step = float(match[1]), float(match[2]), match[3], match[4]
    if high < low:
        raise UsageError(f"{where} runs backwards")
    width = float(step) if step else 1.0
    if width <= 0:
        raise UsageError(f"{where} has a step of zero")
    count = int((high - low) / width + 1e-9) + 1
    _fits(count, where)
    numbers = [low + i * width for i in range(count)]
    if times:
        return [Multiple(round(n, 6)) for n in numbers]
    if any(n != int(n) for n in numbers):
        raise UsageError(f"{where} is not in whole numbers; 0..1x counts in line transfers")
    return [int(n) for n in numbers]


def parse_values(text: str, where: str) -> list[Value]:
    """Each value of a comma-separated list in order, once; UsageError that names `where`.

    A value is a whole number, a word, `Nx` (N line transfers), or a range `a..b`,
    `a..b/step` or `a..bx` of them.
    """
    found: list[Value] = []
    for part in (p.strip() for p in text.split(",")):
        shown = f"{where}: {quote(part)}"
        if match := _RANGE.fullmatch(part):
            found += _range(match, shown)
        elif match := _MULTIPLE.fullmatch(part):
            found.append(Multiple(float(match[1])))
        elif part.isascii() and part.isdecimal() and len(part) <= 9:
            found.append(int(part))
        elif _WORD.fullmatch(part):
            found.append(part)
        else:
            raise UsageError(f"{shown} is no value; write 8, a name, 0..512/64 or 0..10x")
        _fits(len(found), f"{where}: {quote(text)}")
    return list(dict.fromkeys(found))


def parse_assignments(texts: tuple[str, ...], option: str) -> dict[str, list[Value]]:
    """`name=values` texts as a dictionary; a name given twice has the values of both."""
    from pyharness._lib.scenario import parse_assignment

    found: dict[str, list[Value]] = {}
    for text in texts:
        name, values = parse_assignment(text, option)
        have = found.setdefault(name, [])
        have += [v for v in parse_values(values, f"{option} {name}") if v not in have]
        _fits(len(have), f"{option}: {name}")
    return found


def parse_counts(text: str, option: str, low: int, high: int) -> tuple[int, ...]:
    """Whole numbers of a list such as `1,2,4`, each from `low` to `high`."""
    values = parse_values(text, option)
    for value in values:
        if not isinstance(value, int):
            raise UsageError(f"{option}: {quote(value)} is not a whole number")
        if not low <= value <= high:
            raise UsageError(f"{option}: {value} is out of range; {low} to {high}")
    return tuple(v for v in values if isinstance(v, int))
