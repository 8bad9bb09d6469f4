"""Runs and hits per second of `hunt` on two actors without remaps, beside bare C."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import PAIRS, Sample, cpus, hunt, median

PLAIN = 1


def pairs(ours: Callable[[int], Sample], bare: Callable[[], Sample]) -> list[tuple[Sample, Sample]]:
    """Ours and bare in turn, PAIRS times, with seeds 1, 2, ..."""
    return [(ours(seed), bare()) for seed in range(1, PAIRS + 1)]


def runs_line(measured: list[tuple[Sample, Sample]]) -> tuple[str, float]:
    """The summary line and the median ratio of runs per second."""
    ratio = median([a.runs / b.runs for a, b in measured])
    ours, bare = (median([p[i].runs for p in measured]) for i in (0, 1))
    share = min(min(a.share, b.share) for a, b in measured)
    quiet = "" if share >= 0.98 else f"; contaminated: {share:.0%} of the CPUs"
    return f"{ours / 1e6:.1f} M runs/s, bare {bare / 1e6:.1f} M, ratio {ratio:.2f}{quiet}", ratio


@pytest.mark.benchmark(group="hunt: runs")
@pytest.mark.parametrize("mode", ["batches", "tuned"])
def test_runs_beside_bare_batches(
    mode: str, bare: Callable[[int], Sample], report: Callable[..., None]
) -> None:
    """specref with one reader and no bug: batches of 4096 as the bare loop has, and tuned."""
    how: dict[str, Any] = {"build": PLAIN, "group": 4096, "skew": 0} if mode == "batches" else {}
    measured = pairs(lambda seed: hunt("specref", {}, seed, **how), lambda: bare(0))
    line, ratio = runs_line(measured)
    report(
        f"two actors, {mode}", [1 / a.runs for a, _ in measured], line,
        ratio=ratio, threads=2, cpu_share=min(a.share for a, _ in measured),
    )


@pytest.mark.benchmark(group="hunt: runs")
@pytest.mark.parametrize("name", ["store-buffering", "refcount-conservation", "freeze-unfreeze"])
def test_runs_of_the_other_primitives(
    name: str, bare: Callable[[int], Sample], report: Callable[..., None]
) -> None:
    """The other two-actor primitives, batches of 4096, against the same bare loop."""
    measured = pairs(
        lambda seed: hunt(name, {}, seed, build=PLAIN, group=4096, skew=0), lambda: bare(0)
    )
    line, ratio = runs_line(measured)
    report(f"two actors, {name}", [1 / a.runs for a, _ in measured], line, ratio=ratio, threads=2)


@pytest.mark.benchmark(group="hunt: hits")
def test_hits_of_the_missing_recheck(
    bare: Callable[[int], Sample], report: Callable[..., None]
) -> None:
    """Stale uses found per second, tuned, against what bare batches run into."""
    measured = pairs(lambda seed: hunt("specref", {"bug": 1}, seed), lambda: bare(1))
    hits, bare_hits = (median([p[i].hits for p in measured]) for i in (0, 1))
    line = (
        f"{hits / 1e3:.0f} k hits/s (lowest {min(a.hits for a, _ in measured) / 1e3:.0f} k), "
        f"bare batches {bare_hits / 1e3:.0f} k "
        f"(lowest {min(b.hits for _, b in measured) / 1e3:.1f} k); "
        f"CPU share {min(a.share for a, _ in measured):.0%}"
    )
    report("no recheck", [1 / max(a.hits, 1) for a, _ in measured], line, hits=hits, threads=2)


@pytest.fixture
def load() -> Iterator[None]:
    """A busy process pinned to each of the two CPUs."""
    spin = "import os,sys; os.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"
    hogs = [subprocess.Popen([sys.executable, "-c", spin, str(cpu)]) for cpu in cpus()]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()


@pytest.mark.benchmark(group="hunt: hits")
def test_hits_under_a_competing_load(load: None, report: Callable[..., None]) -> None:
    """The same with both CPUs taken by somebody else half of the time: never 0."""
    samples = [hunt("specref", {"bug": 1}, seed) for seed in range(1, PAIRS + 1)]
    line = (
        f"{median([s.hits for s in samples]) / 1e3:.0f} k hits/s, "
        f"lowest {min(s.hits for s in samples) / 1e3:.1f} k, "
        f"on {median([s.share for s in samples]):.0%} of the CPUs"
    )
    report("no recheck, both CPUs loaded", [1 / max(s.hits, 1) for s in samples], line, threads=2)
    assert all(s.hits > 0 for s in samples), "a loaded host must not blind the hunt"
