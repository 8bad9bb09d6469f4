"""Verify: every interleaving of a scenario under a memory model, and a witness if one is bad."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from pyharness._lib import Search
from pyharness.errors import ExitCode, UsageError, WorkerCrashed, nearest, quote
from pyharness.interrupt import Interrupt
from pyharness.plan import Request, Row, make_plan
from pyharness.plugin import source_line
from pyharness.scenario import Outcome
from pyharness.units import check_duration, check_seed
from pyharness.verify_records import MODELS, STRATEGIES, Found, Repeated, SearchConfig, SearchStats
from pyharness.verify_token import make_token
from pyharness.witness import Witness, columns, fold

# Only one machine can show these: write-write reordering (H13) and a rule of arm64 (H18).
ARM64_ONLY = frozenset({"H13", "H18"})
_KINDS = {
    "race": "two accesses race, and at least one of them is plain",
    "deadlock": "every CPU that is not done waits for another",
    "spin": "a retry loop can never end: nobody is left to change what it reads",
    "escape": "plain access to shared state, or a wild pointer; use READ_ONCE or PLAIN_READ",
    "stack": "the stack is full; does a function call itself without end?",
    "trap": "the code stops here: a division by zero, or a trap",
}
_LIMITS = {
    "stopped": "the search was interrupted",
    "sampled": "runs drawn at random never cover all",
    "budget": "the search was cut short by its budget of time",
    "runs": "the search was cut short by its number of runs",
    "preemptions": "schedules with more preemptions were left out",
    "room": "the search outgrew its room: too many events, words or local states",
}
_REPEATED = 32  # times in one run, from which on a loop is what filled the room
MAX_PREEMPTIONS = 255
MAX_RUNS = 1 << 62
_STUCK_S = 20.0  # of CPU time without a step of the search
_STUCK_STOP_S = 2.0  # the same once it was told to stop
MAX_DEPTH = 16  # of the bugs that PCT looks for
ProgressCallback = Callable[["Row", str, SearchStats], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are searched; `budget` is seconds for each search, None without end."""

    models: tuple[str, ...] = MODELS
    strategy: str = "dfs"
    runs: int = 0
    budget: float | None = None
    preemptions: int = -1
    depth: int = 4
    jobs: int = 1
    seed: int = 1
    until_found: bool = False
    estimate_after: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class VerifyResult:
    """One row under one memory model; durations seconds, `counts` per outcome row."""

    row: Row
    model: str
    verdict: str
    expected: str | None
    stats: SearchStats
    counts: tuple[int, ...]
    found: tuple[Found, ...]
    witness: Witness | None
    interrupted: bool
    repeated: Repeated | None = None  # of a search that outgrew its room

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
        return f"nothing forbidden in {self.stats.executions:,} executions; {why}{self._loop}"

    @property
    def _loop(self) -> str:
        """What to do where a loop that waits has filled the room."""
        r = self.repeated
        if r is None or r.count < _REPEATED:
            return ""
        return (
            f"; {r.operation} came {r.count:,} times in one run ({r.file}:{r.line}): "
            "a loop that waits needs cpu_relax() in it"
        )


@dataclass(frozen=True, slots=True, eq=False)
class VerifyReport:
    """All results of one call, row by row and model by model."""

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


def check_options(options: Options) -> Options:
    """The options again when every value is usable; UsageError otherwise."""
    if not options.models:
        raise UsageError(f"--model: no model is named; {nearest('', MODELS)}")
    for model in options.models:
        if model not in MODELS:
            raise UsageError(f"--model: unknown model {quote(model)}; {nearest(model, MODELS)}")
    if options.strategy not in STRATEGIES:
        raise UsageError(
            f"--strategy: unknown value {quote(options.strategy)}; "
            f"{nearest(options.strategy, STRATEGIES)}"
        )
    if options.strategy != "dfs" and not options.runs and options.budget is None:
        raise UsageError(
            f"--strategy {options.strategy} never ends by itself; give --runs N or --budget TIME"
        )
    if not 0 <= options.runs <= MAX_RUNS:
        raise UsageError(f"--runs: {options.runs} is out of range; 0 (all) to {MAX_RUNS}")
    if options.budget is not None:
        check_duration(options.budget, f"--budget {options.budget}")
    check_seed(options.seed)
    if options.preemptions > MAX_PREEMPTIONS:
        raise UsageError(
            f"--bound: preemptions={options.preemptions} is out of range; 0 to {MAX_PREEMPTIONS}"
        )
    if options.preemptions >= 0 and options.strategy != "dfs":
        raise UsageError(f"--bound: strategy {options.strategy} draws its runs; use dfs")
    if not 1 <= options.depth <= MAX_DEPTH:
        raise UsageError(f"--depth: {options.depth} is out of range; 1 to {MAX_DEPTH}")
    if not 1 <= options.jobs <= 64:
        raise UsageError(f"--jobs: {options.jobs} is out of range; 1 to 64")
    return options


