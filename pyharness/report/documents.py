"""What a report is made from: the JSON of hunt, verify, bench, replay and doctor.

Only the keys that a report shows are asked for; others may come and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pyharness._files import misfit
from pyharness.errors import UsageError, quote
from pyharness.measure.records import BenchReport

MAX_BYTES = 256 << 20


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


class _Head(msgspec.Struct, frozen=True):
    tool: str
    command: str
    version: str = ""


Document = Hunt | Verify | BenchReport | Replay | Doctor
_KINDS: dict[str, type[Any]] = {
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


def parse(data: bytes, name: str) -> Run:
    """The document in `data`; UsageError with `name` and the path of the value otherwise."""
    head = _decode(data, _Head, name)
    if head.tool != "vmemstress":
        raise UsageError(f"{name}: tool: {quote(head.tool)} is not vmemstress")
    if head.command not in _KINDS:
        raise UsageError(
            f"{name}: command: a report cannot show {quote(head.command)}; "
            f"it shows {', '.join(_KINDS)}"
        )
    document = _decode(data, _KINDS[head.command], name)
    arguments = getattr(document, "arguments", None)
    return Run(
        name=name,
        kind=head.command,
        version=head.version,
        document=document,
        command=None if arguments is None else tuple(arguments),
        started=getattr(document, "started", None),
    )


def _decode(data: bytes, kind: type[Any], name: str) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as exc:
        raise UsageError(misfit(exc, name)) from None
    except msgspec.DecodeError as exc:
        raise UsageError(f"{name}: {exc}") from None
    except RecursionError:
        raise UsageError(f"{name}: nested too deeply") from None
    except UnicodeDecodeError as exc:
        raise UsageError(f"{name}: not UTF-8 text at byte {exc.start}") from None


def read(path: Path) -> Run:
    """The document in a file; UsageError when there is none that a report can show."""
    shown = quote(path)[1:-1]
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise UsageError(f"cannot read {quote(shown)}: {reason}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{shown}: more than 256 MiB; that is no result of this tool")
    return parse(data, shown)
