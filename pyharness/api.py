"""The Python face of `vmemstress hunt`: same names, same units."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from pyharness.interrupt import Interrupt
from pyharness.plan import Request, make_plan
from pyharness.results import HuntReport
from pyharness.runner import Options, ProgressCallback, check_options, run_plan
from pyharness.topology import resolve_affinity
from pyharness.units import parse_duration


def hunt(
    *names: str | Path,
    regime: str | Path | None = None,
    suite: str | None = None,
    budget: float | str = 30.0,
    seed: int | None = None,
    threads: int | None = None,
    affinity: str = "compact",
    parameters: Mapping[str, int] | None = None,
    knobs: Mapping[str, str | bool] | None = None,
    until_found: bool = False,
    build: str = "auto",
    atomics: str = "auto",
    membarrier: bool = True,
    self_test: bool = True,
    progress: ProgressCallback | None = None,
) -> HuntReport:
    """Hunt scenarios, mutants or C files on real threads and report what was seen.

    Names, options and units are those of `vmemstress hunt`: `budget` is the
    wall time of the whole call in seconds (or text such as "1.5m"), split over
    the rows; `seed` is 64 bits, random when None. Without names and suite the
    suite `thread` is hunted. Ctrl-C and SIGTERM end the hunt early; the report
    then has `interrupted` set and holds what was gathered.

    Raises UsageError for a name or value that does not exist, UnsupportedHere
    when this host lacks what is needed, WorkerCrashed when a worker failed.

    >>> report = pyharness.hunt("fake-head-get", regime="linux-5.18", budget=10.0)
    >>> report.results[0].verdict
    'violated'
    """
    started = time.monotonic()
    request = Request(
        names=tuple(str(name) for name in names),
        suite=suite,
        regime=None if regime is None else str(regime),
        parameters=dict(parameters or {}),
        knobs=dict(knobs or {}),
    )
    with Interrupt() as interrupt:
        options = Options(
            budget=parse_duration(budget) if isinstance(budget, str) else float(budget),
            seed=secrets.randbits(64) if seed is None else seed,
            started=started,
            threads=threads,
            cpus=resolve_affinity(affinity),
            until_found=until_found,
            build=build,
            atomics=atomics,
            membarrier=membarrier,
            self_test=self_test,
        )
        check_options(options)
        return run_plan(make_plan(request), options, interrupt=interrupt, progress=progress)
