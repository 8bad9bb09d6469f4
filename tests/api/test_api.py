"""`pyharness.hunt`: typed results, nothing left behind, Ctrl-C kept in hand."""

import gc
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from hunting import mutants

import pyharness
from pyharness.errors import UsageError


def test_a_hunt_returns_counts_as_numpy_arrays():
    report = pyharness.hunt("specref", budget=0.5, seed=7)
    (result,) = report.results
    assert report.seed == 7
    assert result.counts.dtype == np.uint64
    assert len(result.counts) == len(result.outcomes)
    assert int(result.counts.sum()) == result.samples
    assert result.seconds > 0
    assert len(result.threads) == len(result.cpus) == 2
    assert report.to_json().startswith(b"{")


def test_a_parameter_reaches_the_scenario():
    (good,) = pyharness.hunt("store-buffering", budget=0.4, parameters={"fence": 1}).results
    assert good.parameters == {"fence": 1}
    names = {o.name: int(n) for o, n in zip(good.outcomes, good.counts, strict=True)}
    assert names["both-zero"] == 0


@pytest.mark.hardware
def test_a_known_bug_is_found():
    (result,) = pyharness.hunt("no-recheck", budget=20, until_found=True).results
    assert (result.verdict, result.as_expected) == ("violated", True)
    assert result.forbidden > 0


@pytest.mark.hardware
def test_a_remapped_vmemmap_faults_for_real():
    (result,) = pyharness.hunt(
        "fake-head-get", regime="linux-5.18", budget="30s", until_found=True
    ).results
    assert result.verdict == "violated"
    assert any(f.kind == "write to read-only" and f.write for f in result.faults)


# A hunt takes what a knob means from the core: each of these hangs on one knob.
ONE_KNOB = ("no-guard-in-try-get", "freeze-after-grace-period", "window-left-open", "flag-on-tail")


@pytest.mark.slow
@pytest.mark.hardware
@pytest.mark.parametrize("mutant", [name for name in ONE_KNOB if name in mutants()])
def test_a_mutant_of_a_protocol_is_caught_by_the_hazard_it_is_known_for(mutant):
    (result,) = pyharness.hunt(mutant, budget=30.0, until_found=True, self_test=False).results
    assert result.verdict == "violated"
    assert result.worst().hazard in result.row.expectation.hazards


@pytest.mark.parametrize(
    "given",
    [
        {"budget": 0},
        {"budget": "soon"},
        {"budget": float("nan")},
        {"seed": -1},
        {"threads": 0},
        {"affinity": "near"},
        {"parameters": {"bug": 9}},
        {"parameters": {"bug": True}},
        {"build": "fast"},
        {"atomics": "swp"},
        {"regime": "linux-6.15"},
    ],
)
def test_bad_arguments_are_refused_before_anything_runs(given):
    with pytest.raises(UsageError):
        pyharness.hunt("specref", **given)


def resources():
    gc.collect()
    maps = Path("/proc/self/maps").read_text().count("\n")
    return len(os.listdir("/proc/self/fd")), threading.active_count(), maps


def tasks():
    return len(os.listdir("/proc/self/task"))


def test_hunts_one_after_the_other_leave_nothing_behind():
    def once():
        pyharness.hunt("fake-head-get", budget=0.2, self_test=False)
        pyharness.hunt("specref", budget=0.1, self_test=False)

    once()
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    fds, threads, maps = resources()
    before = tasks()
    for _ in range(4):
        once()
    after = resources()
    assert after[:2] == (fds, threads)
    assert after[2] <= maps + 4  # malloc may keep an arena or two
    assert tasks() == before
    assert handlers == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))


def test_faulthandler_still_has_its_signal_after_a_hunt():
    import faulthandler

    pyharness.hunt("fake-head-get", budget=0.2, self_test=False)
    status = Path("/proc/self/status").read_text()
    caught = int(next(v for v in status.splitlines() if v.startswith("SigCgt")).split()[1], 16)
    segv = bool(caught >> (signal.SIGSEGV - 1) & 1)
    assert segv == faulthandler.is_enabled()


def test_ctrl_c_ends_the_hunt_and_keeps_what_was_gathered():
    def interrupt(tick):
        if tick.snapshot.samples:
            os.kill(os.getpid(), signal.SIGINT)

    report = pyharness.hunt("specref", budget=60.0, progress=interrupt)
    assert report.interrupted
    assert report.results[0].samples > 0
    assert report.exit_code == 130


def test_progress_is_told_about_every_row():
    seen = []
    pyharness.hunt("specref", "store-buffering", budget=0.8, progress=seen.append)
    assert {tick.index for tick in seen} == {0, 1}
    assert all(tick.rows == 2 and tick.seconds_left >= 0 for tick in seen)


def test_a_second_hunt_at_the_same_time_is_refused_and_the_first_goes_on():
    results = []
    running = threading.Event()

    def hunt():
        found = pyharness.hunt(
            "specref", budget=1.0, self_test=False, progress=lambda _: running.set()
        )
        results.append(found)

    first = threading.Thread(target=hunt)
    first.start()
    assert running.wait(60)
    with pytest.raises(UsageError, match="another hunt"):
        pyharness.hunt("specref", budget=0.1)
    first.join()
    assert results[0].results[0].samples > 0


def test_public_names_can_be_imported():
    for name in pyharness.__all__:
        assert getattr(pyharness, name)
    with pytest.raises(AttributeError):
        pyharness.no_such_name  # noqa: B018
