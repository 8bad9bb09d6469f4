"""Speed as ratios: ours and a bare C loop in turn, on the same CPUs, in one run.

Every benchmark here prints one line at the end (what, ours, bare, ratio, share of
the CPUs received), and its C-measured seconds go into pytest-benchmark's table and
`--benchmark-json`. Nothing is asserted about speed: a shared machine would lie.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pyharness import _lib
from pyharness._lib.native_types import HuntConfig
from pyharness._lib.scenario import Scenario
from pyharness.bench.main_metric import cost_metric

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("VMEMSTRESS_BENCH_SECONDS", "1"))
PAIRS = int(os.environ.get("VMEMSTRESS_BENCH_PAIRS", "5"))


@dataclass
class Lines:
    """The lines of the summary."""

    rows: list[str] = field(default_factory=list)


LINES = Lines()


@dataclass(frozen=True)
class Sample:
    """One measured stretch: runs and hits per second, and the CPU share received."""

    runs: float
    hits: float
    share: float


def median(values: Sequence[float]) -> float:
    """The middle value; the upper one of two."""
    return sorted(values)[len(values) // 2]


def cpus() -> tuple[int, int]:
    """The first two CPUs that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        pytest.skip("needs two CPUs")
    return allowed[0], allowed[1]


def scenario(name: str) -> Scenario:
    """A shipped C scenario by name."""
    return next(s for s in _lib.scenarios() if s.name == name)


def hunt(name: str, params: dict[str, int], seed: int, **how: Any) -> Sample:
    """One hunt of SECONDS on two CPUs; `how` goes to HuntConfig."""
    s = scenario(name)
    values = tuple(params.get(p.name, p.preset) for p in s.parameters)
    config = HuntConfig(
        scenario=s,
        params=values,
        knobs=tuple(k.preset for k in _lib.knobs()),
        seed=seed,
        budget_ns=int(SECONDS * 1e9),
        cpus=cpus(),
        **how,
    )
    with _lib.Hunt(config) as h:
        while not h.wait(50):
            pass
        h.check()
        shot, stats = h.snapshot(), h.thread_stats()
    seconds = shot.elapsed_ns * 1e-9
    share = sum(t.cpu_ns for t in stats) / sum(t.wall_ns for t in stats)
    return Sample(shot.samples / seconds, shot.forbidden / seconds, share)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Sample]:
    """Compile the bare C loop; calling it with a bug number runs it for SECONDS."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    command = compiler.split()
    if not shutil.which(command[0]):
        pytest.skip(f"no C compiler ({command[0]})")
    program = tmp_path_factory.mktemp("bare") / "specref_batches"
    source = HERE / "bare" / "specref_batches.c"
    subprocess.run([*command, "-O2", "-pthread", "-o", program, source], check=True)

    def run(bug: int) -> Sample:
        a, b = cpus()
        out = subprocess.run(
            [program, str(SECONDS), str(bug), str(a), str(b)],
            check=True, capture_output=True, text=True,
        ).stdout
        return Sample(*(float(word) for word in out.split()))

    return run


@dataclass(frozen=True)
class Journey:
    """One huge page through its life beside the system calls that it makes, bare."""

    journeys: int
    calls: int
    ns: float
    bare_ns: float
    ratio: float


@pytest.fixture(scope="session")
def journey() -> Callable[[Mapping[str, str | bool], bool], Journey]:
    """Build the program of bench/native/; calling it with knobs runs it for SECONDS."""
    meson = shutil.which("meson", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not meson:
        pytest.skip("no meson to build bench/native with")
    build = HERE.parent / "build" / "bench"
    options = ["-Dpython=false", "-Dnative_tests=true", "-Doptimization=2"]
    # once more is no harm, and after a change of the options it is needed
    again = ["--reconfigure"] if (build / "build.ninja").is_file() else []
    subprocess.run(
        [meson, "setup", *again, build, HERE.parent, *options], check=True, stdout=subprocess.PIPE
    )
    subprocess.run([meson, "compile", "-C", build, "journey"], check=True, stdout=subprocess.PIPE)

    def run(knobs: Mapping[str, str | bool], gigantic: bool) -> Journey:
        words = [f"{k}={str(v).lower() if isinstance(v, bool) else v}" for k, v in knobs.items()]
        program = build / "bench" / "native" / "journey"
        out = subprocess.run(
            [program, "fake-head-get", str(int(gigantic)), str(SECONDS), *words],
            check=True, capture_output=True, text=True,
        ).stdout.split()
        return Journey(int(out[0]), int(out[1]), *(float(word) for word in out[2:]))

    return run


def thread_counts() -> list[int]:
    """One, and two where there are two CPUs."""
    return [1, 2] if len(os.sched_getaffinity(0)) > 1 else [1]


def loop_names(group: str) -> list[str]:
    """The benchmarks of a group, in the core's order."""
    return [loop.name for loop in _lib.loops() if loop.group == group]


def setting_choices(group: str, name: str, setting: str) -> list[str]:
    """The values of a setting that has names for them."""
    loop = next(x for x in _lib.loops() if (x.group, x.name) == (group, name))
    found = loop.setting(setting)
    assert found is not None
    return list(found.choices)


@pytest.fixture
def contention(contention: Callable[..., Any]) -> Callable[..., Any]:
    """The plugin's fixture, with a line at the end."""

    def measured(name: str, **how: Any) -> Any:
        m = contention(name, **how)
        cost = m.metrics[cost_metric(m)]
        words = [f"{k}={v}" for k, v in how.items() if k != "threads"]
        ratio = "" if m.ratio is None else f", {m.ratio:.3f} x the bare loop"
        doubt = "" if m.validity == "valid" else f"; {m.validity}: {m.reason}"
        where = " ".join([f"{m.group}/{m.name}", *words])
        LINES.rows.append(f"{where}, {m.threads} thr: {cost:,.1f} ns{ratio}{doubt}")
        return m

    return measured


@pytest.fixture
def report(benchmark: Any) -> Callable[..., None]:
    """Feed seconds per operation that C measured, and print a line at the end."""

    def feed(what: str, per_op: Sequence[float], line: str, **extra: object) -> None:
        benchmark._mode = "native"  # the clock is C's: calling a function would time Python
        stats = benchmark._make_stats(1)
        for seconds in per_op:
            stats.update(seconds)
        benchmark.extra_info.update(extra)
        LINES.rows.append(f"{what}: {line}")

    return feed


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The figures in a line each, where nobody can miss them."""
    if LINES.rows:
        terminalreporter.section("figures, and ratios measured in turn")
        for row in LINES.rows:
            terminalreporter.write_line(row)
