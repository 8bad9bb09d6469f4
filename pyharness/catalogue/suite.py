"""Suites: named cases as TOML, each a scenario under a regime with what it should come to."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from pyharness.catalogue.regime import VERDICTS, KnobValue, check_hazards
from pyharness.catalogue.toml_files import read_table, shipped, to_struct
from pyharness.errors import SuiteError, quote

Hardware = bool | Literal["weak"]


@dataclass(frozen=True, slots=True)
class Case:
    """A row of a suite.

    `hardware` says who can show it: True any machine, "weak" only one whose
    memory order is weak (aarch64), False only the model.
    """

    name: str
    suite: str
    scenario: str
    says: str
    regime: str | None
    knobs: Mapping[str, KnobValue]
    parameters: Mapping[str, int]
    claim: str | None
    expected: str
    hazards: tuple[str, ...]
    hardware: Hardware


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases that belong together, in the order they are run."""

    name: str
    title: str
    about: str
    cases: tuple[Case, ...]


class _Case(msgspec.Struct, kw_only=True):
    name: str
    scenario: str
    says: str
    expected: str
    regime: str | None = None
    knobs: dict[str, bool | str] = {}
    parameters: dict[str, int] = {}
    claim: str | None = None
    hazards: list[str] = []
    hardware: bool | str = True


class _File(msgspec.Struct, kw_only=True):
    title: str
    about: str
    case: list[Any] = []


def _case(table: Any, number: int, suite: str, shown: str) -> Case:
    path = f"case[{number}]"
    entry = to_struct(table, _Case, shown, SuiteError, path)
    where = f"{shown}: {path}"
    if entry.expected not in VERDICTS:
        raise SuiteError(
            f"{where}.expected: {quote(entry.expected)} is not one of {', '.join(VERDICTS)}"
        )
    if isinstance(entry.hardware, str) and entry.hardware != "weak":
        raise SuiteError(f'{where}.hardware: {quote(entry.hardware)} is not true, false or "weak"')
    return Case(
        name=entry.name,
        suite=suite,
        scenario=entry.scenario,
        says=" ".join(entry.says.split()),
        regime=entry.regime,
        knobs=entry.knobs,
        parameters=entry.parameters,
        claim=entry.claim,
        expected=entry.expected,
        hazards=check_hazards(entry.hazards, f"{where}.hazards", SuiteError),
        hardware="weak" if isinstance(entry.hardware, str) else entry.hardware,
    )


def load_file(path: Path, shown: str | None = None) -> Suite:
    """The suite in a TOML file; SuiteError with the path of the bad value."""
    shown = shown or str(path)
    entry = to_struct(read_table(path, shown, SuiteError), _File, shown, SuiteError)
    cases = tuple(_case(table, i, path.stem, shown) for i, table in enumerate(entry.case))
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise SuiteError(f"{shown}: case name {quote(name)} stands more than once")
    return Suite(path.stem, entry.title, " ".join(entry.about.split()), cases)


@functools.cache
def suites() -> dict[str, Suite]:
    """The shipped suites by name."""
    return {
        name: load_file(path, f"suites/{name}.toml") for name, path in shipped("suites").items()
    }


@functools.cache
def cases() -> dict[str, Case]:
    """The cases of all shipped suites by name."""
    return {case.name: case for suite in suites().values() for case in suite.cases}
