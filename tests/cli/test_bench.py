"""`bench` end to end: short real runs, what they print, what they refuse, Ctrl-C."""

import csv
import io
import json
import os
import re
import signal
import subprocess

import pytest

SHORT = ("--time", "10ms", "--warmup", "1ms", "--repetitions", "2", "-q")
RESULT_KEYS = {
    *("group", "name", "threads", "variant", "settings", "regime", "operation", "metrics"),
    *("validity", "reason", "repetitions", "histograms", "ratio", "instruction"),
}
REPETITION_KEYS = {
    *("seconds", "operations", "ns_per_op", "cpu_ns_per_op", "validity", "reason"),
    *("handoff_before_ns", "handoff_after_ns", "counters", "threads", "metrics"),
}
ENVIRONMENT_KEYS = {
    *("clocksource", "cpu", "virtualisation", "transparent_hugepages", "governor", "scheduler"),
    *("max_map_count", "page_size", "clock_step_ns", "clock_cost_ns", "system_call_ns"),
    *("interrupt_ns", "handoff_ns", "load_average"),
}
VALIDITIES = {"valid", "contaminated", "inconclusive", "void"}


def test_json_is_one_object_with_everything_behind_each_figure(vms):
    done = vms("bench", "add_unless", "--threads", "1", *SHORT, "--json", "--seed", "7")
    assert done.code == 0, done.err
    found = done.json
    assert (found["tool"], found["command"], found["seed"]) == ("vmemstress", "bench", 7)
    assert found["interrupted"] is False
    assert set(found["environment"]) >= ENVIRONMENT_KEYS
    assert found["arguments"][:3] == ["vmemstress", "bench", "add_unless"]
    (result,) = found["results"]
    assert set(result) >= RESULT_KEYS
    assert (result["group"], result["name"], result["threads"]) == ("atomics", "add_unless", 1)
    assert result["validity"] in VALIDITIES - {"void"}
    assert result["metrics"]["ns_per_op"] > 0
    assert len(result["repetitions"]) == 2
    for repetition in result["repetitions"]:
        assert set(repetition) >= REPETITION_KEYS
        (thread,) = repetition["threads"]
        assert thread["operations"] == repetition["operations"] > 0
        assert repetition["ns_per_op"] == pytest.approx(thread["wall_ns"] / thread["operations"])


def test_two_threads_are_probed_before_and_after(vms):
    found = vms("bench", "xadd", "--threads", "2", *SHORT, "--json").json
    (result,) = found["results"]
    for repetition in result["repetitions"]:
        assert len(repetition["threads"]) == 2
        assert repetition["handoff_before_ns"] > 0
        assert repetition["handoff_after_ns"] > 0
    assert "fairness" in result["metrics"]


def test_settings_are_swept_and_named_in_the_results(vms):
    done = vms(
        *("bench", "atomics/add_unless", "--threads", "1,2", "-P", "line=own,false-sharing"),
        *("-P", "pace=0..20/10", *SHORT, "--json"),
    )
    rows = [
        (r["threads"], r["settings"]["line"], r["settings"]["pace"]) for r in done.json["results"]
    ]
    assert sorted(rows) == sorted(
        (n, line, pace) for n in (1, 2) for line in ("own", "false-sharing") for pace in (0, 10, 20)
    )


def test_the_paced_sweep_counts_in_measured_line_transfers(vms):
    done = vms("bench", "xadd", "--threads", "2", "--sweep", "pace=0..2x", *SHORT, "--json")
    assert done.code == 0, done.err
    rows = done.json["results"]
    assert [r["metrics"]["pace_handoffs"] for r in rows] == [0.0, 1.0, 2.0]
    paces = [r["settings"]["pace"] for r in rows]
    assert paces[0] == 0
    assert paces[2] == pytest.approx(2 * paces[1], abs=1)
    assert rows[0]["metrics"]["pace_target_ns"] == 0.0


