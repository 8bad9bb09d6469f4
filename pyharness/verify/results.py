"""What came of a search: verdict, outcomes, one sentence, and the exit code of them all."""

from __future__ import annotations

from dataclasses import dataclass

from pyharness._lib.model_types import Found, Repeated, SearchStats
from pyharness._lib.scenario import Outcome
from pyharness.catalogue.plan import Row
from pyharness.errors import ExitCode
from pyharness.verify.witness import Witness

_LIMITS = {
    "stopped": "the search was interrupted",
    "sampled": "runs drawn at random never cover all",
    "budget": "the search was cut short by its budget of time",
    "runs": "the search was cut short by its number of runs",
    "preemptions": "schedules with more preemptions were left out",
    "room": "the search outgrew its room",
}
_REPEATED = 32  # times in one run, from which on a loop is what filled the room


@dataclass(frozen=True, slots=True, eq=False)
class VerifyResult:
    """One row under one memory model.

    Attributes:
        row: What was asked: scenario, regime, parameters.
        model: `sc`, `tso` or `arm64`.
        verdict: `holds`, `violated` or `bounded`.
        expected: `holds`, `violated`, or None where nobody has said.
        stats: Executions, blocked, pruned, `complete`, `limit`, `estimate`.
        counts: Executions by outcome of the scenario.
        found: Every kind of violation that was met.
        witness: A short run of the first of them, or None.
        interrupted: Whether the search was ended early.
        repeated: The operation that came most often, of a search that outgrew its room.
    """

    row: Row
    model: str
    verdict: str
    expected: str | None
    stats: SearchStats
    counts: tuple[int, ...]
    found: tuple[Found, ...]
    witness: Witness | None
    interrupted: bool
    repeated: Repeated | None = None

    @property
    def as_expected(self) -> bool | None:
        """Whether verdict and expectation agree; None when nobody has said, and when a
        search that was cut short has not met what should not be there."""
        if self.verdict == "bounded" and self.expected != "violated":
            return None
        if self.expected is None:
            return self.verdict == "holds" or None
        return self.verdict == self.expected

    @property
    def seconds(self) -> float:
        """Wall time of the search."""
        return self.stats.elapsed_ns / 1e9

    @property
    def hazards(self) -> tuple[str, ...]:
        """The hazards that some execution showed."""
        names = {f.hazard for f in self.found if f.hazard}
        return tuple(sorted(names, key=lambda name: int(name[1:])))

    def seen(self) -> list[tuple[Outcome, int]]:
        """Outcomes that were met, forbidden first."""
        rows = zip(self.row.scenario.outcomes, self.counts, strict=True)
        order = {"forbidden": 0, "interesting": 1, "ok": 2}
        return sorted(((o, n) for o, n in rows if n), key=lambda row: order[row[0].grade])

    @property
    def message(self) -> str:
        """One sentence."""
        if self.witness is not None:
            return self.witness.explanation
        if self.verdict == "holds":
            return f"nothing forbidden in all {self.stats.executions:,} executions"
        why = _LIMITS.get(self.stats.limit or "", "the search was cut short")
        if self.stats.limit == "room" and self.stats.room:
            why += f": {self.stats.room}"
        return f"nothing forbidden in {self.stats.executions:,} executions; {why}{self._loop}"

    @property
    def _loop(self) -> str:
        """What to do where a loop that waits has filled the room."""
        r = self.repeated
        if r is None or r.count < _REPEATED:
            return ""
        return (
            f"; {r.operation} came {r.count:,} times in one run ({r.file}:{r.line}): "
            "a loop that counts its turns, or writes in each, has no end to search to"
        )


@dataclass(frozen=True, slots=True, eq=False)
class VerifyReport:
    """All results of one call.

    Attributes:
        results: Row by row and model by model.
        suite: The suite that was asked for, or None.
        interrupted: Whether it was ended early.
    """

    results: tuple[VerifyResult, ...]
    suite: str | None
    interrupted: bool

    @property
    def exit_code(self) -> ExitCode:
        """130 interrupted, 1 when a verdict is not the expected one, else 0."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(
            r.as_expected is False or (r.verdict == "violated" and r.expected is None)
            for r in self.results
        ):
            return ExitCode.FORBIDDEN
        return ExitCode.OK
