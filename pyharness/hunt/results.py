"""What a hunt brings back: results per row, and the report over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyharness._lib.native_types import Fault, ThreadStat
from pyharness._lib.scenario import Outcome
from pyharness.catalogue.plan import Row
from pyharness.errors import ExitCode, HarnessError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from pyharness.hunt.validity import Validity


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the self-tuning settled on: instances per rendezvous, skew in spin units, build."""

    group: int
    skew: int
    build: str


@dataclass(frozen=True, slots=True, eq=False)
class HuntResult:
    """One row's result.

    Attributes:
        row: What was asked: scenario, regime, parameters, expectation.
        seed: Of this row, 64 bits.
        verdict: `violated`, or `unreached`: not seen in `samples` runs, never called safe.
        counts: uint64, shape (outcomes,): runs by outcome.
        samples: Runs of the scenario.
        forbidden: Runs that ended in a forbidden outcome.
        waits: Times a fault handler waited for the entry.
        seconds: Wall time of the row.
        cpus: Where each thread was pinned.
        faults: Faults by place, each with its count.
        threads: What each thread got of its CPU.
        tuning: What the self-tuning settled on.
        validity: How far to believe it.
        interrupted: Whether the row was ended early.
    """

    row: Row
    seed: int
    verdict: str
    counts: npt.NDArray[np.uint64]
    samples: int
    forbidden: int
    waits: int
    seconds: float
    cpus: tuple[int, ...]
    faults: tuple[Fault, ...]
    threads: tuple[ThreadStat, ...]
    tuning: Tuning
    validity: Validity
    interrupted: bool

    @property
    def name(self) -> str:
        """The name that was asked for."""
        return self.row.name

    @property
    def scenario(self) -> str:
        """The name of the C scenario."""
        return self.row.scenario.name

    @property
    def regime(self) -> str | None:
        """The name of the regime, None where none applies."""
        return self.row.regime.name if self.row.regime else None

    @property
    def parameters(self) -> Mapping[str, int]:
        """Every parameter with its value."""
        return self.row.parameters

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcome rows that `counts` counts."""
        return self.row.scenario.outcomes

    @property
    def expected(self) -> str | None:
        """`holds`, `violated`, or None when nobody has said."""
        return self.row.expectation.verdict if self.row.expectation else None

    @property
    def as_expected(self) -> bool | None:
        """Whether the verdict agrees with what was expected; None: not decided."""
        if not self.validity.graded:
            return None
        if self.verdict == "violated":
            return self.expected == "violated"
        return None if self.expected == "violated" else True

    @property
    def undecided(self) -> bool:
        """Whether this says nothing: a miss that is inconclusive, or what is not graded."""
        v = self.validity
        return not v.graded or (v.verdict == "inconclusive" and self.verdict != "violated")

    @property
    def shares_cpus(self) -> bool:
        """Whether several threads were pinned to one CPU."""
        pinned = [cpu for cpu in self.cpus if cpu >= 0]
        return len(set(pinned)) < len(pinned)

    def seen(self) -> list[tuple[Outcome, int]]:
        """Outcomes to show: own ones even at zero, hazards only when met.

        Forbidden ones come first, by their counts; the others in the scenario's order.
        """
        own = self.row.scenario.own_outcomes
        rows = [
            (outcome, int(count))
            for i, (outcome, count) in enumerate(zip(self.outcomes, self.counts, strict=True))
            if i < own or count
        ]
        order = {"forbidden": 0, "interesting": 1, "ok": 2}
        return sorted(
            rows,
            key=lambda row: (order[row[0].grade], -row[1] if row[0].grade == "forbidden" else 0),
        )

    def worst(self) -> Outcome | None:
        """The forbidden outcome to name: the first expected hazard met, else the most frequent."""
        met = [o for o, n in self.seen() if n and o.grade == "forbidden"]
        hazards = self.row.expectation.hazards if self.row.expectation else ()
        expected = [o for hazard in hazards for o in met if o.hazard == hazard]
        return next(iter(expected or met), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """A row of several that could not be run to its end, and why."""

    row: Row
    error: HarnessError


@dataclass(frozen=True, slots=True, eq=False)
class HuntReport:
    """All rows of one hunt.

    Attributes:
        results: A result for each row that ran.
        skipped: Rows that no hardware shows.
        failures: Rows that went wrong, among others that did not.
        suite: The suite that was asked for, or None.
        seed: The root seed, 64 bits.
        budget: Seconds that were given.
        seconds: Seconds that were taken.
        interrupted: Whether it was ended early.
    """

    results: tuple[HuntResult, ...]
    skipped: tuple[Row, ...]
    failures: tuple[Failure, ...]
    suite: str | None
    seed: int
    budget: float
    seconds: float
    interrupted: bool

    @property
    def as_expected(self) -> bool | None:
        """False when any row was not as expected, None when any is undecided, else True."""
        verdicts = [r.as_expected for r in self.results]
        if False in verdicts:
            return False
        return None if None in verdicts or not verdicts else True

    @property
    def exit_code(self) -> ExitCode:
        """130 interrupted, 5 a worker crashed, 1 forbidden where none was expected.

        Then 3 when nothing could be run, 6 when a row is not to be believed, else 0.
        """
        if self.interrupted:
            return ExitCode.INTERRUPTED
        codes = {failure.error.exit_code for failure in self.failures}
        if ExitCode.CRASHED in codes:
            return ExitCode.CRASHED
        if any(r.as_expected is False for r in self.results):
            return ExitCode.FORBIDDEN
        if not self.results:
            return min(codes, default=ExitCode.UNSUPPORTED)
        if any(r.undecided for r in self.results):
            return ExitCode.UNTRUSTED
        return ExitCode.OK

    def to_json(self) -> bytes:
        """The report as one JSON object, the same as `hunt --json` prints."""
        from pyharness.hunt.export import report_object
        from pyharness.output.json import encode

        return encode(report_object(self))
