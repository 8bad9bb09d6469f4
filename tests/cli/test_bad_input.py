"""Bad input: one clear line on stderr, nothing on stdout, exit 2, never a traceback."""

import pytest

BAD = [
    (["hnt"], ["unknown command", "hunt"]),
    (["hunt", "spcref"], ["spcref", "specref"]),
    (["hunt", "--sute", "thread"], ["--sute", "--suite"]),
    (["hunt", "--suite", "tread"], ["tread", "thread"]),
    (["hunt", "--budget", "soon"], ["--budget", "soon", "30s"]),
    (["hunt", "--budget", "0"], ["--budget"]),
    (["hunt", "--budget", "-3s"], ["--budget"]),
    (["hunt", "--seed", "x"], ["--seed", "x"]),
    (["hunt", "--seed", "-1"], ["--seed"]),
    (["hunt", "specref", "--threads", "x"], ["--threads", "x"]),
    (["hunt", "specref", "--threads", "0"], ["--threads", "1 to"]),
    (["hunt", "specref", "--threads", "3"], ["--threads", "2 threads", "nearest is 2"]),
    (["hunt", "specref", "--threads", "99999999999"], ["--threads"]),
    (["hunt", "specref", "--affinity", "9999"], ["CPU 9999", "available"]),
    (["hunt", "specref", "--affinity", "5-2"], ["backwards"]),
    (["hunt", "specref", "--affinity", "close"], ["compact, scatter"]),
    (["hunt", "specref", "-P", "bug"], ["-P", "name=value"]),
    (["hunt", "specref", "-P", "bgu=1"], ["bgu", "bug"]),
    (["hunt", "specref", "-P", "bug=9"], ["bug=9", "0 to 4"]),
    (["hunt", "specref", "-P", "bug=one"], ["bug", "one"]),
    (["hunt", "specref", "--regime", "linux-6.15"], ["--regime", "specref"]),
    (["hunt", "fake-head-get", "--regime", "linux-6.51"], ["linux-6.15"]),
    (["hunt", "fake-head-get", "--regime", "absent.toml"], ["absent.toml", "No such file"]),
    (["hunt", "fake-head-get", "--knob", "tial=x"], ["tial", "tail"]),
    (["hunt", "fake-head-get", "--knob", "tail=x"], ["tail", "read-only-alias"]),
    (["hunt", "specref", "--build", "fast"], ["--build", "points"]),
    (["hunt", "specref", "--atomics", "swp"], ["--atomics", "lse"]),
    (["hunt", "absent.c"], ["absent.c", "No such file"]),
    (["hunt", "spec\nref\x1b[31m"], ["spec"]),
    (["verify", "specref", "--model", ""], ["--model", "arm64, sc, tso"]),
    (["verify", "specref", "--model", "sc,"], ["--model", "arm64, sc, tso"]),
    (["verify", "specref", "--seed", "-1"], ["--seed", "2^64-1"]),
    (["verify", "specref", "--seed", "1" * 30], ["--seed", "2^64-1"]),
    (["verify", "specref", "--runs", "-5"], ["--runs", "-5", "0 (all)"]),
    (["verify", "specref", "--runs", "9" * 20], ["--runs", "out of range"]),
    (["verify", "specref", "--budget", "soon"], ["--budget", "soon", "30s"]),
    (["verify", "specref", "--strategy", "pct"], ["--runs N", "--budget TIME"]),
    (["verify", "specref", "--color", "purple"], ["--color", "purple", "never"]),
    (["verify", "specref", "--matrix"], ["--matrix", "specref"]),
    (["verify", "--matrix", "--suite", "thread", "-P", "x=1"], ["--matrix", "--suite", "-P"]),
    (["show"], ["NAME"]),
    (["show", "linux-5.81"], ["linux-5.18"]),
    (["list", "extra"], ["extra"]),
    (["doctor", "--jason"], ["--jason", "--json"]),
]


@pytest.mark.parametrize(("args", "parts"), BAD, ids=lambda v: repr(" ".join(v)))
def test_bad_input_gets_one_line_and_exit_2(vms, args, parts):
    done = vms(*args)
    assert done.code == 2, done.err
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err
    for part in parts:
        assert part in done.err


def test_a_bad_regime_file_is_named_with_the_path_of_the_value(vms, tmp_path):
    (tmp_path / "foo.toml").write_text('[knobs]\ntail = "read-onlyalias"\n')
    done = vms("hunt", "fake-head-get", "--regime", "foo.toml")
    assert done.code == 2
    assert done.err == (
        'vmemstress: foo.toml: knobs.tail: "read-onlyalias" is not one of '
        "read-only-alias, writable-alias, shared-read-only\n"
    )


def test_a_broken_regime_file_is_named_with_its_line(vms, tmp_path):
    (tmp_path / "foo.toml").write_text("title = 'x'\nknobs = = 3\n")
    done = vms("hunt", "fake-head-get", "--regime", "foo.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "foo.toml:2:" in done.err


def test_bad_values_in_the_environment_are_refused_too(vms):
    done = vms("hunt", "specref", env={"VMEMSTRESS_HUNT_BUDGET": "soon"})
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "soon" in done.err


def test_json_is_not_begun_when_the_input_is_bad(vms):
    done = vms("hunt", "spcref", "--json")
    assert (done.code, done.out) == (2, "")


def test_an_argument_that_is_no_text_is_refused(vms):
    done = vms("verify", "a\udcff.c")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert r"a\udcff.c" in done.err
    assert "UTF-8" in done.err
