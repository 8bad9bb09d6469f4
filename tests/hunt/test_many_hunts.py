"""A thousand short hunts in one process leave nothing behind."""

import gc
import os
import re
import signal
from pathlib import Path

import pytest

from pyharness import _lib
from pyharness._lib.native_types import HuntConfig
from pyharness.catalogue import plan
from pyharness.catalogue.plan import Request

pytestmark = pytest.mark.slow

HUNTS = 1000
PAUSE_SIGNAL = signal.SIGRTMIN + 4


def config(name, regime=None, number=0):
    (row,) = plan.make_plan(Request(names=(name,), regime=regime)).rows
    return HuntConfig(
        scenario=row.scenario,
        params=row.param_values,
        knobs=row.knob_values,
        seed=number,
        budget_ns=1_000_000,
        cpus=(-1,) * row.threads,
    )


def run(configuration):
    with _lib.Hunt(configuration) as hunt:
        while not hunt.wait(1000):
            pass
        hunt.check()
        assert int(hunt.counts().sum()) == hunt.snapshot().samples


def handled(number):
    """Whether this process, in C, has a handler for the signal."""
    status = Path("/proc/self/status").read_text()
    caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
    return bool(caught >> (number - 1) & 1)


def resources():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "fds": len(os.listdir("/proc/self/fd")),
        "maps": Path("/proc/self/maps").read_text().count("\n"),
        "threads": len(os.listdir("/proc/self/task")),
        "MiB": pages * os.sysconf("SC_PAGESIZE") >> 20,
        "signals": [handled(n) for n in (signal.SIGSEGV, signal.SIGBUS, PAUSE_SIGNAL)],
    }


def test_a_thousand_hunts_leak_nothing():
    kinds = [
        config("specref"),
        config("rcu-publish"),
        config("fake-head-get", "linux-6.15"),
        config("fake-head-get", "linux-5.18"),
        config("window-access", "arm64-pause"),
    ]
    for number in range(50):
        run(kinds[number % len(kinds)])
    before = resources()
    for number in range(HUNTS):
        run(kinds[number % len(kinds)])
    after = resources()
    assert after["fds"] == before["fds"]
    assert after["threads"] == before["threads"]
    assert after["signals"] == before["signals"]
    assert after["maps"] <= before["maps"] + 8  # malloc may keep an arena or two
    assert after["MiB"] <= before["MiB"] + 8
