"""`compare` on runs from files and on benchmarks measured in turn."""

import json

import pytest
from measured import bench_object, measurement, noisy, repetition

pytestmark = pytest.mark.slow


@pytest.fixture
def write(tmp_path):
    """Put a run of bench into NAME.json."""

    def put(name, *measurements, **how):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(bench_object(*measurements, **how)))
        return str(path)

    return put


def test_slower_faster_and_no_change(vms, write):
    a = write("a", *(measurement(noisy(i, 5.0), name=n) for i, n in enumerate("xyz")))
    changes = {"x": 5.5, "y": 5.0, "z": 4.5}
    b = write("b", *(measurement(noisy(9, ns), name=n) for n, ns in changes.items()))
    done = vms("compare", a, b)
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if "[" in line and "pairs" not in
            line][1:] == ["atomics/x", "atomics/y", "atomics/z"]  # fmt: skip
    found = vms("compare", a, b, "--json").json
    assert found["command"] == "compare"
    assert (found["threshold"], found["confidence"], found["exit_code"]) == (0.05, 0.95, 0)
    assert [r["verdict"] for r in found["results"]] == ["slower", "no change", "faster"]
    first = found["results"][0]["changes"][0]
    assert first["metric"] == "cpu_ns_per_op"
    assert first["low"] <= first["ratio"] <= first["high"]
    assert first["ratio"] == pytest.approx(1.1, rel=0.03)


def test_a_rule_that_is_met_is_exit_4_and_says_which(vms, write):
    def stalls(seed, ns):
        return measurement([
            repetition(5.0, metrics={"stall_p99_ns": r.ns_per_op}) for r in noisy(seed, ns)
        ])  # fmt: skip

    a, b = write("a", stalls(1, 100)), write("b", stalls(2, 120))
    assert vms("compare", a, b, "--fail-if", "p99>+50%").code == 0
    done = vms("compare", a, b, "--fail-if", "median>+5%", "--fail-if", "p99>+5%")
    assert done.code == 4
    assert "failed: p99>+5%: atomics/add_unless, 1 thr: stall_p99_ns" in done.out
    found = vms("compare", a, b, "--json", "--fail-if", "p99>+5%")
    assert (found.code, found.json["exit_code"]) == (4, 4)
    assert found.json["failed_if"][0]["rule"] == "p99>+5%"
    assert vms("compare", b, a, "--fail-if", "p99>+5%").code == 0


def test_a_rule_about_b_alone_shows_bs_own_value(vms, write):
    a, b = write("a", measurement(noisy(1, 9.0))), write("b", measurement(noisy(2, 5.0)))
    done = vms("compare", a, b, "--fail-if", "ns_per_op>4ns")
    assert done.code == 4
    (line,) = [line for line in done.out.splitlines() if line.startswith("failed")]
    assert "ns_per_op is 4.979 ns [" in line
    assert line.endswith("ns] in B")
    assert "%" not in line


def test_a_setting_that_one_side_leaves_at_its_preset_is_called_so(vms, write):
    a = write("a", measurement(noisy(1, 9.0)))
    b = write("b", measurement(noisy(2, 5.0), settings={"backoff": "pause"}))
    done = vms("compare", a, b)
    assert "backoff=preset|pause" in done.out
    assert "None" not in done.out


def test_the_threshold_decides_what_a_change_is(vms, write):
    a, b = write("a", measurement(noisy(1, 5.0))), write("b", measurement(noisy(2, 5.5)))
    assert vms("compare", a, b, "--threshold", "20%", "--json").json["results"][0]["verdict"] == (
        "no change"
    )


def test_unlike_hosts_are_refused_unless_told(vms, write):
    a = write("a", measurement(noisy(1, 5.0)))
    b = write("b", measurement(noisy(2, 5.0)), host={"kernel": "5.10", "arch": "aarch64"})
    done = vms("compare", a, b)
    assert (done.code, done.out) == (2, "")
    assert 'arch "x86-64" and "aarch64"; kernel "6.18" and "5.10"' in done.err
    found = vms("compare", a, b, "--any-host")
    assert found.code == 0
    assert "the hosts differ" in found.out


def test_figures_of_other_placements_only_are_refused_unless_told(vms, write):
    a = write("a", measurement(noisy(1, 38, threads=2, handoff=25), threads=2))
    b = write("b", measurement(noisy(2, 24, threads=2, handoff=125), threads=2))
    done = vms("compare", a, b)
    assert (done.code, done.out) == (2, "")
    assert "hand-off 25 to 25 ns in A, 125 to 125 ns in B" in done.err
    assert vms("compare", a, b, "--any-host", "--json").json["results"][0]["verdict"] == "faster"


