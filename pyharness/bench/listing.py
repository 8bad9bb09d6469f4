"""`bench --list`: the benchmarks, their settings, and what this host lacks."""

from __future__ import annotations

from typing import Any

from pyharness import _lib
from pyharness._lib.loop_types import LoopInfo, LoopSetting
from pyharness.bench.against_bare import GROUP, PAIRS
from pyharness.bench.select import groups
from pyharness.output.console import Printer


def _setting(setting: LoopSetting) -> dict[str, Any]:
    return {
        "name": setting.name,
        "about": setting.about,
        "choices": list(setting.choices),
        "low": None if setting.choices else setting.low,
        "high": None if setting.choices else setting.high,
        "preset": setting.shown_preset,
        "lacks": dict(setting.lacks),
    }


def _entry(loop: LoopInfo) -> dict[str, Any]:
    return {
        "group": loop.group,
        "name": loop.name,
        "about": loop.about,
        "operation": loop.operation,
        "least_threads": loop.least_threads,
        "uses_regime": loop.uses_regime,
        "variants": [v.name for v in loop.variants if not v.lacks],
        "settings": [_setting(s) for s in loop.settings],
        "counters": list(loop.counters),
        "histograms": list(loop.histograms),
    }


def listing() -> list[dict[str, Any]]:
    """Every benchmark as the JSON of `bench --list` has it."""
    own = [
        {"group": GROUP, "name": name, "about": f"{what}, ours against the bare C loop"}
        for name, what in PAIRS.items()
    ]
    return [*(_entry(loop) for loop in _lib.loops()), *own]


def _range(setting: LoopSetting) -> str:
    if not setting.choices:
        return f"{setting.low} to {setting.high}"
    return ", ".join(f"{c} (not here)" if c in setting.lacks else c for c in setting.choices)


def print_listing(printer: Printer) -> None:
    """Names and one-line descriptions by group, then the settings of each group."""
    entries = listing()
    size = max(len(e["name"]) for e in entries)
    for group in groups():
        printer.line(group, "bold")
        for entry in (e for e in entries if e["group"] == group):
            printer.line(f"  {entry['name']:<{size}}  {entry['about']}")
        settings = {s.name: s for x in _lib.loops() if x.group == group for s in x.settings}
        for setting in settings.values():
            printer.line(f"    -P {setting.name}: {setting.about}; {_range(setting)}", "dim")
        printer.line()
