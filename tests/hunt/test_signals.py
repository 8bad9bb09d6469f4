"""Crashes, kills and other people's signal handlers."""

import json
import os
import platform
import signal
from pathlib import Path

import pytest
from one_line import one_line
from under_way import hunt_under_way

pytestmark = pytest.mark.slow

CRASHER = """\
#include <kapi.h>

struct state {
	int *nothing;
};

OUTCOMES { OK("ok", "nothing happened") };

ACTOR(crasher)
{
	int *p = READ_ONCE(s->nothing);

	return (unsigned)*(volatile int *)p;
}

INIT { WRITE_ONCE(s->nothing, (int *)0); }
CHECK { (void)s; (void)r; return 0; }

SCENARIO(crash, "an actor that follows a null pointer", crasher);
"""

# A protocol that takes no faults: where they are taken, the first one after the change
# reaches the other handler before anybody can look.
STOLEN = """
import faulthandler
import pyharness

def steal(tick):
    if tick.snapshot.samples and not faulthandler.is_enabled():
        faulthandler.enable()

try:
    pyharness.hunt(
        "fake-head-get", regime="linux-6.15", budget=20.0, self_test=False, progress=steal
    )
except pyharness.Untrustworthy as error:
    print("refused:", error)
    raise SystemExit(int(error.exit_code))
"""


def test_a_crash_of_the_users_own_is_a_crash_with_its_traceback(limited, tmp_path):
    (tmp_path / "crash.c").write_text(CRASHER)
    script = (
        "import faulthandler, pyharness; faulthandler.enable();"
        "pyharness.hunt('crash.c', budget=10.0, self_test=False)"
    )
    done = limited(script=script)
    assert done.returncode == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in done.stderr
    assert "hunt" in done.stderr


def test_a_crash_without_faulthandler_dies_of_the_right_signal(limited, tmp_path):
    (tmp_path / "crash.c").write_text(CRASHER)
    done = limited("hunt", "crash.c", "--budget", "10s")
    assert done.returncode == -signal.SIGSEGV


def test_c_that_traps_dies_of_the_right_signal_and_says_where(limited, tmp_path):
    """Nobody catches what is the user's own; who did it, and after what, is one line."""
    trap = "__builtin_trap(); return (unsigned)*(volatile int *)p;"
    text = CRASHER.replace("return (unsigned)*(volatile int *)p;", trap)
    (tmp_path / "crash.c").write_text(text)
    done = limited("hunt", "crash.c", "--budget", "10s")
    died = signal.SIGTRAP if platform.machine() == "aarch64" else signal.SIGILL
    assert done.returncode == -died
    line = done.stderr.strip().splitlines()[-1]
    assert f"fault of actor crasher, {died.name} at 0x" in line
    assert line.endswith("crash.c:11)")


def test_a_handler_that_is_replaced_meanwhile_is_told_and_no_crash(limited):
    done = limited(script=STOLEN)
    assert done.returncode == 6, done.stderr
    assert "the SIGSEGV handler was replaced" in done.stdout
    assert "faulthandler.enable()" in done.stdout


def test_the_handler_that_a_hunt_met_serves_again_after_it(limited):
    script = (
        "import faulthandler, os, signal, pyharness; faulthandler.enable();"
        "pyharness.hunt('fake-head-get', regime='linux-5.18', budget=0.5, self_test=False);"
        "os.kill(os.getpid(), signal.SIGSEGV)"
    )
    done = limited(script=script)
    assert done.returncode == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in done.stderr


def test_sigterm_ends_the_hunt_and_keeps_what_was_gathered(start):
    process = start("hunt", "specref", "--budget", "60s", "--json")
    hunt_under_way(process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["interrupted"] is True
    assert found["results"][0]["samples"] > 0


def children(pid):
    """Processes whose parent was this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def test_kill_9_leaves_nothing_behind(start, tmp_path):
    process = start("hunt", "fake-head-get", "--budget", "60s")
    hunt_under_way(process)
    assert children(process.pid) == []
    process.kill()
    process.communicate(timeout=20)
    assert os.listdir(tmp_path) == []  # where it stood, its cache and its temporary files


def test_a_crash_while_compiling_leaves_no_half_written_file(limited, tmp_path):
    (tmp_path / "bad.c").write_text(CRASHER.replace("return 0;", "return", 1))
    done = limited("hunt", "bad.c", "--budget", "1s")
    assert done.returncode == 2
    assert "bad.c:" in one_line(done)
    assert not [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
