"""`hunt` end to end on real threads, on short budgets."""

import json

import pytest

RESULT_KEYS = {
    *("scenario", "parameters", "claim", "regime", "machine", "verdict", "expected"),
    *("as_expected", "hazard", "invariant", "message", "complete", "seconds", "witness"),
    *("outcomes", "samples", "threads", "seed", "validity", "faults"),
}


def test_a_known_bug_is_found_and_told(vms):
    done = vms("hunt", "no-recheck", "--budget", "20s", "--until-found")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    header = next(i for i, line in enumerate(lines) if "RESULT" in line)
    assert lines[header].split() == ["RESULT", "SAMPLES", "FREQ", "EXPECT", "DESCRIPTION"]
    assert "forbidden" in lines[header + 1]
    assert "as expected" in done.out
    assert "seed " in lines[0]


def test_the_json_of_a_hunt_is_one_object_and_nothing_else(vms):
    done = vms("hunt", "no-recheck", "--budget", "20s", "--until-found", "--json", "--seed", "7")
    found = done.json
    assert (found["tool"], found["command"], found["seed"]) == ("vmemstress", "hunt", 7)
    assert found["interrupted"] is False
    (result,) = found["results"]
    assert set(result) >= RESULT_KEYS
    assert result["scenario"] == "no-recheck"
    assert result["machine"] == "native"
    assert (result["verdict"], result["expected"]) == ("violated", "violated")
    assert result["as_expected"] is True
    assert sum(o["count"] for o in result["outcomes"]) == result["samples"]
    assert result["outcomes"][0]["grade"] == "forbidden"


def test_the_seed_is_always_given_and_the_same_seed_gives_the_same_row_seed(vms):
    first = vms("hunt", "store-buffering", "--budget", "0.4", "--json").json
    again = vms(
        "hunt", "store-buffering", "--budget", "0.4", "--json", "--seed", first["seed"]
    ).json
    assert first["results"][0]["seed"] == again["results"][0]["seed"]
    other = vms("hunt", "store-buffering", "--budget", "0.4", "--json").json
    assert other["seed"] != first["seed"]


@pytest.mark.slow
def test_a_suite_ends_in_a_table_claim_by_claim(vms):
    done = vms("hunt", "--budget", "4s", "-q")
    assert done.code in (0, 6), done.out + done.err
    for claim in range(1, 8):
        assert f"T{claim} " in done.out
    assert "not shown by hardware" in done.out


def test_a_mutant_that_no_hardware_shows_is_not_counted(vms):
    done = vms("hunt", "flush-after-free", "--json", "--budget", "1s")
    assert done.code == 3
    assert done.json["results"] == []
    assert done.json["skipped"][0]["scenario"] == "flush-after-free"
    assert len(done.err.splitlines()) == 1


def test_a_hunt_of_nothing_is_not_announced(vms):
    done = vms("hunt", "flush-after-free", "--budget", "1s")
    assert done.code == 3
    assert "hunting" not in done.out
    assert "not shown by hardware" in done.out


def test_a_read_only_alias_faults_for_real(vms):
    done = vms(
        *("hunt", "fake-head-get", "--regime", "linux-5.18", "--budget", "30s"),
        *("--until-found", "--json"),
    )
    (result,) = done.json["results"]
    assert result["verdict"] == "violated"
    assert result["hazard"] in ("H1", "H2")
    fault = result["faults"][0]
    assert fault["kind"] == "write to read-only"
    assert fault["write"] is True
    assert fault["file"]
    assert fault["line"] > 0
    assert fault["page"] % 64 == 0


def test_a_regime_of_the_users_is_hunted_and_expects_nothing(vms, tmp_path):
    (tmp_path / "mine.toml").write_text('base = "linux-5.18"\n[knobs]\nrestore = "template"\n')
    done = vms(
        *("hunt", "fake-head-get", "--regime", "mine.toml", "--budget", "30s"),
        *("--until-found", "--json"),
    )
    (result,) = done.json["results"]
    assert (result["regime"], result["expected"]) == ("mine", None)
    assert (result["as_expected"], done.code) == (False, 1)


def test_options_may_come_from_the_environment(vms):
    env = {"VMEMSTRESS_HUNT_BUDGET": "300ms", "VMEMSTRESS_HUNT_SEED": "42"}
    found = vms("hunt", "store-buffering", "--json", env=env).json
    assert (found["budget"], found["seed"]) == (0.3, 42)


def test_more_threads_than_cpus_is_said(vms):
    found = vms(
        *("hunt", "specref", "--affinity", "0", "--threads", "4", "--budget", "500ms", "--json")
    ).json
    (result,) = found["results"]
    assert (result["threads"], result["shares_cpus"]) == (4, True)
    assert result["validity"]["verdict"] != "valid"


def test_several_names_give_a_result_each(vms):
    found = vms("hunt", "specref", "no-recheck", "--budget", "1s", "--json").json
    assert [r["scenario"] for r in found["results"]] == ["specref", "no-recheck"]


def test_progress_and_messages_stay_off_stdout(vms):
    done = vms("hunt", "specref", "--budget", "500ms", "--json")
    json.loads(done.out)
    assert done.err == ""


def test_no_line_of_a_hunt_is_wider_than_the_terminal(vms):
    args = ("hunt", "no-recheck", "--until-found", "--budget", "20s")
    done = vms(*args, env={"COLUMNS": "80"})
    assert "verdict: violated" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
