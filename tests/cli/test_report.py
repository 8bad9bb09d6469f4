"""`vmemstress report`: real runs in, one file out; bad input, one line."""

import json
import os
import stat
import sys

import pytest

pytestmark = pytest.mark.slow

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def verified(tmp_path_factory, environment):
    """What `verify --json` prints of a case with a witness."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-P", "-m", "pyharness", "verify", "fake-head-get",
         "--regime", "linux-5.18", "--model", "sc", "--json", "--no-store"],
        capture_output=True, env=environment, check=True,
    )
    file = tmp_path_factory.mktemp("runs") / "verify.json"
    file.write_bytes(done.stdout)
    return file


def test_a_real_search_is_reported_with_its_witness(vms, tmp_path, verified):
    done = vms("report", verified, "-o", "out.html")
    assert (done.code, done.out) == (0, "")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "CPU 1 reader" in text
    assert "atomic_add_unless(&amp;page-&gt;_refcount, 1, 0)" in text
    assert "vmemstress verify fake-head-get --regime linux-5.18" in text


def test_a_real_bench_and_hunt_are_reported_with_pictures(vms, tmp_path):
    bench = vms("bench", "add_unless", "--threads", "1,2", "--time", "5ms", "--repetitions", "2",
                "--json", "--no-store")
    hunt = vms("hunt", "specref", "--budget", "1s", "--no-self-test", "--json", "--no-store")
    (tmp_path / "bench.json").write_text(bench.out)
    (tmp_path / "hunt.json").write_text(hunt.out)
    done = vms("report", "bench.json", "hunt.json", "-o", "out.html", "--png", "pictures")
    assert done.code == 0, done.err
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Hunted on real threads" in text
    assert "cost of an operation by threads" in text
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert [p.name for p in pictures] == [
        "contention-atomics-cost.png", "contention-atomics-throughput.png", "core-to-core.png",
    ]
    assert all(p.read_bytes().startswith(PNG) for p in pictures)


def test_a_stored_run_is_reported_by_its_name_and_its_own_command(vms, tmp_path):
    words = ["verify", "specref", "--model", "sc", "--store", "kept"]
    assert vms(*words).code == 0
    done = vms("report", "@last", "--store", "kept", "-o", "-")
    assert done.code == 0, done.err
    assert "vmemstress verify specref --model sc --store kept" in done.out
    assert "does not say how it was made" not in done.out


def test_without_a_target_it_is_report_html_and_pictures_alone_make_no_page(
    vms, tmp_path, verified
):
    assert vms("report", verified).code == 0
    assert (tmp_path / "report.html").stat().st_size > 10_000
    (tmp_path / "report.html").unlink()
    assert vms("report", verified, "--png", "figures").code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["figures"]


BAD = [
    (["absent.json"], ["absent.json", "No such file"]),
    (["broken.json"], ["broken.json", "truncated"]),
    (["wrong.json"], ["wrong.json: results[0].samples:", "got str"]),
    (["@lost"], ["@lost"]),
    (["good.json", "-o", "."], ["-o", "folder"]),
    (["good.json", "-o", "none/there.html"], ["-o", "none"]),
    (["good.json", "--png", "good.json/x"], ["--png"]),
    (["good.json", "--pgn", "x"], ["--pgn", "--png"]),
]


@pytest.mark.parametrize(("args", "parts"), BAD, ids=lambda v: " ".join(v))
def test_bad_input_gets_one_line_and_leaves_nothing(vms, tmp_path, verified, args, parts):
    entry = {"scenario": "x", "verdict": "unreached", "samples": "many", "outcomes": [],
             "validity": {"verdict": "valid"}}
    wrong = {"tool": "vmemstress", "command": "hunt", "results": [entry]}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    (tmp_path / "broken.json").write_text('{"tool": ')
    (tmp_path / "good.json").write_bytes(verified.read_bytes())
    before = sorted(tmp_path.iterdir())
    done = vms("report", *args, "--store", tmp_path / "empty")
    assert (done.code, done.out) == (2, ""), done.err
    assert len(done.err.splitlines()) == 1
    for part in parts:
        assert part in done.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("module", ["matplotlib", "jinja2"])
def test_a_missing_library_names_the_extra(vms, tmp_path, verified, module):
    """Hidden by an importer that refuses it, as if it were not installed."""
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {module!r}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hide())\n"
    )
    done = vms("report", verified, env={"PYTHONPATH": str(tmp_path / "hide")})
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"vmemstress: a report needs {module}: pip install 'vmemstress[report]'\n"
    )
    assert not (tmp_path / "report.html").exists()


def test_a_full_disk_leaves_the_old_report_whole(vms, tmp_path, verified):
    """A limit on file sizes stands for the disk."""
    old = tmp_path / "out.html"
    old.write_text("old")
    limited = "import resource, signal, sys\n" \
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" \
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
    (tmp_path / "limit").mkdir()
    (tmp_path / "limit" / "sitecustomize.py").write_text(limited)
    done = vms(
        "report", verified, "-o", "out.html",
        env={"PYTHONPATH": str(tmp_path / "limit"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.code == 3, done.err
    assert "cannot write" in done.err
    assert old.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["limit", "out.html"]


def test_the_file_has_the_rights_of_any_other(vms, tmp_path, verified):
    assert vms("report", verified, "-o", "out.html").code == 0
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "out.html").stat().st_mode) == 0o666 & ~mask
