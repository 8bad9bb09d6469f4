"""The run store: what was put in comes out, and names lead to it."""

import json

import pytest

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
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[::-1]
    (tmp_path / "runs" / ids[0]).rename(tmp_path / "elsewhere")
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[1:]
    (tmp_path / "elsewhere").rename(tmp_path / "runs" / ids[0])
    assert [info.id for info in Store(tmp_path).runs()[0]] == ids[::-1]


@pytest.mark.parametrize("damage", ["", "{", '{"command": "hunt", "results": []}'])
def test_a_damaged_run_is_named_and_the_others_are_listed(tmp_path, keep, damage):
    ids = [keep(), keep()]
    (tmp_path / "runs" / ids[0] / "run.json").write_text(damage)
    runs, (error,) = Store(tmp_path).runs(afresh=True)
    assert [info.id for info in runs] == ids[1:]
    assert ids[0] in str(error)
    assert "\n" not in str(error)
    with pytest.raises(Damaged):
        Store(tmp_path).read(ids[0])
    Store(tmp_path).delete([ids[0]])
    assert Store(tmp_path).runs(afresh=True)[1] == []


@pytest.mark.parametrize("damage", [b"", b"{", b'{"id": 3}', b"\xff" * 99, None])
def test_a_run_without_a_readable_summary_is_listed_from_itself(tmp_path, keep, damage):
    keep(HUNT, name="x")
    run_id = keep(HUNT)
    before = Store(tmp_path).runs()
    summary = tmp_path / "runs" / run_id / "summary.json"
    summary.unlink() if damage is None else summary.write_bytes(damage)
    assert Store(tmp_path).runs() == before
    assert Store(tmp_path).runs(afresh=True) == before


def test_a_listing_reads_summaries_and_no_run(tmp_path, keep):
    run_id = keep(HUNT)
    before = Store(tmp_path).runs()
    (tmp_path / "runs" / run_id / "run.json").write_text("{")
    assert Store(tmp_path).runs() == before


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
