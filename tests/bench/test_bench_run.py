"""Real short runs through the Python face, and what becomes of what went wrong."""

import csv
import dataclasses
import io
import itertools

import pytest
from measuring import LOOP, repetition, thread

import pyharness
from pyharness import _lib
from pyharness.bench import windows
from pyharness.bench.export import report_object, to_csv
from pyharness.bench.judge import Probes
from pyharness.bench.results import BenchReport, Measurement
from pyharness.bench.run import exit_code
from pyharness.bench.session import Session, Window
from pyharness.bench.windows import make_repetition
from pyharness.errors import ExitCode, UnsupportedHere, UsageError
from pyharness.host import environment
from pyharness.host.topology import allowed_cpus

pytestmark = [pytest.mark.slow, pytest.mark.hardware]

SHORT = {"window": "5ms", "warmup": "1ms", "repetitions": 2}


def measurement(validity="valid", **given):
    return Measurement(
        *("atomics", "add_unless", 1, "lock", {"line": "own"}, None, "one add"),
        metrics={"ns_per_op": 5.0, **given},
        validity=validity,
        reason="",
        repetitions=[repetition()],
        histograms={},
    )


def report(*results, interrupted=False, failures=()):
    return BenchReport({}, {}, [], 0.0, 1.0, 7, interrupted, list(results), list(failures))


def test_every_benchmark_of_every_group_runs_and_its_oracle_agrees():
    found = pyharness.bench(**SHORT, settings={"pages": 2, "batch": 2})
    assert {r.group for r in found.results} >= {"atomics", "harness"}
    assert not [r.title for r in found.results if r.validity == "void"]
    for r in found.results:
        assert r.metrics, r.title
        if r.group != "harness":
            assert len(r.repetitions) == 2, r.title
            assert all(t.wall_ns > 0 for x in r.repetitions for t in x.threads), r.title


def test_a_run_is_described_by_its_arguments_and_its_place():
    ticks = []
    found = pyharness.bench("xadd", threads=[1, 2], seed=7, progress=ticks.append, **SHORT)
    assert (found.seed, found.interrupted) == (7, False)
    assert [r.threads for r in found.results] == [1, 2]
    assert found.environment["clock_step_ns"] > 0
    assert found.environment["page_size"] >= 4096
    assert ticks
    assert all(0 <= t.done <= t.windows == 4 for t in ticks)


def test_a_yardstick_is_held_beside_each_window():
    found = pyharness.bench("xadd", threads=1, **SHORT)
    for r in found.results[0].repetitions:
        assert r.yardstick_ns > 0
        assert 0 < r.metrics["steady_ns_per_op"] <= r.ns_per_op * 1.001


def test_patience_makes_windows_again_that_were_slower(monkeypatch):
    """The host is slower in all but every third of them."""
    times = itertools.cycle([7.8, 7.8, 7.1, 7.3, 6.0, 6.0])  # before and after each window
    monkeypatch.setattr(Session, "yardstick_ns", lambda self, cpus: next(times))
    # how this host is meanwhile is another matter
    monkeypatch.setattr(windows, "judge_window", lambda *args, **given: ("valid", ""))
    words = {**SHORT, "repetitions": 3}
    (alone,) = pyharness.bench("xadd", threads=1, **words).results
    assert len(alone.repetitions) == 3
    (found,) = pyharness.bench("xadd", threads=1, patience=60.0, **words).results
    assert [r.yardstick_ns for r in found.repetitions] == [7.8, 7.1, 6.0] * 3
    assert found.metrics["counted"] == 3


def test_the_same_settings_can_be_text_or_values():
    found = pyharness.bench(
        "xadd", threads=1, settings={"pace": "0..20/10", "line": "own"}, **SHORT
    )
    assert [r.settings for r in found.results] == [
        {"pace": pace, "line": "own"} for pace in (0, 10, 20)
    ] or [r.settings for r in found.results] == [{"line": "own", "pace": p} for p in (0, 10, 20)]


