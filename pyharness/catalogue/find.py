"""Everything that can be named on the command line, and what a name stands for."""

from __future__ import annotations

from pathlib import Path

from pyharness import _lib
from pyharness._lib.scenario import Scenario
from pyharness.catalogue import user_files as plugin
from pyharness.catalogue.suite import Case, Suite, cases, suites
from pyharness.errors import UsageError, unknown


def scenarios() -> dict[str, Scenario]:
    """The scenarios of the core by name."""
    return {s.name: s for s in _lib.scenarios()}


def is_file_name(name: str) -> bool:
    """Whether a name means a C file of the user's."""
    return name.endswith(".c") or "/" in name


def find_scenario(name: str, where: str = "") -> Scenario:
    """The core's scenario, or the user's compiled from `name` when that is a C file."""
    if name in scenarios():
        return scenarios()[name]
    if is_file_name(name):
        return plugin.load(Path(name))
    at = f"{where}: " if where else ""
    known = [*scenarios(), *cases()]
    raise UsageError(f"{at}{unknown('scenario', name, known)}; a file of yours ends in .c")


def find_suite(name: str) -> Suite:
    """A shipped suite; UsageError with the nearest names otherwise."""
    if name not in suites():
        raise UsageError(unknown("suite", name, suites()))
    return suites()[name]


def find_case(name: str) -> Case | None:
    """The case of this name, unless a scenario of the core has it."""
    return None if name in scenarios() else cases().get(name)


def suites_of(scenario: str) -> list[str]:
    """The suites that have a case of this scenario."""
    return [s.name for s in suites().values() if any(c.scenario == scenario for c in s.cases)]
