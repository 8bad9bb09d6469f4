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

    Names, options and units are those of `vmemstress hunt`. Without names and suite the
    suite `thread` is hunted. Ctrl-C and SIGTERM end the hunt early; the report then has
    `interrupted` set and holds what was gathered.

    Args:
        *names: Scenarios, mutants, or paths of C files.
        regime: The protocol, by name or path; None: the case's own, or `linux-6.15`.
        suite: Every case of this suite, or those of `names`.
        budget: Wall time of the whole call, split over the rows: seconds, or text such
            as "1.5m".
        seed: 64 bits; None: random. The report has it.
        threads: How many; None: one for each CPU.
        affinity: `compact`, `scatter`, `none`, or a list of CPUs such as "0,2-5".
        parameters: Values of the scenario's parameters, by name.
        knobs: Values of the regime's knobs, by name.
        until_found: End a row at its first forbidden outcome.
        build: `auto`, `plain`, or `points`: with a preemption point at every access.
        atomics: `auto`, `llsc` or `lse`; on x86-64 `auto` alone.
        membarrier: Whether RCU may use the membarrier call.
        self_test: Whether store buffering is counted first, on the same CPUs.
        progress: Called with a `Tick` some 20 times a second.

    Returns:
        Results row by row; durations are seconds, counts whole numbers.

    Raises:
        UsageError: A name or value does not exist.
        BuildError: A C file does not compile.
        UnsupportedHere: This host lacks what is needed.
        WorkerCrashed: A worker failed, or does not end.

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
    """Search every execution of scenarios, mutants or C files under the memory models.

    Names, options and units are those of `vmemstress verify`. Without names and suite the
    suite `thread` is searched. A search that hits `budget` or `runs` is `bounded`, never
    `holds`.

    Args:
        *names: Scenarios, mutants, or paths of C files.
        regime: The protocol, by name or path; None: the case's own, or `linux-6.15`.
        suite: Every case of this suite, or those of `names`.
        model: One of `sc`, `tso`, `arm64`, or several.
        parameters: Values of the scenario's parameters, by name.
        knobs: Values of the regime's knobs, by name.
        strategy: `dfs` visits every execution; `random` and `pct` draw them.
        runs: At most so many executions of each search; 0: no limit.
        budget: Seconds for each search; None: no limit.
        preemptions: Only schedules with at most so many; -1: all.
        depth: The number of ordered steps of the bugs that `pct` looks for, 1 to 16.
        jobs: Searches side by side.
        seed: Of `random` and `pct`.
        until_found: End a search at its first violation.
        progress: Called while a search runs.

    Returns:
        Results row by row and model by model; durations are seconds.

    Raises:
        UsageError: A name or value does not exist.
        BuildError: A C file does not compile.
        UnsupportedHere: This host lacks what is needed, a C compiler for one.

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

    Names, options and units are those of `vmemstress bench`. Without names every group is
    measured. Ctrl-C and SIGTERM end it early; the report then has `interrupted` set.

    Args:
        *names: A group, `group/name`, or a name that only one group has.
        threads: How many, or several in turn; empty: 1 and all CPUs.
        variants: Kinds of atomics: `lock`; `llsc`, `lse`, `outline`; `all`.
        settings: A number, a choice, or text with several, by name:
            `{"pace": "0..10x", "line": "same,own"}`.
        regimes: Protocols of the lookup, by name or path.
        repetitions: Windows of each benchmark.
        window: Length of a window: seconds, or text such as "50ms".
        warmup: Before each window, in the same units.
        patience: Make windows again that the host disturbed, for so long.
        affinity: `compact`, `scatter`, `none`, or a list of CPUs such as "0,2-5".
        realtime: Workers under SCHED_FIFO, in short windows.
        seed: 64 bits; None: random.
        allow_emulated: Measure under an emulator all the same.
        progress: Called after each window.

    Returns:
        A `Measurement` for each benchmark and choice of settings. Metrics that end in
        `_ns` or `_ns_per_op` are nanoseconds, in `_per_s` per second.

    Raises:
        UsageError: A name or value does not exist.
        UnsupportedHere: This host cannot run it.
        WorkerCrashed: A worker did not end.

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
