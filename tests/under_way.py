"""Waiting for what another process or thread does, by looking at it."""

import time
from pathlib import Path

_LOOKS = 1200
_LONG_TICKS = 100
_BUSY_TICKS = 5  # of 10 ms on a CPU: an actor has made runs by then


def until(there):
    """Look until `there()` is true; AssertionError after a minute."""
    for _ in range(_LOOKS):
        if there():
            return
        time.sleep(0.05)
    raise AssertionError("what was waited for did not come")


def _ticks(stat):
    """The time on a CPU that a task has had, user and system."""
    try:
        fields = stat.read_text().rsplit(")", 1)[1].split()
    except OSError:  # the task has ended
        return 0
    return int(fields[11]) + int(fields[12])


def busy(pid):
    """Whether any thread of the process has spent a second on a CPU."""
    return any(_ticks(s) >= _LONG_TICKS for s in Path("/proc").glob(f"{pid}/task/*/stat"))


def busy_tasks(pid):
    """Threads of a process, but for the first, that have been at work."""
    stats = Path("/proc").glob(f"{pid}/task/*/stat")
    return [
        s for s in stats if s.parent.name != str(pid) and _ticks(s) >= _BUSY_TICKS
    ]


def hunt_under_way(process):
    """Until two actors of the hunt have been at work; AssertionError when it has ended."""

    def looks():
        assert process.poll() is None, "the hunt ended before it was under way"
        return len(busy_tasks(process.pid)) >= 2

    until(looks)
