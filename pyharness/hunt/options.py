"""How rows are hunted, and which values of that can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyharness import _lib
from pyharness.errors import UsageError, nearest, quote
from pyharness.output.units import check_duration, check_seed

BUILDS = ("auto", "plain", "points")
ATOMICS = ("auto", "llsc", "lse")
MAX_THREADS = 1024


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are run; `budget` in seconds, `started` on the clock of time.monotonic()."""

    budget: float
    seed: int
    started: float
    threads: int | None = None
    cpus: tuple[int, ...] | None = ()
    until_found: bool = False
    build: str = "auto"
    atomics: str = "auto"
    membarrier: bool = True
    self_test: bool = True


def _choice(value: str, names: Sequence[str], option: str) -> int:
    if value not in names:
        raise UsageError(f"{option}: unknown value {quote(value)}; {nearest(value, names)}")
    return names.index(value)


def check_options(options: Options) -> Options:
    """The options again when every value is usable; UsageError otherwise."""
    check_duration(options.budget, f"--budget {options.budget}")
    check_seed(options.seed)
    _choice(options.build, BUILDS, "--build")
    _choice(options.atomics, ATOMICS, "--atomics")
    if options.atomics != "auto" and _lib.host().arch != "aarch64":
        raise UsageError(f"--atomics: {options.atomics} exists on aarch64 only; use auto")
    if options.threads is not None and not 1 <= options.threads <= MAX_THREADS:
        raise UsageError(f"--threads: {options.threads} is out of range; 1 to {MAX_THREADS}")
    return options