def test_void_figures_are_exit_6(vms, write):
    bad = measurement([*noisy(1, 5.0), repetition(5.0, validity="void")], validity="void")
    done = vms("compare", write("a", bad), write("b", measurement(noisy(2, 5.0))))
    assert done.code == 6
    assert "void" in done.out


def test_contaminated_figures_are_labelled(vms, write):
    bad = measurement(noisy(1, 5.0, validity="contaminated"), validity="contaminated")
    done = vms("compare", write("a", bad), write("b", measurement(noisy(2, 6.0))))
    assert done.code == 0
    assert "slower, contaminated" in done.out


def test_what_has_no_partner_is_named(vms, write):
    a = write("a", measurement(noisy(1, 5.0)), measurement(noisy(1, 5.0), name="xadd"))
    b = write("b", measurement(noisy(2, 5.0)), measurement(noisy(2, 5.0), threads=2))
    found = vms("compare", a, b, "--json").json
    assert found["unmatched"] == ["atomics/xadd (1 thr, A)", "atomics/add_unless (2 thr, B)"]


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["A"], ["B"]),
        (["A", "absent.json"], ["absent.json", "a.json"]),
        (["A", "B", "--fail-if", "p99=5%"], ["p99=5%", "column 4"]),
        (["A", "B", "--fail-if", "cpu_ns_per_po>+5%"], ["cpu_ns_per_po", "cpu_ns_per_op"]),
        (["A", "B", "--metric", "fairnes"], ["--metric", "fairnes"]),
        (["A", "B", "--threshold", "x"], ["--threshold", "5%"]),
        (["A", "B", "--threshold", "0"], ["--threshold"]),
        (["A", "B", "--pairs", "30"], ["--pairs", "in turn"]),
        (["A", "add_unless"], ["two of a kind"]),
        (["add_unles", "add_unless"], ["add_unles", "add_unless"]),
        (["add_unless", "add_unless:backof=pause"], ["backof", "backoff"]),
        (["add_unless", "add_unless:backoff=pose"], ["pose", "pause"]),
        (["add_unless", "add_unless:backoff"], ["key=value"]),
        (["add_unless", "add_unless:"], ["key=value"]),
        (["add_unless", "add_unless:backoff=none,backoff=pause"], ["twice"]),
        (["add_unless:line=same,own", "add_unless"], ["add_unless:line=same,own"]),
        (["add_unless", "add_unless", "--pairs", "2"], ["--pairs", "6 to"]),
        (["add_unless", "add_unless", "--threads", "x"], ["--threads", "x"]),
        (["add_unless", "add_unless", "--time", "soon"], ["--time", "soon"]),
        (["add_unless", "atomics"], ["do not go in pairs"]),
        (["@nobody", "@last"], ["@nobody"]),
    ],
    ids=lambda v: repr(" ".join(v)),
)
def test_bad_input_gets_one_line_and_exit_2(vms, write, args, parts):
    files = {
        "A": write("a", measurement(noisy(1, 5.0))),
        "B": write("b", measurement(noisy(2, 5.0))),
    }
    done = vms("compare", *(files.get(arg, arg) for arg in args))
    assert (done.code, done.out) == (2, ""), done.err
    assert len(done.err.splitlines()) == 1, done.err
    for part in parts:
        assert part in done.err


def test_a_file_of_another_verb_is_one_line(vms, write, tmp_path):
    (tmp_path / "hunt.json").write_text('{"command": "hunt", "results": []}')
    done = vms("compare", "hunt.json", write("a", measurement([5.0])))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "takes runs of bench" in done.err


def test_two_benchmarks_in_turn(vms):
    """Twice the work in each operation: an oracle of the measuring, not of speed."""
    done = vms(
        *("compare", "add_unless:ballast=200", "add_unless:ballast=400"),
        *("--threads", "1", "--pairs", "6", "--time", "2ms", "--json"),
    )
    assert done.code in (0, 6), done.err
    (result,) = done.json["results"]
    assert result["paired"] is True
    assert result["differs"] == {"ballast": [200, 400]}
    assert result["counted_a"] == result["counted_b"]
    assert done.json["a"]["label"] == "add_unless:ballast=200"


def test_runs_of_bench_by_their_names(vms, tmp_path):
    env = {"VMEMSTRESS_STORE": str(tmp_path / "store")}
    for name in ("one", "two"):
        done = vms(
            *("bench", "add_unless", "--threads", "1", "--repetitions", "4", "--time", "2ms"),
            *("-q", "--save", name, "--junit", "out.xml"),
            env=env,
        )
        assert done.code in (0, 6), done.err
    found = vms("compare", "@one", "@last", "--json", env=env)
    assert found.code in (0, 6)
    assert found.json["a"]["run"]["name"] == "one"
    assert found.json["results"][0]["name"] == "add_unless"
    assert "<testsuite " in (tmp_path / "out.xml").read_text()