def test_ours_is_measured_against_the_bare_loop_in_the_same_run(vms):
    done = vms(
        *("bench", "harness/add_unless", "--threads", "1", "--repetitions", "1", "-q", "--json"),
    )
    assert done.code == 0, done.err
    (result,) = done.json["results"]
    assert (result["group"], result["name"], result["threads"]) == ("harness", "add_unless", 1)
    if result["ratio"] is None:  # every pair was disturbed: said, not hidden
        assert result["validity"] == "contaminated"
        assert result["metrics"]["dropped_pairs"] > 0
    else:
        assert result["metrics"]["ratio_low"] <= result["ratio"] <= result["metrics"]["ratio_high"]
        assert result["metrics"]["pairs"] > 0


def test_the_start_barrier_and_the_clock_are_measured_too(vms):
    done = vms(
        *("bench", "harness/barrier_skew", "harness/clock_cost", "--threads", "2"),
        *(*SHORT, "--json"),
    )
    skew, *clocks = sorted(done.json["results"], key=lambda r: r["name"])
    assert skew["threads"] == 2
    assert 0 <= skew["metrics"]["skew_p50_ns"] <= skew["metrics"]["skew_max_ns"]
    assert {c["settings"]["clock"] for c in clocks} == {"cycles", "monotonic", "thread-cpu"}
    assert all(c["metrics"]["ns_per_op"] > 0 for c in clocks)


def test_runs_are_counted_apart_from_what_is_timed(vms):
    found = vms("bench", "xadd", "--threads", "1,2", *SHORT, "--json").json
    alone, together = found["results"]
    assert "run_length" not in alone["metrics"]
    assert 1 <= together["metrics"]["run_length"] <= together["metrics"]["longest_run"]


