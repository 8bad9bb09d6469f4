"""A scenario that never ends is told and left behind; it does not hang the command."""

import signal

import pytest
from under_way import busy, until

pytestmark = pytest.mark.slow

ENDLESS = """#include <kapi.h>
struct state {{ int n; }};
ACTOR(looper) {{ WRITE_ONCE(s->n, 1); {actor} return 0; }}
INIT {{ {init} }}
CHECK {{ {check} return 0; }}
OUTCOMES {{ OK("over", "it ended") }};
SCENARIO(endless, "never ends", looper);
"""
LOOP = 'for (;;) __asm__ volatile("");'
SHORT = """
import sys
from pyharness.hunt import run as runner
from pyharness.verify import search as verify_search
from pyharness.cli import main
runner._STUCK_S = verify_search._STUCK_S = 1.0
sys.argv = ["vmemstress", *{args!r}]
main()
"""


@pytest.fixture
def endless(tmp_path):
    def write(place):
        parts = {"actor": "", "init": "", "check": "", place: LOOP}
        (tmp_path / "endless.c").write_text(ENDLESS.format(**parts))

    return write


@pytest.mark.parametrize("place", ["actor", "init", "check"])
@pytest.mark.parametrize(
    "args",
    [["hunt", "endless.c", "--budget", "1s"], ["verify", "endless.c", "--model", "sc"]],
    ids=["hunt", "verify"],
)
def test_a_loop_without_end_is_a_crash_with_its_line(limited, endless, place, args):
    endless(place)
    done = limited(script=SHORT.format(args=args))
    assert done.returncode == 5, done.stderr
    assert done.stderr.splitlines()[-1].endswith("loop for ever?") or (
        "loop for ever without" in done.stderr.splitlines()[-1]
    )
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_a_search_that_hangs(start, endless):
    endless("actor")
    process = start("verify", "endless.c", "--model", "sc")
    until(lambda: busy(process.pid))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5, err
    assert "loop for ever" in err
