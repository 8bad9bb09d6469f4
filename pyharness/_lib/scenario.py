"""What a scenario is, as data: parameters, actors and graded outcomes (filled in from C)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyharness.errors import UsageError, quote, unknown

GRADES = ("ok", "interesting", "forbidden")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number that a scenario can be run with, `low` to `high` inclusive."""

    name: str
    about: str
    low: int
    high: int
    preset: int


@dataclass(frozen=True, slots=True)
class Actor:
    """A function run by one CPU of the scenario."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the outcome table: `grade` of GRADES, hazard `H1`..`H31`, invariant `I1`..`I9`."""

    name: str
    about: str
    grade: str
    hazard: str | None
    invariant: str | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One race. The first `own_outcomes` rows are its own, the others stand for hazards.

    `ordering`: its outcomes are a matter of the CPU's memory order alone.
    """

    name: str
    title: str
    story: str
    source: str
    file: str
    parameters: tuple[Parameter, ...]
    actors: tuple[Actor, ...]
    outcomes: tuple[Outcome, ...]
    own_outcomes: int
    uses_vmemmap: bool
    hardware: bool
    ordering: bool = False
    handle: object = field(compare=False, repr=False, default=None)


def parse_assignment(text: str, option: str) -> tuple[str, str]:
    """`name=value` split; UsageError that names the option otherwise."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"{option}: {quote(text)} is not name=value")
    return name.strip(), value.strip()


def whole(value: object, where: str) -> int:
    """`value` as a whole number; UsageError that names `where` otherwise."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise UsageError(f"{where}: {quote(value)} is not a whole number")
    try:
        return int(value) if len(str(value)) <= 20 else int("x")
    except ValueError:
        raise UsageError(f"{where}: {quote(value)} is not a whole number") from None


def check_parameter(scenario: Scenario, name: str, value: object, where: str) -> int:
    """The value when the scenario has this parameter and the value is in its range."""
    found = {p.name: p for p in scenario.parameters}.get(name)
    if found is None:
        if not scenario.parameters:
            raise UsageError(f"{where}: {scenario.name} has no parameters")
        names = (p.name for p in scenario.parameters)
        raise UsageError(f"{where}: {unknown(f'parameter of {scenario.name}', name, names)}")
    number = whole(value, f"{where}: {name}")
    if not found.low <= number <= found.high:
        raise UsageError(
            f"{where}: {name}={number} is out of range; "
            f"{scenario.name} takes {found.low} to {found.high}"
        )
    return number


def parameter_values(
    scenario: Scenario, given: Mapping[str, object], where: str = "-P"
) -> dict[str, int]:
    """Every parameter with its value: the given ones checked, the others at their default."""
    values = {p.name: p.preset for p in scenario.parameters}
    for name, value in given.items():
        values[name] = check_parameter(scenario, name, value, where)
    return values
