"""From names, settings and thread counts to the benchmarks that are run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from pyharness import _lib
from pyharness._lib.loop_types import LoopInfo, LoopSetting, Variant
from pyharness.bench.against_bare import GROUP, PAIRS, Pair
from pyharness.bench.defaults import presets_of, regimes_of
from pyharness.bench.pace import PACE
from pyharness.bench.sweep import Multiple, Value
from pyharness.catalogue.regime import find_regime, knob_indexes
from pyharness.errors import UnsupportedHere, UsageError, quote, unknown

VARIANTS = ("lock", "llsc", "lse", "outline")
ALL = "all"
MAX_BENCHMARKS = 2000


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked to measure; empty `names` mean the quick tour."""

    names: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    variants: tuple[str, ...] = ()
    settings: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    regimes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One loop with one choice of everything; `shown` holds the settings asked for or swept,
    the others are at their presets."""

    loop: LoopInfo
    shown: Mapping[str, int | str | Multiple]
    threads: int
    variant: str
    regime: str | None = None
    knobs: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Name, settings and threads, on one line."""
        extra = "".join(f" {k}={v}" for k, v in self.shown.items())
        regime = f" {self.regime}" if self.regime else ""
        return f"{self.loop.title}{extra}{regime}, {self.threads} thr"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A benchmark that this host cannot run, and why."""

    benchmark: Benchmark
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What will be run, and what cannot be."""

    benchmarks: tuple[Benchmark, ...]
    pairs: tuple[Pair, ...]
    lacking: tuple[Lacking, ...]


def groups() -> list[str]:
    """The groups in the order of their loops, the one of pairs last."""
    return list(dict.fromkeys([*(loop.group for loop in _lib.loops()), GROUP]))


def _find(name: str) -> tuple[list[LoopInfo], list[str]]:
    """Loops and names of pairs that a name of the command line stands for.

    A bare name never means one of group `harness`, whose names are those of other loops.
    """
    loops = _lib.loops()
    if name in groups():
        pairs = list(PAIRS) if name == GROUP else []
        return [loop for loop in loops if loop.group == name], pairs
    exact = [loop for loop in loops if loop.title == name]
    pairs = [pair for pair in PAIRS if name == f"{GROUP}/{pair}"]
    if exact or pairs:
        return exact, pairs
    bare = [loop for loop in loops if loop.name == name and loop.group != GROUP]
    bare = bare or [loop for loop in loops if loop.name == name]
    if len(bare) > 1:
        raise UsageError(f"{quote(name)} is ambiguous; {', '.join(x.title for x in bare)}")
    if not bare:
        if name in PAIRS:
            return [], [name]
        titles = [loop.title for loop in loops] + [f"{GROUP}/{pair}" for pair in PAIRS]
        bare_words = [word for word in bare_names() if word != "none"]  # "nearest: none"
        raise UsageError(unknown("benchmark", name, [*groups(), *titles, *bare_words]))
    return bare, []


def bare_names() -> list[str]:
    """The names that say which loop is meant without their group."""
    names = [loop.name for loop in _lib.loops() if loop.group != GROUP]
    return [name for name in names if names.count(name) == 1]


def _variants(loop: LoopInfo, asked: Sequence[str], *, strict: bool) -> list[Variant]:
    """The variants asked for that the loop has, the first it has where none is."""
    if not asked:
        return list(loop.variants[:1])
    if ALL in asked:
        return [v for v in loop.variants if not v.lacks]
    named = {v.name: v for v in loop.variants}
    for name in asked:
        if name not in VARIANTS:
            raise UsageError(f"--variant: {unknown('variant', name, [*VARIANTS, ALL])}")
        if strict and name not in named:
            raise UnsupportedHere(
                f"--variant: {loop.title} has no {name} on this {_lib.host().arch}; "
                f"here: {', '.join(named)}"
            )
    return [named[name] for name in dict.fromkeys(asked) if name in named]


def _check_value(loop: LoopInfo, setting: LoopSetting, value: Value) -> int | str | Multiple:
    """The value when the setting has it: a choice by name, a number, or line transfers."""
    where = f"{loop.title}: {setting.name}"
    if setting.choices:
        if str(value) not in setting.choices:
            raise UsageError(f"{where}: {unknown('value', str(value), setting.choices)}")
        return str(value)
    if isinstance(value, Multiple):
        if setting.name != PACE:
            raise UsageError(f"{where}: {value} counts in line transfers; only pace does")
        return value
    if not isinstance(value, int):
        raise UsageError(f"{where}: {quote(value)} is not a whole number")
    return check_number(loop, setting, value)


def check_number(loop: LoopInfo, setting: LoopSetting, value: int) -> int:
    """`value` when the setting's range has it; UsageError otherwise."""
    if not setting.low <= value <= setting.high:
        raise UsageError(
            f"{loop.title}: {setting.name}={value} is out of range; {setting.low} to {setting.high}"
        )
    return value


