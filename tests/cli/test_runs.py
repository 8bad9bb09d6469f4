"""What hunt and verify keep, and `runs`: list, show, delete."""

import json
import xml.etree.ElementTree as ET

import pytest

pytestmark = pytest.mark.slow

HUNT = ("hunt", "specref", "--budget", "300ms", "-q")


@pytest.fixture
def kept(vms, tmp_path):
    """`vmemstress ARGS` on a store of the test's own."""
    place = {"VMEMSTRESS_STORE": str(tmp_path / "store")}

    def run(*args, **how):
        return vms(*args, env=place, **how)

    return run


def test_every_run_is_kept_and_listed(kept):
    assert kept(*HUNT, "--save", "base").code == 0
    assert kept("verify", "specref", "-q").code == 0
    found = kept("runs", "--json").json
    assert [run["verb"] for run in found["runs"]] == ["verify", "hunt"]
    assert found["runs"][1]["name"] == "base"
    lines = kept("runs").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [run["id"] for run in found["runs"]]
    assert "@base" in lines[2]
    assert [run["verb"] for run in kept("runs", "--verb", "hunt", "--json").json["runs"]] == [
        "hunt"
    ]
    assert len(kept("runs", "--limit", "1", "--json").json["runs"]) == 1
    assert kept("runs", "--rebuild", "--json").json == found


def test_what_is_kept_is_what_json_prints(kept, tmp_path):
    printed = kept(*HUNT, "--json").json
    shown = kept("runs", "show", "@last", "--json").json
    meta = shown.pop("run")
    assert shown == printed
    assert meta["command_line"] == ["vmemstress", *HUNT, "--json"]
    assert meta["exit_code"] == printed["exit_code"]
    (folder,) = (tmp_path / "store" / "runs").iterdir()
    assert {p.name for p in folder.iterdir()} == {"run.json", "summary.json"}
    stored = json.loads((folder / "run.json").read_text())
    assert {k: v for k, v in stored.items() if k != "run"} == printed


def test_show_tells_how_it_was_run_and_what_came_out(kept):
    kept("verify", "no-recheck", "--model", "sc", "-q", "--save", "one")
    out = kept("runs", "show", "@one").out
    assert "command: vmemstress verify no-recheck --model sc -q --save one" in out
    assert "replay: vmemstress replay" in out
    assert "exit 0" in out


def test_no_store_keeps_nothing(kept, tmp_path):
    assert kept(*HUNT, "--no-store").code == 0
    assert not (tmp_path / "store").exists()
    assert "no runs in" in kept("runs").out


def test_bad_input_keeps_nothing(kept, tmp_path):
    assert kept("hunt", "spcref").code == 2
    assert not (tmp_path / "store").exists()


def test_delete_by_name_and_by_age(kept):
    for name in ("a", "b"):
        kept("verify", "specref", "--model", "sc", "-q", "--save", name)
    kept("verify", "specref", "--model", "sc", "-q")
    kept("verify", "specref", "--model", "sc", "-q")
    refused = kept("runs", "delete", "--keep", "0")
    assert (refused.code, refused.out) == (2, "")
    assert "2 of 4 runs would go; --yes deletes them" in refused.err
    assert kept("runs", "delete", "--older", "1h", "--yes").out == "deleted: nothing\n"
    assert kept("runs", "delete", "--keep", "1", "--yes").code == 0
    assert len(kept("runs", "--json").json["runs"]) == 3
    assert kept("runs", "delete", "@a", "@b").code == 0
    assert len(kept("runs", "--json").json["runs"]) == 1


def test_the_store_is_named_before_or_after_what_is_done_there(kept, tmp_path):
    """Either way it goes before the environment's."""
    other = str(tmp_path / "other")
    for name in ("a", "b"):
        kept("verify", "specref", "--model", "sc", "-q", "--save", name, "--store", other)
    assert kept("runs", "show", "@a", "--store", other).code == 0
    assert kept("runs", "--store", other, "show", "@a").code == 0
    assert kept("runs", "show", "@a").code == 2
    assert kept("runs", "delete", "@a", "--store", other).code == 0
    assert kept("runs", "--store", other, "delete", "@b").code == 0
    assert kept("runs", "--store", other, "--json").json["runs"] == []


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["runs", "shwo"], ["shwo", "show"]),
        (["runs", "--verb", "bnch"], ["bnch", "bench"]),
        (["runs", "--limit", "0"], ["--limit"]),
        (["runs", "show"], ["RUN"]),
        (["runs", "show", "@lst"], ["@lst"]),
        (["runs", "show", "x/y.json"], ["x/y.json", "no such file"]),
        (["runs", "delete"], ["--keep", "--older"]),
        (["runs", "delete", "--older", "old", "--yes"], ["--older", "30d"]),
        (["runs", "delete", "--keep", "1", "--older", "1d"], ["which runs"]),
        (["runs", "delete", "@nobody"], ["@nobody"]),
        ([*HUNT, "--save", "two words"], ["--save", "two words"]),
        ([*HUNT, "--save", "last"], ["--save", "last"]),
        ([*HUNT, "--save", "x", "--no-store"], ["--save", "--no-store"]),
        ([*HUNT, "--junit", "no/such/x.xml"], ["--junit", "no/such"]),
        ([*HUNT, "--junit", "."], ["--junit", "folder"]),
        (["verify", "specref", "--junit", "no/such/x.xml"], ["--junit", "no/such"]),
    ],
    ids=lambda v: repr(" ".join(v)),
)
def test_bad_input_gets_one_line_and_exit_2(kept, args, parts):
    done = kept(*args)
    assert (done.code, done.out) == (2, ""), done.err
    assert len(done.err.splitlines()) == 1, done.err
    for part in parts:
        assert part in done.err


def test_a_damaged_run_costs_one_line(kept, tmp_path):
    for _ in range(2):
        kept("verify", "specref", "--model", "sc", "-q")
    first, second = sorted((tmp_path / "store" / "runs").iterdir())
    (first / "run.json").write_text("{")
    done = kept("runs", "--rebuild")
    assert done.code == 0
    assert second.name in done.out
    assert len(done.err.splitlines()) == 1
    assert first.name in done.err


def test_junit_of_a_hunt(kept, tmp_path):
    done = kept("hunt", "specref", "no-recheck", "--budget", "2s", "-q", "--junit", "out.xml")
    assert done.code in (0, 6), done.err
    root = ET.parse(tmp_path / "out.xml").getroot()
    assert root.find("testsuite").get("name") == "vmemstress hunt"
    names = [case.get("name").split()[0] for case in root.iter("testcase")]
    assert names == ["specref", "no-recheck"]


def test_junit_of_an_unexpected_verdict_has_the_witness(kept, tmp_path):
    knob = ("--knob", "flush=none")
    done = kept("verify", "fake-head-get", *knob, "--model", "sc", "-q", "--junit", "out.xml")
    (case,) = ET.parse(tmp_path / "out.xml").getroot().iter("testcase")
    failure = case.find("failure")
    assert done.code == 1
    assert "found violated" in failure.get("message")
    assert "replay: vmemstress replay" in failure.text


def test_a_junit_file_that_cannot_be_written_is_exit_3_and_the_result_is_there(kept):
    done = kept("verify", "specref", "--model", "sc", "--json", "--junit", "/dev/full")
    assert done.code == 3
    assert done.json["results"][0]["verdict"] == "holds"
    assert len(done.err.splitlines()) == 1
    assert "--junit" in done.err
