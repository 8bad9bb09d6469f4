"""Ctrl-C, SIGTERM, closed pipes and full disks: results kept, no traceback."""

import json
import os
import signal
import subprocess

import pytest
from under_way import hunt_under_way

pytestmark = pytest.mark.slow


def run_and_signal(launch, number, *args):
    process = launch("hunt", *args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    hunt_under_way(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_hunt_prints_what_it_gathered(launch, number):
    code, out, _ = run_and_signal(launch, number, "specref", "--budget", "60s")
    assert code == 130
    assert "RESULT" in out
    assert "interrupted" in out


def test_interrupted_json_is_complete(launch):
    code, out, _ = run_and_signal(
        launch, signal.SIGINT, "--suite", "primitives", "--budget", "60s", "--json"
    )
    found = json.loads(out)
    assert (code, found["interrupted"], found["exit_code"]) == (130, True, 130)
    assert found["results"][0]["samples"] > 0


@pytest.mark.parametrize(
    "args", [["list"], ["--help"], ["show", "thread"], ["hunt", "specref", "--budget", "500ms"]]
)
def test_a_reader_that_goes_away_is_no_traceback(launch, args):
    read, write = os.pipe()
    os.close(read)
    process = launch(*args, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    _, err = process.communicate(timeout=20)
    assert err == ""
    assert process.returncode == 141


@pytest.mark.parametrize(
    "args", [["list"], ["list", "--json"], ["--help"], ["hunt", "specref", "--budget", "300ms"]]
)
def test_a_full_disk_is_one_line_and_not_a_success(launch, args):
    with open("/dev/full", "w") as full:
        process = launch(*args, stdout=full, stderr=subprocess.PIPE, text=True)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert len(err.splitlines()) == 1
    assert "No space left" in err


def test_a_closed_stdout_is_one_line(launch):
    process = launch("list", stderr=subprocess.PIPE, text=True, preexec_fn=lambda: os.close(1))
    _, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
