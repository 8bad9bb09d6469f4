"""From what was asked to the rows of a hunt: scenario, regime, knobs, parameters, expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyharness import _lib
from pyharness._lib.scenario import Scenario, check_parameter, parameter_values
from pyharness.catalogue import find as catalogue
from pyharness.catalogue.regime import (
    DEFAULT_REGIME,
    Expectation,
    KnobValue,
    Regime,
    check_knob,
    find_regime,
    knob_indexes,
)
from pyharness.catalogue.suite import Case, Hardware, cases
from pyharness.errors import UsageError, quote, unknown

DEFAULT_SUITE = "thread"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked to hunt; empty names and no suite mean the thread suite."""

    names: tuple[str, ...] = ()
    suite: str | None = None
    regime: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    knobs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the plan; `knobs` and `parameters` are complete, `name` is the one asked for.

    `unshown` says why real threads cannot show it here, and is None where they can.
    """

    name: str
    scenario: Scenario
    regime: Regime | None
    knobs: Mapping[str, KnobValue]
    parameters: Mapping[str, int]
    case: Case | None
    expectation: Expectation | None
    unshown: str | None

    @property
    def key(self) -> tuple[str, ...]:
        """What the row's seed depends on, besides the root seed."""
        settings = (
            sorted({**self.knobs, **self.parameters}.items())
            if self.regime
            else sorted(self.parameters.items())
        )
        return (self.scenario.name, *(f"{k}={v}" for k, v in settings))

    @property
    def threads(self) -> int:
        """Threads that one instance needs."""
        return _lib.threads_needed(self.scenario, self.param_values)

    @property
    def param_values(self) -> tuple[int, ...]:
        """The parameter values in the scenario's order."""
        return tuple(self.parameters[p.name] for p in self.scenario.parameters)

    @property
    def knob_values(self) -> tuple[int, ...]:
        """The knobs by index, all zero for a scenario without regime."""
        return knob_indexes(self.knobs) if self.knobs else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows to run, and rows that only the model can decide."""

    rows: tuple[Row, ...]
    skipped: tuple[Row, ...]
    suite: str | None


def unshown(hardware: Hardware) -> str | None:
    """Why real threads cannot show this here; None when they can."""
    if not hardware:
        return "no hardware shows it to user space; only the model decides it"
    machine = _lib.host()
    if hardware != "weak" or (machine.arch == "aarch64" and not machine.emulated):
        return None
    if machine.emulated:
        return "an emulator orders memory as its host does; hunt on arm64 hardware, or verify"
    return f"{machine.arch} does not reorder it; hunt on arm64, or verify"


def _case_speaks(case: Case, row: Row) -> bool:
    """Whether the case is about exactly what the row runs."""
    if case.scenario != row.scenario.name:
        return False
    if any(row.parameters.get(name) != value for name, value in case.parameters.items()):
        return False
    return not row.regime or _case_knobs(case, find_regime(case.regime or DEFAULT_REGIME)) == dict(
        row.knobs
    )


def _as_shipped(row: Row, regime: Regime) -> bool:
    """Whether knobs and parameters are those that a regime's `expected` speaks of.

    The size of the huge page changes no verdict, so `gigantic` may differ.
    """
    presets = {p.name: p.preset for p in row.scenario.parameters if p.name != "gigantic"}
    same = all(row.parameters[name] == value for name, value in presets.items())
    return same and dict(regime.knobs) == dict(row.knobs)


def _case_knobs(case: Case, regime: Regime) -> dict[str, KnobValue]:
    return {**regime.knobs, **case.knobs}


def expectation(row: Row) -> Expectation | None:
    """What the row should come to; None when nobody has said, as for a user's scenario.

    The row's own case decides, then the regime when knobs and parameters are
    unchanged, then any shipped case that is about the same run.
    """
    if row.case and _case_speaks(row.case, row):
        return Expectation(row.case.expected, row.case.hazards)
    if row.regime and row.scenario.name in row.regime.expected and _as_shipped(row, row.regime):
        return row.regime.expected[row.scenario.name]
    for case in cases().values():
        if _case_speaks(case, row):
            return Expectation(case.expected, case.hazards)
    return None


def _row(
    name: str, scenario: Scenario, case: Case | None, request: Request, *, strict: bool
) -> Row:
    """One row; `strict` refuses options that the scenario has no use for."""
    parameters = parameter_values(scenario, dict(case.parameters) if case else {}, f"case {name}")
    names = {p.name for p in scenario.parameters}
    for key, value in request.parameters.items():
        if strict or key in names:
            parameters[key] = check_parameter(scenario, key, value, "-P")
    regime, knobs = _protocol(name, scenario, case, request, strict=strict)
    shown = case.hardware if case else scenario.hardware
    bare = Row(
        name=name,
        scenario=scenario,
        regime=regime,
        knobs=knobs,
        parameters=parameters,
        case=case,
        expectation=None,
        unshown=unshown(shown),
    )
    return _with_expectation(bare)


def _with_expectation(row: Row) -> Row:
    import dataclasses

    return dataclasses.replace(row, expectation=expectation(row))


def _protocol(
    name: str, scenario: Scenario, case: Case | None, request: Request, *, strict: bool
) -> tuple[Regime | None, dict[str, KnobValue]]:
    if not scenario.uses_vmemmap:
        if strict and request.regime is not None:
            raise UsageError(
                f"--regime: {name} remaps no struct pages, so no regime applies; leave it out"
            )
        if strict and request.knobs:
            raise UsageError(f"--knob: {name} remaps no struct pages, so no knob applies")
        return None, {}
    wanted = request.regime or (case.regime if case else None) or DEFAULT_REGIME
    regime = find_regime(wanted)
    knobs = _case_knobs(case, regime) if case else dict(regime.knobs)
    for knob, value in request.knobs.items():
        knobs[knob] = check_knob(knob, value, "--knob")
    return regime, knobs


def _named(name: str, request: Request) -> Row:
    case = catalogue.find_case(name)
    scenario = catalogue.find_scenario(case.scenario if case else name)
    return _row(name, scenario, case, request, strict=True)


def _suite_rows(request: Request, suite: str) -> list[Row]:
    found = catalogue.find_suite(suite)
    chosen = found.cases
    if request.names:
        by_name = {c.name: c for c in found.cases}
        for name in request.names:
            if name not in by_name:
                raise UsageError(unknown(f"case of suite {suite}", name, by_name))
        chosen = tuple(by_name[name] for name in request.names)
    rows = [
        _row(
            c.name, catalogue.find_scenario(c.scenario, f"case {c.name}"), c, request, strict=False
        )
        for c in chosen
    ]
    names = {p.name for row in rows for p in row.scenario.parameters}
    for name in request.parameters:
        if name not in names:
            raise UsageError(f"-P: {unknown(f'parameter of suite {suite}', name, names)}")
    return rows


def make_plan(request: Request) -> Plan:
    """The rows to run; UsageError for any name, parameter or knob that does not exist."""
    if request.regime is not None:
        find_regime(request.regime)  # a bad one is refused even where no row uses it
    for knob, value in request.knobs.items():
        check_knob(knob, value, "--knob")
    suite = request.suite
    if suite is None and not request.names:
        suite = DEFAULT_SUITE
    if suite is not None:
        rows = _suite_rows(request, suite)
    else:
        rows = [_named(name, request) for name in request.names]
    return Plan(
        rows=tuple(r for r in rows if r.unshown is None),
        skipped=tuple(r for r in rows if r.unshown is not None),
        suite=suite,
    )


def place_threads(
    row: Row, cpus: Sequence[int] | None, threads: int | None, usable: int, *, strict: bool
) -> tuple[int, ...]:
    """The CPU of each thread (-1: not pinned), a whole number of instances.

    By default as many threads as CPUs, rounded down to whole instances, at
    least one. UsageError when `strict` and `threads` is no multiple of what an
    instance needs.
    """
    need = row.threads
    count = usable if threads is None else threads
    if threads is not None and strict and threads % need:
        near = max(need, threads // need * need)
        raise UsageError(
            f"--threads: {row.name} needs {need} threads an instance; "
            f"{quote(threads)} is no multiple, the nearest is {near}"
        )
    count = max(need, count // need * need)
    if cpus is None:
        return (-1,) * count
    return tuple(cpus[i % len(cpus)] for i in range(count))
