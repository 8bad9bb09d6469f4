"""Benchmarks to be compared as the command line writes them: `add_unless:backoff=pause`.

NAME[:KEY=VALUE[,KEY=VALUE]...]: a benchmark as `bench` names it; KEY is `variant`,
`regime`, or a setting of the loop. What is not given is at its preset: nothing is swept.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from pyharness.bench.select import Benchmark, Selection, select
from pyharness.bench.sweep import Value, parse_values
from pyharness.catalogue.regime import DEFAULT_REGIME
from pyharness.errors import UsageError, quote
from pyharness.store.resolve import is_path

_KEYS = ("variant", "regime")


@dataclass(frozen=True, slots=True)
class Spec:
    """One side of an interleaved comparison."""

    text: str
    selection: Selection
    fixed: frozenset[str]


def is_run(text: str) -> bool:
    """Whether the text means a stored run or a file; benchmarks begin with a letter."""
    return text[:1] in ("@", "") or text[0].isdigit() or is_path(text.partition(":")[0])


def parse_spec(text: str, side: str, threads: tuple[int, ...]) -> Spec:
    """The selection that `text` means; UsageError that names the side for what is none."""
    name, colon, rest = text.partition(":")
    if not name or (colon and not rest):
        raise UsageError(f"{side}: {quote(text)} is no benchmark; write NAME:key=value,key=value")
    settings: dict[str, list[Value]] = {}
    own: dict[str, str] = {}
    for part in re.split(r",(?=[A-Za-z_][A-Za-z0-9_]*=)", rest) if rest else ():
        key, equals, value = part.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"{side}: {quote(text)}: {quote(part)} is not key=value")
        if key in settings or key in own:
            raise UsageError(f"{side}: {quote(text)}: {quote(key)} is given twice")
        if key in _KEYS:
            own[key] = value
        else:
            settings[key] = parse_values(value, f"{side}: {key}")
    for key, values in settings.items():
        if len(values) != 1:
            raise UsageError(f"{side}: {quote(text)}: {key} has more than one value")
    return Spec(
        text,
        Selection(
            names=(name,),
            threads=threads,
            variants=(own["variant"],) if "variant" in own else (),
            settings=settings,
            regimes=(own["regime"],) if "regime" in own else (),
        ),
        frozenset((*settings, *own)),
    )


def pair_up(a: Spec, b: Spec, usable: int) -> list[tuple[Benchmark, Benchmark]]:
    """Each benchmark of A with its partner of B, the same in all that neither text fixes."""
    left, right = (_chosen(spec, usable) for spec in (a, b))
    free = a.fixed | b.fixed
    alone = len({x.loop.title for x in left}) == len({x.loop.title for x in right}) == 1
    found = []
    for x in left:
        partners = [y for y in right if _key(x, free, alone) == _key(y, free, alone)]
        if not partners and alone:  # two loops with settings of their own
            partners = [y for y in right if y.threads == x.threads]
        if len(partners) == 1:
            found.append((x, partners[0]))
    if not found or len(found) != max(len(left), len(right)):
        raise UsageError(
            f"{quote(a.text)} is {len(left)} benchmarks, {quote(b.text)} {len(right)}, and they "
            "do not go in pairs; name one on each side, and its settings"
        )
    return found


def _chosen(spec: Spec, usable: int) -> Sequence[Benchmark]:
    choice = select(spec.selection, usable)
    if choice.pairs:
        raise UsageError(f"{quote(spec.text)}: a benchmark of group harness is a comparison itself")
    if choice.lacking:
        from pyharness.errors import UnsupportedHere

        raise UnsupportedHere(f"{spec.text}: {choice.lacking[0].reason}")
    return [b for b in choice.benchmarks if _at_presets(b, spec.fixed)] or choice.benchmarks


def _at_presets(benchmark: Benchmark, fixed: frozenset[str]) -> bool:
    if "regime" not in fixed and benchmark.regime not in (None, DEFAULT_REGIME):
        return False
    settings = [s for s in benchmark.loop.settings if s.name not in fixed]
    return all(benchmark.shown.get(s.name, s.shown_preset) == s.shown_preset for s in settings)


def _key(benchmark: Benchmark, free: frozenset[str], alone: bool) -> Hashable:
    shown = {k: str(v) for k, v in benchmark.shown.items() if k not in free}
    return (
        None if alone else benchmark.loop.title,
        benchmark.threads,
        None if "variant" in free else benchmark.variant,
        None if "regime" in free else benchmark.regime,
        tuple(sorted(shown.items())),
    )