def test_bad_values_are_refused_before_anything_runs():
    for given in ({"repetitions": 0}, {"window": 99.0}, {"warmup": -1.0}, {"seed": -1}):
        with pytest.raises(UsageError):
            pyharness.bench("xadd", **given)
    with pytest.raises(UsageError, match="nearest"):
        pyharness.bench("xad")


def test_a_wrong_sum_voids_the_figures():
    window = Window((thread(),), {}, {}, void="the counts grew by 7 where the threads added 8")
    found = make_repetition(LOOP, (0,), window, Probes(), clock_step_ns=1.0, emulated=False)
    assert (found.validity, found.ns_per_op, found.metrics) == ("void", 0.0, {})
    assert "grew by 7" in found.reason


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(measurement()), ExitCode.OK),
        (report(measurement("contaminated")), ExitCode.OK),
        (report(measurement(), measurement("void")), ExitCode.UNTRUSTED),
        (report(measurement(), failures=[{"exit_code": 3}]), ExitCode.OK),
        (report(measurement(), failures=[{"exit_code": 5}]), ExitCode.CRASHED),
        (report(failures=[{"exit_code": 3}]), ExitCode.UNSUPPORTED),
        (report(), ExitCode.UNSUPPORTED),
        (report(measurement("void"), interrupted=True), ExitCode.INTERRUPTED),
    ],
)
def test_the_exit_code_tells_the_worst(found, code):
    assert exit_code(found) == code
    assert report_object(found)["exit_code"] == int(code)


def test_csv_has_every_metric_as_a_column():
    rows = list(
        csv.DictReader(io.StringIO(to_csv(report(measurement(), measurement(run_length=2.5)))))
    )
    assert [r["run_length"] for r in rows] == ["", "2.5"]
    assert rows[0]["settings"] == "line=own"
    assert rows[0]["ratio"] == ""


def test_the_chosen_word_of_a_kernel_setting_is_read():
    assert environment.chosen("always [madvise] never") == "madvise"
    assert environment.chosen("tsc") == "tsc"
    assert environment.chosen(None) is None


@pytest.mark.parametrize(
    ("cpuinfo", "dmi", "hypervisor", "shown"),
    [
        ("flags\t: fpu hypervisor lm", "Amazon EC2 m7a", None, "amazon"),
        ("flags\t: fpu hypervisor lm", "", None, "virtual"),
        ("flags\t: fpu lm", "QEMU Standard PC", None, "qemu"),
        ("flags\t: fpu lm", "LENOVO ThinkPad", None, "none visible"),
        ("Features\t: fp asimd", "", None, "none visible"),
        ("", "", "xen", "xen"),
    ],
)
def test_a_hypervisor_is_told_by_what_it_shows(cpuinfo, dmi, hypervisor, shown):
    assert environment.virtualisation(cpuinfo, dmi, hypervisor) == shown


def test_the_environment_names_what_moves_figures():
    found = environment.examine(allowed_cpus())
    for key in ("clocksource", "scheduler", "max_map_count", "system_call_ns", "load_average"):
        assert found[key] is not None, key


def test_an_emulator_is_refused_unless_it_is_allowed(monkeypatch):
    facts = dataclasses.replace(_lib.host(), emulated=True)
    monkeypatch.setattr(_lib, "host", lambda: facts)
    with pytest.raises(UnsupportedHere, match="--allow-emulated"):
        pyharness.bench("xadd", threads=1, **SHORT)
    found = pyharness.bench("xadd", threads=1, allow_emulated=True, **SHORT)
    assert [r.validity for r in found.results] == ["inconclusive"]
    assert "emulator" in found.results[0].reason


def test_real_time_load_is_bounded_before_it_begins():
    with pytest.raises(UsageError, match="nothing else runs meanwhile"):
        pyharness.bench("xadd", realtime=True, window=2.0)
    with pytest.raises(UsageError, match="for ever"):
        pyharness.bench("xadd", realtime=True, threads=1024)
    with pytest.raises(UsageError, match="at most 120 s"):
        pyharness.bench("atomics", realtime=True, window=0.5, repetitions=100)
