"""The run store: what was put in comes out, and names lead to it."""

import json
import sqlite3

import numpy as np
import pytest
from measured import bench_object, measurement, noisy

from pyharness import store
from pyharness.errors import UsageError
from pyharness.store import Recorder, Store, resolve
from pyharness.store.folder import Damaged


@pytest.fixture
def keep(tmp_path):
    """Store an object, each a second after the one before."""
    clock = iter(range(1_700_000_000, 1_800_000_000))

    def put(data=None, name=None, code=0, command="hunt"):
        recorder = Recorder(tmp_path, name=name, started=float(next(clock)))
        kept = recorder.keep(data or {"command": command, "results": []}, code)
        assert kept is not None
        return kept.meta.id

    return put


HUNT = {
    "command": "hunt",
    "suite": None,
    "interrupted": True,
    "results": [
        {
            "scenario": "specref", "verdict": "unreached", "as_expected": True,
            "validity": {"verdict": "contaminated"}, "seconds": 0.5, "executions": 7,
            "outcomes": [{"outcome": "used", "count": 7}, {"outcome": "stale", "count": 0}],
        },
        {
            "scenario": "mine", "verdict": "violated", "as_expected": False,
            "validity": {"verdict": "valid"}, "seconds": 0.25, "executions": 9, "outcomes": [],
        },
    ],
    "failures": [{"scenario": "other", "reason": "it fell", "exit_code": 5}],
}  # fmt: skip


def test_what_was_put_in_comes_out(tmp_path, keep):
    run_id = keep(HUNT, name="first", code=130)
    run = resolve(run_id, root=tmp_path)
    assert run.data == HUNT
    assert (run.meta.exit_code, run.meta.interrupted, run.meta.name) == (130, True, "first")
    assert run.meta.command_line[0] == "vmemstress"
    assert run.meta.finished >= run.meta.started
    assert list(run.arrays()["results/0/counts"]) == [7, 0]
    assert list(run.arrays()["seconds"]) == [0.5, 0.25]
    text = json.loads((tmp_path / "runs" / run_id / "run.json").read_text())
    assert text.pop("run")["id"] == run_id
    assert text == HUNT


def test_a_line_says_what_came_out(tmp_path, keep):
    keep(HUNT)
    (info,), damaged = Store(tmp_path).runs()
    assert damaged == []
    assert info.what == "specref, mine, other"
    assert info.verdict == "1 unreached, 1 violated, 1 NOT EXPECTED, 1 failed"
    assert (info.validity, info.interrupted) == ("contaminated", True)


def test_repetitions_and_histograms_are_arrays(tmp_path, keep):
    m = measurement(noisy(3, 5.0, 4))
    keep(bench_object(m))
    arrays = resolve("@last", root=tmp_path).arrays()
    assert np.array_equal(arrays["results/0/ns_per_op"], [r.ns_per_op for r in m.repetitions])
    assert arrays["results/0/metrics/ops_per_s"].shape == (4,)
    assert np.isnan(arrays["results/0/handoff_before_ns"]).all()
    assert np.isnan(arrays["results/0/yardstick_ns"]).all()
    assert list(arrays["results/0/valid"]) == [1, 1, 1, 1]


def test_arrays_come_from_the_json_when_the_npz_is_damaged(tmp_path, keep):
    run_id = keep(HUNT)
    (tmp_path / "runs" / run_id / "arrays.npz").write_bytes(b"PK")
    assert list(resolve(run_id, root=tmp_path).arrays()["seconds"]) == [0.5, 0.25]


def test_names_lead_to_the_newest(tmp_path, keep):
    ids = [keep(name="base"), keep(), keep(name="base"), keep(command="bench")]

    def found(text, **how):
        return resolve(text, root=tmp_path, **how).meta.id

    assert [found("@last"), found("@last~1"), found("@last~3")] == [ids[3], ids[2], ids[0]]
    assert found("@base") == ids[2]
    assert found("@last", verbs=["hunt"]) == ids[2]
    assert found("@last", verbs=["bench"]) == ids[3]
    assert found(ids[1][:15]) == ids[1]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("@last~9", "the store holds 2"),
        ("@bse", "nearest: @base"),
        ("@", "valid: @base, @last"),
        ("2023", "begins 2 runs"),
        ("nonsense", "there is no run"),
        ("", "there is no run"),
        ("absent.json", "no such file"),
        ("@last~x", "@last"),
    ],
)
def test_what_is_not_there_is_one_line(tmp_path, keep, text, part):
    keep(name="base")
    keep()
    with pytest.raises(UsageError) as caught:
        resolve(text, root=tmp_path)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_store_is_no_error_and_nothing_is_made(tmp_path):
    place = tmp_path / "none"
    assert Store(place).runs() == ([], [])
    with pytest.raises(UsageError, match="the store holds none"):
        resolve("@last", root=place)
    assert not place.exists()


