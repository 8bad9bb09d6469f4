"""The groups `remap`, `lookup` and `grace` at small size: what each way to remap costs the
remapper and the readers, what a lookup costs under each protocol, and a grace period."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from conftest import SECONDS

from pyharness import _lib
from pyharness.interrupt import Interrupt
from pyharness.measure.records import Measurement
from pyharness.measure.run import run_bench
from pyharness.measure.select import Selection
from pyharness.measure.session import Options
from pyharness.measure.sweep import Value

_GUARDS = ("fault-wait-spin", "fault-wait-futex", "fault-retry", "pause", "stop")
_REMAPS: list[tuple[str, dict[str, Value]]] = []
_REMAPS += (
    (x.name, {}) for x in _lib.loops() if x.group == "remap" and x.name not in ("none", "bbm")
)
_REMAPS += (("bbm", {"guard": guard}) for guard in _GUARDS)


def _measure(
    name: str, settings: Mapping[str, Value], threads: int, regimes: tuple[str, ...] = ()
) -> Measurement:
    """One benchmark, three windows of a fifth of SECONDS; skipped where it cannot run."""
    loop = next(x for x in _lib.loops() if x.title == name)
    for setting in loop.settings:
        value = str(settings.get(setting.name, setting.shown_preset))
        if value in setting.lacks:
            pytest.skip(setting.lacks[value])
    selection = Selection(
        names=(name,), threads=(threads,), regimes=regimes,
        settings={key: (value,) for key, value in settings.items()},
    )
    options = Options(repetitions=3, window=SECONDS / 5)
    with Interrupt() as interrupt:
        run = run_bench(selection, options, interrupt=interrupt)
    assert not run.failures, run.failures
    assert run.results[0].validity != "void", run.results[0].reason
    return run.results[0]


def _tell(report: Callable[..., None], what: str, m: Measurement, shown: Mapping[str, str]) -> None:
    """The first figure into the table, in seconds, window by window; all into the line."""
    first = next(iter(shown))
    seconds = [r.metrics[first] * 1e-9 for r in m.repetitions if first in r.metrics]
    figures = ", ".join(f"{label} {m.metrics[k]:,.1f}" for k, label in shown.items()
                        if k in m.metrics)
    report(what, seconds, f"{figures}; {m.validity}", validity=m.validity, threads=m.threads,
           variant=m.variant, **{name: m.metrics[name] for name in shown if name in m.metrics})


@pytest.mark.benchmark(group="remap")
@pytest.mark.parametrize(
    ("name", "settings"), _REMAPS, ids=["-".join([n, *map(str, s.values())]) for n, s in _REMAPS]
)
def test_remap(name: str, settings: dict[str, Value], report: Callable[..., None]) -> None:
    """One page, 2000 times a second, under one reader."""
    found = _measure(f"remap/{name}", {**settings, "what": "page", "rate": 2000}, 2)
    _tell(report, f"remap {name} {settings.get('guard', '')}".strip(), found, {
        "remap_p50_ns": "ns p50", "remap_p99_ns": "p99", "faults_per_op": "faults",
        "tlb_interrupts_per_op": "TLB", "reschedule_interrupts_per_op": "RES",
        "reader_ops_per_s": "reads/s",
    })


@pytest.mark.benchmark(group="lookup")
@pytest.mark.parametrize("regime", ["linux-5.18", "linux-6.10", "linux-6.15", "linux-7.1"])
@pytest.mark.parametrize("name", ["filemap", "remapped"])
def test_lookup(name: str, regime: str, report: Callable[..., None]) -> None:
    """filemap_get_entry() and the put, alone and under 1000 journeys a second."""
    settings: dict[str, Value] = {"pace": 0}
    found = _measure(f"lookup/{name}", settings, 2 if name == "remapped" else 1, (regime,))
    _tell(report, f"lookup {name} {regime}", found, {
        "ns_per_op": "ns", "stall_p50_ns": "stalls p50", "stall_p99_ns": "p99",
    })


@pytest.mark.benchmark(group="grace")
@pytest.mark.parametrize("batch", [1, 64, 512])
def test_grace_period(batch: int, report: Callable[..., None]) -> None:
    """synchronize_rcu() with a reader in sections, a batch of folios for each."""
    found = _measure("grace/synchronize", {"batch": batch}, 2)
    _tell(report, f"grace period, {batch} folios", found, {
        "ns_per_op": "ns a folio", "grace_p50_ns": "p50", "grace_p99_ns": "p99",
    })


@pytest.mark.benchmark(group="grace")
def test_read_section(report: Callable[..., None]) -> None:
    """lock, dereference, load, unlock."""
    found = _measure("grace/read-side", {}, 1)
    _tell(report, "read section", found, {"ns_per_op": "ns"})
