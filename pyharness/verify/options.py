"""How rows are searched, and which values of that can be used."""

from __future__ import annotations

from dataclasses import dataclass

from pyharness._lib.model_types import MODELS, STRATEGIES
from pyharness.errors import UsageError, nearest, quote
from pyharness.output.units import check_duration, check_seed

MAX_PREEMPTIONS = 255
MAX_RUNS = 1 << 62
MAX_DEPTH = 16  # of the bugs that PCT looks for


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
