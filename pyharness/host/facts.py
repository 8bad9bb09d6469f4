"""The machine as data: what results are reported with, and what the doctor looks at."""

from __future__ import annotations

import os
import platform
from typing import Any

from pyharness import _lib
from pyharness.host.cores import core_name
from pyharness.host.sysfs import read_text

# What an emulator cannot show: it orders memory as its host does, its speed is its own,
# and its translations live in the host's TLBs.
EMULATED = "emulated: ordering and speed are not graded"


def emulated() -> bool:
    """Whether this process runs under an emulator for user programs."""
    return _lib.host().emulated


def cpu_model() -> str:
    """The CPU's name as /proc/cpuinfo has it, of the first core on arm64; else `unknown`."""
    fields: dict[str, str] = {}
    for line in (read_text("/proc/cpuinfo") or "").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip(), value.strip())
    if "model name" in fields:
        return fields["model name"]
    if "CPU part" in fields:
        return core_name(fields.get("CPU implementer", ""), fields["CPU part"])
    return "unknown"


def describe() -> dict[str, Any]:
    """The `host` object of the JSON results."""
    facts = _lib.host()
    return {
        "arch": facts.arch,
        "cpu": cpu_model(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "atomics": facts.atomics,
        "membarrier": facts.membarrier,
        "page_size": facts.page_size,
        "cache_line": facts.cache_line,
        "emulated": facts.emulated,
    }
