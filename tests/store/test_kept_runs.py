"""The run store against kill -9, two writers, full and read-only disks, and damage."""

import random
import resource
import subprocess
import sys
import time

import pytest
from one_line import one_line
from seeds import FIRST
from under_way import hunt_under_way

from pyharness.store import Store, resolve

pytestmark = pytest.mark.slow

# One process that keeps runs as fast as it can, and says each ID once it is kept.
WRITER = """
import sys
from pyharness.store import Recorder

rows = [{"scenario": "x" * 50, "verdict": "holds", "outcomes": [{"count": n}] * 20}
        for n in range(20)]
for number in range(int(sys.argv[2])):
    kept = Recorder(sys.argv[1]).keep({"command": "hunt", "number": number, "results": rows}, 0)
    print(kept.meta.id, flush=True)
"""


@pytest.fixture
def writer(environment, tmp_path):
    """Start a process that keeps `count` runs in the store."""
    started = []

    def begin(store, count):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store), str(count)],
            env=environment, cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def whole(store):
    """The IDs of all runs, each of which can be read to its end."""
    runs, damaged = Store(store).runs()
    assert damaged == []
    for info in runs:
        run = resolve(info.id, root=store)
        assert len(run.data["results"]) == 20
    return {info.id for info in runs}


@pytest.mark.parametrize("seed", range(FIRST, FIRST + 4))
def test_kill_9_at_any_moment_loses_at_most_the_run_in_flight(writer, tmp_path, seed):
    """Killed again and again while it writes; what it had said is kept is there, whole."""
    store, moments = tmp_path / "store", random.Random(seed)
    said = set()
    for _ in range(6):
        process = writer(store, 100_000)
        said.add(process.stdout.readline().strip())  # it is under way
        time.sleep(moments.random() * 0.1)
        process.kill()
        out, err = process.communicate()
        assert err == ""
        # The last line may be cut off where the pipe was.
        said.update(line for line in out.splitlines(keepends=True) if line.endswith("\n"))
        said = {line.strip() for line in said}
        there = whole(store)
        assert said <= there
        assert len(there - said) <= 6  # kept, and killed before it could say so
    assert len(said) > 6


def test_what_killed_writers_left_is_swept(writer, tmp_path):
    store = tmp_path / "store"
    left = store / "runs" / ".new-20260101T000000-dead-1-00000000"
    left.mkdir(parents=True)
    (left / "run.json").write_text('{"half": ')
    process = writer(store, 1)
    process.communicate()
    assert [p for p in (store / "runs").iterdir() if p.name.startswith(".")] == []


def test_a_writer_at_work_is_not_swept(tmp_path):
    import fcntl

    from pyharness.store.folder import locked, sweep

    store = tmp_path / "store"
    left = store / "runs" / ".new-20260101T000000-live-1-00000000"
    left.mkdir(parents=True)
    with locked(store, fcntl.LOCK_SH) as held:
        assert held
        sweep(store)
        assert left.exists()
    sweep(store)
    assert not left.exists()


def test_two_writers_at_once_lose_nothing(writer, tmp_path):
    store = tmp_path / "store"
    both = [writer(store, 50), writer(store, 50)]
    said = set()
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        said.update(out.split())
    assert len(said) == 100
    assert whole(store) == said
    assert {info.id for info in Store(store).runs(afresh=True)[0]} == said


def test_a_reader_beside_writers_sees_whole_runs(writer, tmp_path):
    store = tmp_path / "store"
    process = writer(store, 60)
    while process.poll() is None:
        whole(store)
    assert len(whole(store)) == 60


def test_deleting_while_others_write(writer, tmp_path):
    store = tmp_path / "store"
    process = writer(store, 60)
    gone = set()
    while process.poll() is None:
        ids = [info.id for info in Store(store).runs()[0]][:3]
        Store(store).delete(ids)
        gone.update(ids)
    said = set(process.stdout.read().split())
    assert whole(store) == said - gone


VERIFY = ("verify", "specref", "--model", "sc", "--json")


def check_unstored(done):
    """The result is there, the exit code is its own, and one line says what is missing."""
    assert done.returncode == 0, done.stderr
    assert '"verdict": "holds"' in done.stdout
    assert "this run is not stored" in one_line(done)


@pytest.mark.root
def test_a_full_disk_costs_one_line(limited, full_disk):
    done = limited(*VERIFY, "--store", str(full_disk / "store"))
    check_unstored(done)
    assert "No space left" in done.stderr
    assert not [p for p in full_disk.rglob("*") if p.name.startswith(".new")]


def test_a_file_size_limit_costs_one_line(limited, tmp_path):
    store = tmp_path / "store"
    done = limited(*VERIFY, "--store", str(store), limits=[(resource.RLIMIT_FSIZE, 512)])
    check_unstored(done)
    assert list((store / "runs").iterdir()) == []


@pytest.fixture
def read_only(tmp_path):
    """A store with one run on a disk that cannot be written, root or not."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    subprocess.run(mount, check=True)
    try:
        from pyharness.store import Recorder

        Recorder(place / "store").keep({"command": "hunt", "results": []}, 0)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield place / "store"
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
def test_a_read_only_store_is_listed_and_costs_a_run_one_line(limited, read_only):
    check_unstored(limited(*VERIFY, "--store", str(read_only)))
    assert len(Store(read_only).runs()[0]) == 1
    done = limited("runs", "--store", str(read_only))
    assert (done.returncode, done.stderr) == (0, "")
    assert "hunt" in done.stdout
    done = limited("runs", "--store", str(read_only), "delete", "@last")
    assert done.returncode == 3
    assert "Read-only" in one_line(done)


@pytest.mark.parametrize("place", ["/proc/none", "/dev/null/store"])
def test_a_store_that_cannot_be_made_costs_one_line(limited, place):
    check_unstored(limited(*VERIFY, "--store", place))


def test_an_interrupted_hunt_is_kept_and_marked(start, tmp_path):
    import signal

    store = tmp_path / "store"
    process = start("hunt", "specref", "--budget", "60s", "-q", "--store", str(store))
    hunt_under_way(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    (info,) = Store(store).runs()[0]
    assert (info.interrupted, info.exit_code) == (True, 130)