def _axis(loop: LoopInfo, setting: LoopSetting, values: Sequence[Value]) -> list[Value]:
    if ALL in values and setting.choices:
        return [c for c in setting.choices if c not in setting.lacks]
    return [_check_value(loop, setting, v) for v in values]


def _settings(
    loop: LoopInfo, asked: Mapping[str, Sequence[Value]], *, tour: bool
) -> Iterator[dict[str, int | str | Multiple]]:
    """Each combination of settings, only those asked for or swept by default."""
    wanted: dict[str, Sequence[Value]] = {**presets_of(loop, tour=tour)}
    wanted |= {name: values for name, values in asked.items() if loop.setting(name)}
    axes = [
        [(s.name, v) for v in _axis(loop, s, wanted[s.name])]
        for s in loop.settings
        if s.name in wanted
    ]
    for combination in product(*axes):
        yield dict(combination)


def _lack(benchmark: Benchmark) -> str | None:
    """Why this host cannot run the benchmark."""
    loop, shown = benchmark.loop, benchmark.shown
    variant = next(v for v in loop.variants if v.name == benchmark.variant)
    if variant.lacks:
        return variant.lacks
    for setting in loop.settings:
        reason = setting.lacks.get(str(shown.get(setting.name, setting.shown_preset)))
        if reason:
            return reason
    return None


def _thread_counts(loop: LoopInfo, asked: Sequence[int], usable: int, *, strict: bool) -> list[int]:
    if not asked:
        top = max(loop.least_threads, min(usable, 8))
        return list(dict.fromkeys((max(1, loop.least_threads), top)))
    for count in asked:
        if strict and count < loop.least_threads:
            raise UsageError(
                f"--threads: {loop.title} needs {loop.least_threads} threads or more, not {count}"
            )
    return [count for count in asked if count >= loop.least_threads]


def _of_loop(
    loop: LoopInfo, selection: Selection, usable: int, *, strict: bool
) -> Iterator[Benchmark]:
    tour = not selection.names
    regimes: Sequence[str | None] = (None,)
    if loop.uses_regime:
        regimes = selection.regimes or regimes_of(loop)
    elif strict and selection.regimes:
        raise UsageError(f"--regime: no regime applies to {loop.title}; leave it out")
    for shown in _settings(loop, selection.settings, tour=tour):
        variants = _variants(loop, selection.variants, strict=strict)
        for regime, variant in product(regimes, variants):
            found = find_regime(regime) if regime else None
            for threads in _thread_counts(loop, selection.threads, usable, strict=strict):
                yield Benchmark(
                    loop=loop,
                    shown=shown,
                    threads=threads,
                    variant=variant.name,
                    regime=found.name if found else None,
                    knobs=knob_indexes(found.knobs) if found else (),
                )


def _check_settings(loops: Sequence[LoopInfo], asked: Mapping[str, Sequence[Value]]) -> None:
    """UsageError for a setting that none of the loops has."""
    names = {s.name for loop in loops for s in loop.settings}
    for name in asked:
        if name not in names:
            titles = ", ".join(sorted({x.title for x in loops})[:3])
            raise UsageError(
                f"-P: {unknown('setting', name, names)}"
                + (f" (of {titles})" if len(loops) <= 3 and loops else "")
            )


def select(selection: Selection, usable: int) -> Choice:
    """The benchmarks to run on up to `usable` CPUs.

    UsageError for a name, setting, value or count that does not exist, UnsupportedHere
    for a variant of another machine.
    """
    loops: list[LoopInfo] = []
    names: list[str] = []
    for name in selection.names or groups():
        found, pairs = _find(name)
        loops += [x for x in found if x not in loops]
        names += [x for x in pairs if x not in names]
    _check_settings(loops, selection.settings)
    strict = len(loops) == 1
    rows = [b for x in loops for b in _of_loop(x, selection, usable, strict=strict)]
    lacking = tuple(Lacking(b, why) for b in rows if (why := _lack(b)))
    lost = [x.benchmark for x in lacking]
    kept = tuple(b for b in rows if b not in lost)
    if len(kept) > MAX_BENCHMARKS:
        raise UsageError(f"{len(kept):,} benchmarks; narrow the sweep to {MAX_BENCHMARKS:,}")
    counts = selection.threads or tuple(dict.fromkeys((1, min(2, usable))))
    pairs_ = tuple(Pair(name, n) for name in names for n in counts)
    return Choice(kept, pairs_, lacking)


def index_values(benchmark: Benchmark) -> tuple[int, ...]:
    """The settings by index, complete, in the loop's order; line transfers are settled before."""
    found = []
    for setting in benchmark.loop.settings:
        value = benchmark.shown.get(setting.name, setting.shown_preset)
        assert not isinstance(value, Multiple), setting.name
        found.append(setting.choices.index(str(value)) if setting.choices else int(value))
    return tuple(found)