def searches_of(
    row: Row, model: str, options: Options, script: tuple[int, ...] = ()
) -> list[Search]:
    """The searches, not yet run: one for each job. With a script: that one run."""
    # A bounded search remembers where it was, and the random ones draw: one job each.
    whole = options.strategy == "dfs" and options.preemptions < 0 and not script
    jobs = options.jobs if whole else 1
    return [
        Search(
            SearchConfig(
                scenario=row.scenario,
                params=row.param_values,
                knobs=row.knob_values,
                model=model,
                strategy=options.strategy,
                until_found=options.until_found,
                script=script,
                preemptions=options.preemptions,
                runs=options.runs,
                budget_ns=int((options.budget or 0) * 1e9),
                seed=options.seed,
                depth=options.depth,
                estimate_after=options.estimate_after,
                jobs=jobs,
                job=job,
            )
        )
        for job in range(jobs)
    ]


def _run_all(
    searches: list[Search],
    interrupt: Interrupt,
    tick: Callable[[SearchStats], None] | None,
) -> None:
    """Run the searches side by side; Ctrl-C stops them, an error of one is raised."""
    errors: list[BaseException] = []

    def work(search: Search) -> None:
        try:
            search.run()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(s,), daemon=True) for s in searches]
    for thread in threads:
        thread.start()
    watch = _Watch()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.05)
            now = _merged([s.stats() for s in searches])
            if interrupt.requested:
                for search in searches:
                    search.stop()
            elif tick and thread.is_alive():
                tick(now)
            if watch.stuck(now, _STUCK_STOP_S if interrupt.requested else _STUCK_S):
                _leave(searches, threads)
    if errors:
        raise errors[0]


class _Watch:
    """Tells a search that goes on from one that hangs in the scenario's own code."""

    def __init__(self) -> None:
        self._seen: tuple[int, ...] = ()
        self._since = 0.0

    def stuck(self, stats: SearchStats, patience: float) -> bool:
        """Whether nothing has moved for `patience` seconds of CPU time: a process that is
        stopped, or one that gets no CPU, is not stuck."""
        seen = (stats.executions, stats.blocked, stats.pruned, stats.steps)
        now = time.process_time()
        if seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since > patience


def _leave(searches: list[Search], threads: list[threading.Thread]) -> NoReturn:
    """Stop those that can be; the others must keep what they work on."""
    for search in searches:
        search.stop()
    for search, thread in zip(searches, threads, strict=True):
        thread.join(1.0)
        if thread.is_alive():
            search.abandon()
    raise WorkerCrashed(
        "the search makes no step any more; does an actor, INIT or CHECK loop for ever "
        "without an operation of the vocabulary?"
    )


def _merged(all_stats: Sequence[SearchStats]) -> SearchStats:
    first = all_stats[0]
    return dataclasses.replace(
        first,
        executions=sum(s.executions for s in all_stats),
        blocked=sum(s.blocked for s in all_stats),
        pruned=sum(s.pruned for s in all_stats),
        steps=sum(s.steps for s in all_stats),
        elapsed_ns=max(s.elapsed_ns for s in all_stats),
        complete=all(s.complete for s in all_stats),
        found=max(s.found for s in all_stats),
        estimate=next((s.estimate for s in all_stats if s.estimate), None),
        limit=next((s.limit for s in all_stats if s.limit), None),
    )


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
        _run_all(searches, interrupt, progress and partial(progress, row, model))
        stats = _merged([s.stats() for s in searches])
        met = [(s, f) for s in searches for f in s.found()]
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
    request: Request,
    options: Options,
    interrupt: Interrupt,
    progress: ProgressCallback | None = None,
    done: Callable[[VerifyResult], None] = lambda _: None,
) -> VerifyReport:
    """All rows of a plan, also those that no hardware can show."""
    plan = make_plan(request)
    results: list[VerifyResult] = []
    for row in (*plan.rows, *plan.skipped):
        for model in models_of(row, options.models):
            if interrupt.requested:
                break
            results.append(verify_row(row, model, options, interrupt, progress))
            done(results[-1])
    return VerifyReport(tuple(results), plan.suite, interrupt.requested)


def verify(
    *names: str | Path,
    regime: str | Path | None = None,
    suite: str | None = None,
    model: str | Sequence[str] = MODELS,
    parameters: Mapping[str, int] | None = None,
    knobs: Mapping[str, str | bool] | None = None,
    strategy: str = "dfs",
    runs: int = 0,
    budget: float | None = None,
    preemptions: int = -1,
    depth: int = 4,
    jobs: int = 1,
    seed: int = 1,
    until_found: bool = False,
    progress: ProgressCallback | None = None,
) -> VerifyReport:
    """Search every execution of scenarios or mutants under the given memory models.

    Names and options are those of `vmemstress verify`; without names and suite
    the suite `thread` is searched. `budget` is seconds for each search; a
    search that hits it, or `runs`, is `bounded`, never `holds`. `preemptions`
    keeps to schedules with at most so many, -1 for all; `depth` is the number of
    ordered steps of the bugs that strategy `pct` looks for.

    >>> pyharness.verify("specref", parameters={"readers": 2}).results[0].stats.executions
    644
    """
    request = Request(
        names=tuple(str(name) for name in names),
        suite=suite,
        regime=None if regime is None else str(regime),
        parameters=dict(parameters or {}),
        knobs=dict(knobs or {}),
    )
    options = Options(
        models=(model,) if isinstance(model, str) else tuple(model),
        strategy=strategy,
        runs=runs,
        budget=budget,
        preemptions=preemptions,
        depth=depth,
        jobs=jobs,
        seed=seed,
        until_found=until_found,
    )
    with Interrupt() as interrupt:
        return verify_plan(request, check_options(options), interrupt, progress)