def test_a_json_file_is_a_run(tmp_path):
    path = tmp_path / "printed.json"
    path.write_text(json.dumps(HUNT))
    run = resolve(str(path))
    assert (run.data, run.meta, run.label) == (HUNT, None, str(path))
    assert list(run.arrays()["results/0/counts"]) == [7, 0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Input data was truncated"),
        ("[1]", "no JSON object"),
        ("{}", "no result of this tool"),
        ('{"command": "hunt", "results": [1]}', "expected objects"),
        ('{"command": "hunt", "results": [], "run": {"id": 3}}', "run: "),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_holds_no_run_is_one_line(tmp_path, text, part):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        resolve(str(path))
    assert str(path) in str(caught.value)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_id_that_is_taken_gets_another(tmp_path):
    meta = store.Meta("20260101T000000-abcd", [], 1.0, 2.0, 0)
    data = {"command": "hunt", "results": []}
    ids = {Store(tmp_path).add(data, meta).meta.id for _ in range(5)}
    assert len(ids) == 5
    assert {info.id for info in Store(tmp_path).runs()[0]} == ids


def test_deleted_runs_are_gone(tmp_path, keep):
    ids = [keep(), keep(), keep()]
    Store(tmp_path).delete(ids[:2])
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[2:]
    assert {p.name for p in (tmp_path / "runs").iterdir()} == {ids[2]}


def test_runs_that_came_and_went_behind_its_back_are_noticed(tmp_path, keep):
    ids = [keep(), keep()]
    (tmp_path / "index.sqlite").unlink()
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[::-1]
    (tmp_path / "runs" / ids[0]).rename(tmp_path / "elsewhere")
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[1:]
    (tmp_path / "elsewhere").rename(tmp_path / "runs" / ids[0])
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[::-1]


@pytest.mark.parametrize("damage", [b"", b"not SQLite at all" * 999, None])
def test_a_damaged_index_is_made_anew(tmp_path, keep, damage):
    ids = [keep(), keep()]
    index = tmp_path / "index.sqlite"
    whole = index.read_bytes()
    index.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100) if damage is None else damage)
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[::-1]
    third = keep()
    assert [info.id for info in Store(tmp_path).runs()[0]] == [third, *ids[::-1]]


def test_an_index_of_another_version_is_made_anew(tmp_path, keep):
    run_id = keep()
    with sqlite3.connect(tmp_path / "index.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert [info.id for info in Store(tmp_path).runs()[0]] == [run_id]


def test_a_rebuilt_index_says_the_same(tmp_path, keep):
    keep(HUNT, name="x")
    keep()
    before = Store(tmp_path).runs()
    Store(tmp_path).rebuild()
    assert Store(tmp_path).runs() == before


@pytest.mark.parametrize("damage", ["", "{", '{"command": "hunt", "results": []}'])
def test_a_damaged_run_is_named_and_the_others_are_listed(tmp_path, keep, damage):
    ids = [keep(), keep()]
    (tmp_path / "runs" / ids[0] / "run.json").write_text(damage)
    Store(tmp_path).rebuild()
    runs, (error,) = Store(tmp_path).runs()
    assert [info.id for info in runs] == ids[1:]
    assert ids[0] in str(error)
    assert "\n" not in str(error)
    with pytest.raises(Damaged):
        Store(tmp_path).read(ids[0])
    Store(tmp_path).delete([ids[0]])
    assert Store(tmp_path).runs()[1] == []


def test_the_default_store_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert store.default_root() == tmp_path / "vmemstress"
    monkeypatch.setenv("HOME", str(tmp_path))
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_STATE_HOME", ignored)
        assert store.default_root() == tmp_path / ".local" / "state" / "vmemstress"


def test_a_run_that_is_not_wanted_is_not_kept(tmp_path):
    assert Recorder(tmp_path, wanted=False).keep(HUNT, 0) is None
    assert list(tmp_path.iterdir()) == []
