"""Regimes: protocols as TOML, checked against the knobs of the core."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pyharness import _lib
from pyharness.catalogue.toml_files import read_table, shipped, to_struct
from pyharness.errors import RegimeError, UsageError, quote, unknown

DEFAULT_REGIME = "linux-6.15"  # the last protocol of the kernel that closes everything here
VERDICTS = ("holds", "violated")
_HAZARD = re.compile(r"H([1-9]|[12][0-9]|3[01])")
_MAX_BASES = 8

KnobValue = str | bool


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a run should come to: `holds` or `violated`, and by which hazards."""

    verdict: str
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Regime:
    """A protocol. `knobs` is complete; `expected` is per scenario name."""

    name: str
    title: str
    about: str
    sources: tuple[str, ...]
    knobs: Mapping[str, KnobValue]
    expected: Mapping[str, Expectation] = field(default_factory=dict)


class _File(msgspec.Struct, kw_only=True):
    title: str = ""
    about: str = ""
    sources: list[str] = []
    base: str | None = None
    knobs: dict[str, Any] = {}
    expected: dict[str, Any] = {}


class _Expected(msgspec.Struct, kw_only=True):
    verdict: str
    hazards: list[str] = []


def shown_choices(choices: tuple[str, ...]) -> str:
    """The choices of a knob as the tail of a message."""
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def check_knob(name: str, value: object, where: str) -> KnobValue:
    """The value in its TOML type when the knob has this choice; RegimeError otherwise."""
    found = {k.name: k for k in _lib.knobs()}
    at = f"{where}.{name}" if where else name
    if name not in found:
        raise RegimeError(f"{at}: {unknown('knob', name, found)}")
    choices = found[name].choices
    text = str(value).lower() if isinstance(value, bool) else value
    if text not in choices:
        shown = quote(value) if isinstance(value, str) else quote(repr(value)).strip('"')
        raise RegimeError(f"{at}: {shown} is not one of {', '.join(choices)}")
    return text == "true" if choices[0] in ("true", "false") else str(text)


def check_hazards(names: list[str], where: str, error: type[UsageError]) -> tuple[str, ...]:
    """The names again when each is H1 to H31."""
    for name in names:
        if not _HAZARD.fullmatch(name):
            raise error(f"{where}: {quote(name)} is no hazard; they are H1 to H31")
    return tuple(names)


def default_knobs() -> dict[str, KnobValue]:
    """Every knob at its default."""
    return {k.name: check_knob(k.name, k.choices[k.preset], "") for k in _lib.knobs()}


def knob_indexes(knobs: Mapping[str, KnobValue]) -> tuple[int, ...]:
    """The choices by index in the core's order; `knobs` must be complete and checked."""
    return tuple(
        k.choices.index(str(v).lower() if isinstance(v := knobs[k.name], bool) else v)
        for k in _lib.knobs()
    )


def _expectations(table: dict[str, Any], shown: str) -> dict[str, Expectation]:
    found = {}
    for name, value in table.items():
        path = f"expected.{name}"
        entry = to_struct(value, _Expected, shown, RegimeError, path)
        if entry.verdict not in VERDICTS:
            raise RegimeError(
                f"{shown}: {path}.verdict: {quote(entry.verdict)} is not one of "
                f"{', '.join(VERDICTS)}"
            )
        hazards = check_hazards(entry.hazards, f"{shown}: {path}.hazards", RegimeError)
        if (entry.verdict == "holds") == bool(hazards):
            raise RegimeError(f"{shown}: {path}: hazards go with violated, and violated needs one")
        found[name] = Expectation(entry.verdict, hazards)
    return found


def _base(name: str, path: Path, shown: str, depth: int) -> Regime:
    if depth >= _MAX_BASES:
        raise RegimeError(f"{shown}: base: regimes that inherit from each other, or too deeply")
    if name.endswith(".toml"):
        return load_file(path.parent / name, name, depth + 1)
    files = shipped("regimes")
    if name not in files:
        raise RegimeError(f"{shown}: base: {unknown('regime', name, files)}")
    return load_file(files[name], f"regimes/{name}.toml", depth + 1)


def load_file(path: Path, shown: str | None = None, depth: int = 0) -> Regime:
    """The regime in a TOML file; RegimeError with the path of the bad value.

    A knob that is not given comes from `base` (a shipped name, or another file
    beside this one), else it has its default. `expected` is not inherited:
    another protocol deserves its own verdicts.
    """
    shown = shown or str(path)
    entry = to_struct(read_table(path, shown, RegimeError), _File, shown, RegimeError)
    knobs = default_knobs()
    title, about = entry.title, entry.about
    if entry.base is not None:
        base = _base(entry.base, path, shown, depth)
        knobs = dict(base.knobs)
        title = title or f"{base.title}, changed"
        about = about or base.about
    for name, value in entry.knobs.items():
        knobs[name] = check_knob(name, value, f"{shown}: knobs")
    return Regime(
        name=path.stem,
        title=title or path.stem,
        about=" ".join(about.split()),
        sources=tuple(entry.sources),
        knobs=knobs,
        expected=_expectations(entry.expected, shown),
    )


@functools.cache
def regimes() -> dict[str, Regime]:
    """The shipped regimes by name."""
    return {
        name: load_file(path, f"regimes/{name}.toml") for name, path in shipped("regimes").items()
    }


def find_regime(name: str) -> Regime:
    """A shipped regime by name, or the user's when `name` is a path to a TOML file."""
    if name in regimes():
        return regimes()[name]
    if name.endswith(".toml") or "/" in name:
        return load_file(Path(name))
    raise RegimeError(f"{unknown('regime', name, regimes())}; a file of yours ends in .toml")


def differing(knobs: Mapping[str, KnobValue], regime: Regime) -> dict[str, KnobValue]:
    """The knobs that differ from the regime's."""
    return {name: value for name, value in knobs.items() if regime.knobs[name] != value}
