"""Running the searches of a row side by side, and leaving those that hang."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from pyharness._lib import Search
from pyharness._lib.model_types import SearchConfig, SearchStats
from pyharness.catalogue.plan import Row
from pyharness.errors import WorkerCrashed
from pyharness.output.interrupt import Interrupt
from pyharness.verify.options import Options

_STUCK_S = 20.0  # of CPU time without a step of the search
_STUCK_STOP_S = 2.0  # the same once it was told to stop


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


def run_all(
    searches: list[Search],
    interrupt: Interrupt,
    tick: Callable[[SearchStats], None] | None,
) -> None:
    """Run the searches side by side until each has met what any of them has; Ctrl-C stops
    them, an error of one is raised."""
    _run_once(searches, interrupt, tick)
    while len(searches) > 1 and not interrupt.requested and _share(searches):
        _run_once(searches, interrupt, tick)


def _share(searches: Sequence[Search]) -> bool:
    """What one job has met changes what the others have to look at. True: it does."""
    if any(s.stats().limit in ("found", "budget", "runs", "stopped") for s in searches):
        return False  # cut short: nobody claims more than was seen
    news = [a.join(b) for a in searches for b in searches if a is not b]
    return any(news)


def _run_once(
    searches: list[Search],
    interrupt: Interrupt,
    tick: Callable[[SearchStats], None] | None,
) -> None:
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
            now = merged([s.stats() for s in searches])
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


def merged(all_stats: Sequence[SearchStats]) -> SearchStats:
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
        room=next((s.room for s in all_stats if s.room), ""),
    )
