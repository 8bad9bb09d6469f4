"""Verify: every interleaving of a scenario under a memory model, and a witness if one is bad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pyharness._lib import Search
from pyharness._lib.model_types import Found, Repeated, SearchStats
from pyharness.catalogue.plan import Plan, Request, Row, make_plan
from pyharness.catalogue.regime import regimes
from pyharness.catalogue.user_files import source_line
from pyharness.output.interrupt import Interrupt
from pyharness.verify.options import Options
from pyharness.verify.results import VerifyReport, VerifyResult
from pyharness.verify.search import merged, run_all, searches_of
from pyharness.verify.token import make_token
from pyharness.verify.witness import Witness, columns, fold

# Only one machine can show these: write-write reordering (H13) and a rule of arm64 (H18).
ARM64_ONLY = frozenset({"H13", "H18"})
_KINDS = {
    "race": "two accesses race, and at least one of them is plain",
    "deadlock": "every CPU that is not done waits for another",
    "spin": "a retry loop can never end: nobody is left to change what it reads",
    "escape": "plain access to shared state, or a wild pointer; use READ_ONCE or PLAIN_READ",
    "stack": "the stack is full; does a function call itself without end?",
    "trap": "the code stops here: a division by zero, or a trap",
    "mixed size": "an access that is not aligned to its size: no model says what it sees",
    "outside": "an access past the end of struct state",
}
ProgressCallback = Callable[["Row", str, SearchStats], None]


def models_of(row: Row, wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted models that the row's protocol is for: x86 has no break-before-make."""
    if row.regime and row.knobs.get("replace") != "atomic":
        kept = tuple(m for m in wanted if m != "tso")
        return kept or ("arm64",)
    return tuple(wanted)


def expected_under(row: Row, model: str) -> str | None:
    """What the row should come to under this model; hazards of arm64 are arm64's alone."""
    if row.expectation is None:
        return None
    if row.expectation.verdict == "violated" and model != "arm64":
        hazards = set(row.expectation.hazards)
        if hazards and hazards <= ARM64_ONLY:
            return "holds"
    return row.expectation.verdict


def explain(row: Row, found: Found) -> str:
    """One sentence on a violation."""
    outcomes = row.scenario.outcomes
    if found.shared and (at := source_line(found.shared, found.offset)):
        return f"{_KINDS[found.kind]} ({at[0]}:{at[1]})"
    where = f" ({found.file}:{found.line})" if found.line else ""
    if found.kind == "race" and found.other:
        where = f" ({found.file}:{found.line} and {found.other})"
    if found.outcome >= 0:
        outcome = outcomes[found.outcome]
        named = f"{found.hazard}: " if found.hazard else ""
        return f"{named}{outcome.about}"
    if found.hazard:
        about = next((o.about for o in outcomes if o.name == found.hazard), found.operation)
        return f"{found.hazard}: {about}{where}"
    return f"{_KINDS.get(found.kind, found.kind)}{where}"


def _distinct(searches: Sequence[Search]) -> list[tuple[Search, Found]]:
    """What the jobs found, each once: the shortest story of it."""
    best: dict[tuple[object, ...], tuple[Search, Found]] = {}
    for search in searches:
        for f in search.found():
            lines = (f.operation, frozenset((f"{f.file}:{f.line}", f.other)))
            key = (f.kind, f.hazard, f.outcome, lines if f.kind == "race" else None)
            known = best.get(key)
            if known is None or (f.switches, f.events) < (known[1].switches, known[1].events):
                best[key] = (search, f)
    return list(best.values())


def _best(row: Row, found: Sequence[tuple[Search, Found]]) -> tuple[Search, Found]:
    """The hazard that is expected first, then another named one; then the shortest story."""
    wanted = row.expectation.hazards if row.expectation else ()

    def rank(pair: tuple[Search, Found]) -> tuple[int, bool, int, int]:
        f = pair[1]
        place = wanted.index(f.hazard) if f.hazard in wanted else len(wanted)
        return (place, f.hazard is None, f.switches, f.events)

    return min(found, key=rank)


def _witness(row: Row, model: str, search: Search, found: Found) -> Witness:
    events = search.events(found)
    return Witness(
        title=f"{row.name} under {model}",
        explanation=explain(row, found),
        events=events,
        lines=fold(events),
        cpus=columns(events),
        token=make_token(row, model, found, search.script(found)),
    )


def _repeated(searches: Sequence[Search]) -> Repeated | None:
    full = next((s for s in searches if s.stats().limit == "room"), None)
    return full.repeated() if full else None


def verify_row(
    row: Row,
    model: str,
    options: Options,
    interrupt: Interrupt,
    progress: ProgressCallback | None = None,
    script: tuple[int, ...] = (),
) -> VerifyResult:
    """One row under one memory model; with a script, one run of it."""
    searches = searches_of(row, model, options, script)
    try:
        run_all(searches, interrupt, progress and partial(progress, row, model))
        stats = merged([s.stats() for s in searches])
        met = _distinct(searches)
        witness = None
        if met:
            search, found = _best(row, met)
            # the one that is told stands first: hazard and invariant go with it
            met.sort(key=lambda pair: pair[1] is not found)
            witness = _witness(row, model, search, found)
        counts = [sum(column) for column in zip(*(s.counts() for s in searches), strict=True)]
        return VerifyResult(
            row=row,
            model=model,
            verdict="violated" if met else "holds" if stats.complete else "bounded",
            expected=expected_under(row, model),
            stats=stats,
            counts=tuple(counts),
            found=tuple(f for _, f in met),
            witness=witness,
            interrupted=interrupt.requested,
            repeated=_repeated(searches),
        )
    finally:
        for search in searches:
            search.close()


def verify_plan(
    plan: Plan,
    options: Options,
    interrupt: Interrupt,
    progress: ProgressCallback | None = None,
    done: Callable[[VerifyResult], None] = lambda _: None,
) -> VerifyReport:
    """All rows of a plan, also those that no hardware can show."""
    results: list[VerifyResult] = []
    for row in (*plan.rows, *plan.skipped):
        for model in models_of(row, options.models):
            if interrupt.requested:
                break
            results.append(verify_row(row, model, options, interrupt, progress))
            done(results[-1])
    return VerifyReport(tuple(results), plan.suite, interrupt.requested)


def verify_matrix(
    options: Options, interrupt: Interrupt, progress: ProgressCallback | None = None
) -> VerifyReport:
    """Every regime with every scenario that it says something about."""
    results: list[VerifyResult] = []
    for regime in regimes().values():
        for name in regime.expected:
            plan = make_plan(Request(names=(name,), regime=regime.name))
            for row in (*plan.rows, *plan.skipped):
                for model in models_of(row, options.models):
                    if not interrupt.requested:
                        results.append(verify_row(row, model, options, interrupt, progress))
    return VerifyReport(tuple(results), None, interrupt.requested)