def test_csv_has_a_line_for_each_measurement(vms):
    done = vms("bench", "xadd", "add_unless", "--threads", "1", *SHORT, "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [r["name"] for r in rows] == ["xadd", "add_unless"]
    for row in rows:
        assert float(row["ns_per_op"]) > 0
        assert row["validity"] in VALIDITIES
        assert None not in row.values()


def test_the_table_has_units_and_says_what_a_tight_loop_means(vms):
    done = vms("bench", "add_unless", "--threads", "1,2", *SHORT)
    assert done.code == 0, done.err
    assert re.search(r"^ +BENCHMARK +THR +VARIANT +NS/OP", done.out, re.M)
    assert re.search(r"add_unless +1 +\S+ +[\d.]+ [nu]s", done.out)
    assert "batching limit" in done.out
    assert re.search(r"seed \d+$", done.out.strip())


def test_a_name_of_one_group_only_needs_no_group(vms):
    names = [r["group"] for r in vms("bench", "add_unless", *SHORT, "--json").json["results"]]
    assert set(names) == {"atomics"}


def test_list_names_every_benchmark_with_its_settings(vms):
    done = vms("bench", "--list")
    assert done.code == 0
    for text in ("atomics", "add_unless", "harness", "barrier_skew", "-P line:", "-P pace:"):
        assert text in done.out
    found = vms("bench", "--list", "--json").json
    assert {b["group"] for b in found["benchmarks"]} >= {"atomics", "harness"}


def test_the_seed_decides_the_order_and_is_always_given(vms):
    first = vms("bench", "xadd", "--threads", "1", *SHORT, "--json").json
    assert 0 <= first["seed"] < 2**64
    assert (
        f"seed {first['seed']}"
        in vms("bench", "xadd", "--threads", "1", *SHORT, "--seed", str(first["seed"])).out
    )


def test_quiet_shows_no_progress_and_json_stays_alone(vms):
    done = vms("bench", "xadd", "--threads", "1", *SHORT, "--json")
    assert done.err == ""
    assert done.out.startswith("{")


@pytest.fixture
def interrupted(launch):
    """Signal a long `bench ARGS` once progress on its terminal shows windows done."""

    def run(number, *args):
        ours, theirs = os.openpty()
        process = launch(
            *("bench", *args),
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            env={"TERM": "xterm"},  # a dumb one would be shown nothing
        )
        os.close(theirs)
        seen = b""
        try:
            while not re.search(rb"[^0-9]([3-9]|[1-9]\d+)/\d+ ", seen):
                seen += os.read(ours, 4096)
            process.send_signal(number)
            out, _ = process.communicate(timeout=60)
        finally:
            os.close(ours)
        return process.returncode, out

    return run


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_gathered(interrupted, number):
    code, out = interrupted(
        *(number, "xadd", "add_unless", "--threads", "1", "--time", "100ms"),
        *("--repetitions", "1000", "--json"),
    )
    found = json.loads(out)
    assert (code, found["interrupted"], found["exit_code"]) == (130, True, 130)
    assert found["results"]
    assert all(len(r["repetitions"]) < 1000 for r in found["results"])
    assert all(r["metrics"]["ns_per_op"] > 0 for r in found["results"])


@pytest.mark.slow
def test_an_interrupted_table_is_printed_and_says_so(interrupted):
    code, out = interrupted(signal.SIGINT, "xadd", "--threads", "1", "--repetitions", "1000")
    assert code == 130
    assert "NS/OP" in out
    assert "interrupted; " in out


BAD = [
    (["ad_unless"], ["ad_unless", "add_unless"]),
    (["atomics/xad"], ["atomics/xad", "atomics/xadd"]),
    (["harnes"], ["harnes", "harness"]),
    (["xadd", "--threads", "0"], ["--threads", "0", "1 to"]),
    (["xadd", "--threads", "two"], ["--threads", "two"]),
    (["xadd", "--variant", "locked"], ["--variant", "locked", "lock"]),
    (["xadd", "-P", "lien=own"], ["-P", "lien", "line"]),
    (["xadd", "-P", "line=mine"], ["line", "mine", "own"]),
    (["xadd", "-P", "pace=-1"], ["-P pace", "-1"]),
    (["xadd", "-P", "pace=999999999"], ["pace", "out of range"]),
    (["xadd", "-P", "pace"], ["-P", "name=value"]),
    (["xadd", "-P", "ballast=0..2x"], ["ballast", "line transfers"]),
    (["xadd", "--sweep", "pace=10..0x"], ["--sweep pace", "backwards"]),
    (["xadd", "--regime", "linux-6.15"], ["--regime", "atomics/xadd"]),
    (["xadd", "--repetitions", "0"], ["--repetitions", "1 to"]),
    (["xadd", "--time", "soon"], ["--time", "soon"]),
    (["xadd", "--time", "2h"], ["--time", "60s"]),
    (["xadd", "--warmup", "5m"], ["--warmup"]),
    (["xadd", "--affinity", "9999"], ["CPU 9999"]),
    (["xadd", "--seed", "x"], ["--seed", "x"]),
    (["xadd", "--json", "--csv"], ["--json", "--csv"]),
    (["xadd", "--realtime", "--time", "2s"], ["--realtime", "0.9 s"]),
    (["xadd", "--realtime", "--time", "800ms", "--repetitions", "900"], ["--realtime", "120 s"]),
    (["xadd\n\x1b[31m"], ["xadd"]),
]


@pytest.mark.parametrize(("args", "parts"), BAD, ids=lambda v: repr(" ".join(v)))
def test_bad_input_gets_one_line_and_exit_2(vms, args, parts):
    done = vms("bench", *args)
    assert done.code == 2, done.err
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err
    for part in parts:
        assert part in done.err


def test_a_variant_of_another_architecture_cannot_run_here(vms):
    here = {
        name
        for b in vms("bench", "--list", "--json").json["benchmarks"]
        for name in b.get("variants", [])
    }
    other = next(name for name in ("lock", "llsc") if name not in here)
    done = vms("bench", "xadd", "--variant", other)
    assert (done.code, done.out) == (3, "")
    assert other in done.err
