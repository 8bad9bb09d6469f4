"""What a report is made from: the JSON of hunt, verify, bench, replay and doctor.

Only the keys that a report shows are asked for; others may come and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from pyharness.bench.results import BenchReport


class Outcome(msgspec.Struct, frozen=True):
    """A kind of end that a run came to, and how often."""

    outcome: str
    grade: str
    count: int
    about: str = ""
    hazard: str | None = None


class Fault(msgspec.Struct, frozen=True):
    """A real fault at one line of the source."""

    kind: str
    actor: str
    file: str
    line: int
    operation: str
    function: str = ""
    page: int | None = None
    hazard: str | None = None
    count: int = 0


class Validity(msgspec.Struct, frozen=True):
    """How far a hunt can be believed."""

    verdict: str
    reason: str = ""
    cpu_share: float | None = None


class HuntEntry(msgspec.Struct, frozen=True):
    """One row of a hunt."""

    scenario: str
    verdict: str
    samples: int
    validity: Validity
    outcomes: list[Outcome]
    parameters: dict[str, int] = {}
    regime: str | None = None
    claim: str | None = None
    says: str | None = None
    expected: str | None = None
    as_expected: bool | None = None
    message: str = ""
    seconds: float = 0.0
    threads: int = 0
    faults: list[Fault] = []

    @property
    def name(self) -> str:
        """The name that was asked for."""
        return self.scenario


class Hunt(msgspec.Struct, frozen=True):
    """The object of `hunt --json`."""

    results: list[HuntEntry]
    host: dict[str, Any] = {}
    suite: str | None = None
    seed: int | None = None
    budget: float | None = None
    seconds: float = 0.0
    interrupted: bool = False
    arguments: list[str] | None = None


class VerifyEntry(msgspec.Struct, frozen=True):
    """One search: a scenario under a regime and a memory model."""

    scenario: str
    model: str
    verdict: str
    executions: int
    outcomes: list[Outcome]
    case: str | None = None
    parameters: dict[str, int] = {}
    claim: str | None = None
    regime: str | None = None
    expected: str | None = None
    as_expected: bool | None = None
    hazards: list[str] = []
    message: str = ""
    seconds: float = 0.0
    witness: str | None = None

    @property
    def name(self) -> str:
        """The name of the case, or of the scenario where there is none."""
        return self.case or self.scenario


class Verify(msgspec.Struct, frozen=True):
    """The object of `verify --json`."""

    results: list[VerifyEntry]
    host: dict[str, Any] = {}
    suite: str | None = None
    interrupted: bool = False
    arguments: list[str] | None = None


class WitnessLine(msgspec.Struct, frozen=True):
    """One line of a witness."""

    cpu: int
    operation: str
    actor: str = ""
    file: str = ""
    line: int = 0
    effect: str = ""
    entry: str = ""
    mark: str = ""


class Replay(msgspec.Struct, frozen=True):
    """The object of `replay --json`."""

    title: str
    message: str
    token: str
    lines: list[WitnessLine]
    model: str = ""


class HandoffFact(msgspec.Struct, frozen=True):
    """The hand-off between two CPUs, one way."""

    cpus: tuple[int, int]
    ns: float | None


class DoctorFacts(msgspec.Struct, frozen=True):
    """Of `doctor`: the map of hand-offs, and whose it is."""

    handoff: list[HandoffFact]
    cpu: str = "unknown"
    kernel: str = "unknown"


class Doctor(msgspec.Struct, frozen=True):
    """The object of `doctor --json`."""

    facts: DoctorFacts


Document = Hunt | Verify | BenchReport | Replay | Doctor
KINDS: dict[str, type[Any]] = {
    "hunt": Hunt,
    "verify": Verify,
    "bench": BenchReport,
    "replay": Replay,
    "doctor": Doctor,
}


@dataclass(frozen=True, slots=True)
class Run:
    """One document: `name` is what the reader asked for it by.

    `command` is the exact command line where it was kept, else None.
    """

    name: str
    kind: str
    version: str
    document: Document
    command: tuple[str, ...] | None = None
    started: float | None = None
