"""The Python face of the verbs hunt, verify and bench: same names, same units."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyharness._lib.model_types import MODELS
from pyharness.catalogue.plan import Request, make_plan
from pyharness.host.topology import resolve_affinity
from pyharness.hunt.options import Options, check_options
from pyharness.hunt.results import HuntReport
from pyharness.hunt.run import ProgressCallback, run_plan
from pyharness.output.interrupt import Interrupt
from pyharness.output.units import check_seed, parse_duration

if TYPE_CHECKING:
    from pyharness.bench.results import BenchReport
    from pyharness.bench.run import ProgressCallback as BenchProgress
    from pyharness.verify.results import VerifyReport
    from pyharness.verify.run import ProgressCallback as VerifyProgress


def _request(
    names: Sequence[str | Path],
    suite: str | None,
    regime: str | Path | None,
    parameters: Mapping[str, int] | None,
    knobs: Mapping[str, str | bool] | None,
) -> Request:
    return Request(
        names=tuple(str(name) for name in names),
        suite=suite,
        regime=None if regime is None else str(regime),
        parameters=dict(parameters or {}),
        knobs=dict(knobs or {}),
    )


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
    request = _request(names, suite, regime, parameters, knobs)
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
    progress: VerifyProgress | None = None,
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
    from pyharness.verify.options import Options as VerifyOptions
    from pyharness.verify.options import check_options as check_verify
    from pyharness.verify.run import verify_plan

    request = _request(names, suite, regime, parameters, knobs)
    options = VerifyOptions(
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
        return verify_plan(make_plan(request), check_verify(options), interrupt, progress)


def bench(
    *names: str,
    threads: int | Sequence[int] = (),
    variants: Sequence[str] = (),
    settings: Mapping[str, int | str] | None = None,
    regimes: Sequence[str | Path] = (),
    repetitions: int = 5,
    window: float | str = 0.2,
    warmup: float | str = 0.02,
    patience: float | str = 0.0,
    affinity: str = "compact",
    realtime: bool = False,
    seed: int | None = None,
    allow_emulated: bool = False,
    progress: BenchProgress | None = None,
) -> BenchReport:
    """Measure what the reference count and each way to remap cost.

    Names and options are those of `vmemstress bench`; `window`, `warmup` and `patience` are
    seconds (or text such as "50ms"). A setting is a number, a choice, or text with several:
    `settings={"pace": "0..10x", "line": "same,own"}`. Without names every group is
    measured. Ctrl-C and SIGTERM end it early; the report then has `interrupted` set.

    Raises UsageError for a name or value that does not exist, UnsupportedHere for what
    this host cannot run, WorkerCrashed when a worker did not end.

    >>> report = pyharness.bench("add_unless", threads=2)
    >>> report.results[0].metrics["ns_per_op"], report.results[0].validity
    """
    from pyharness.bench.options import Options as BenchOptions
    from pyharness.bench.run import run_bench
    from pyharness.bench.select import Selection
    from pyharness.bench.sweep import parse_values

    def seconds(value: float | str) -> float:
        return parse_duration(value) if isinstance(value, str) else float(value)

    selection = Selection(
        names=names,
        threads=(threads,) if isinstance(threads, int) else tuple(threads),
        variants=tuple(variants),
        settings={k: parse_values(str(v), f"settings: {k}") for k, v in (settings or {}).items()},
        regimes=tuple(str(regime) for regime in regimes),
    )
    options = BenchOptions(
        repetitions=repetitions,
        window=seconds(window),
        warmup=seconds(warmup),
        patience=seconds(patience),
        cpus=resolve_affinity(affinity),
        realtime=realtime,
        allow_emulated=allow_emulated,
        seed=secrets.randbits(64) if seed is None else check_seed(seed),
    )
    with Interrupt() as interrupt:
        return run_bench(selection, options, interrupt=interrupt, progress=progress)
