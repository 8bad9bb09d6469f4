"""How benchmarks are run, and which values of that can be used."""

from __future__ import annotations

from dataclasses import dataclass

from pyharness.errors import UsageError

# Real-time threads are held back after 0.95 s of each second, which would show as a gap,
# and nothing else runs on their CPUs meanwhile.
MAX_REALTIME_WINDOW_S = 0.9
MAX_REALTIME_S = 120.0
MAX_REPETITIONS = 1000
MAX_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """How benchmarks are run; durations in seconds, `cpus` in the order they are filled.

    `cpus` None: threads are not pinned. `patience`: for so long windows are made again in
    place of those in which the host was slower, or that were not valid.
    """

    repetitions: int = 5
    window: float = 0.2
    warmup: float = 0.02
    cpus: tuple[int, ...] | None = None
    realtime: bool = False
    allow_emulated: bool = False
    seed: int = 0
    patience: float = 0.0
    yardstick: bool = True  # looked at around each window, for runs that are made apart


def check_options(options: Options) -> Options:
    """The options again when every value is usable; UsageError otherwise."""
    if not 1 <= options.repetitions <= MAX_REPETITIONS:
        raise UsageError(
            f"--repetitions: {options.repetitions} is out of range; 1 to {MAX_REPETITIONS}"
        )
    if not 0.001 <= options.window <= 60:
        raise UsageError(f"--time: {options.window:g} s is out of range; 1ms to 60s")
    if not 0 <= options.warmup <= 60:
        raise UsageError(f"--warmup: {options.warmup:g} s is out of range; at most 60s")
    if not 0 <= options.patience <= MAX_PATIENCE_S:
        raise UsageError(
            f"--patience: {options.patience:g} s is out of range; at most {MAX_PATIENCE_S:g}s"
        )
    if options.realtime and options.window + options.warmup > MAX_REALTIME_WINDOW_S:
        raise UsageError(
            f"--realtime: window and warm-up together take {options.window + options.warmup:g} s; "
            f"at most {MAX_REALTIME_WINDOW_S:g} s, since nothing else runs meanwhile"
        )
    return options
