"""Where a measurement was made: what of the host moves its figures."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from pyharness import _lib
from pyharness.host.facts import cpu_model
from pyharness.host.sysfs import read_text
from pyharness.host.topology import format_cpu_list

_CLOCKSOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
_THP = "/sys/kernel/mm/transparent_hugepage/enabled"
_DMI = Path("/sys/class/dmi/id")
_HANDOFF_NS = 20_000_000
_LOOKS = 3
_POLICIES = {
    getattr(os, name): name.removeprefix("SCHED_").lower()
    for name in ("SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_FIFO", "SCHED_RR")
}
# What a hypervisor calls the machine that it shows; the first part of the name decides.
_VENDORS = {
    "qemu": "qemu",
    "kvm": "kvm",
    "vmware": "vmware",
    "innotek": "virtualbox",
    "xen": "xen",
    "microsoft corporation": "hyper-v",
    "google": "google",
    "amazon ec2": "amazon",
    "parallels": "parallels",
}


def chosen(text: str | None) -> str | None:
    """The chosen word of `always [madvise] never`; the text itself where none is marked."""
    if text is None:
        return None
    marked = [word[1:-1] for word in text.split() if word.startswith("[") and word.endswith("]")]
    return marked[0] if marked else text


def virtualisation(cpuinfo: str, dmi: str, hypervisor: str | None) -> str:
    """What kind of machine this is: a hypervisor's name, `virtual` or `none visible`."""
    if hypervisor:
        return hypervisor
    known = [name for key, name in _VENDORS.items() if key in dmi.lower()]
    flags = [line for line in cpuinfo.splitlines() if line.startswith("flags")]
    if flags and "hypervisor" in flags[0].split():
        return known[0] if known else "virtual"
    return known[0] if known else "none visible"


def _virtualisation() -> str:
    names = ("sys_vendor", "product_name", "bios_vendor", "board_vendor")
    dmi = " ".join(read_text(_DMI / name) or "" for name in names)
    return virtualisation(read_text("/proc/cpuinfo") or "", dmi, read_text("/sys/hypervisor/type"))


def _governor(cpus: tuple[int, ...]) -> str | None:
    found = {
        read_text(f"/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor") for cpu in cpus
    }
    return ", ".join(sorted(g for g in found if g)) or None


def interrupt_ns(cpu: int | None) -> float | None:
    """Cost of one interrupt to another CPU: a membarrier while a thread runs there.

    The greatest of three looks, since nobody is interrupted while that thread has lost
    its CPU. None where the call does not exist or there is no other CPU.
    """
    if cpu is None:
        return None
    running, stop = threading.Event(), threading.Event()

    def spin() -> None:
        os.sched_setaffinity(0, {cpu})  # of this thread alone
        running.set()
        while not stop.is_set():
            pass

    spinner = threading.Thread(target=spin, daemon=True)
    spinner.start()
    try:
        running.wait()
        looks = [_lib.probe_ns("membarrier") for _ in range(_LOOKS)]
        return max((ns for ns in looks if ns is not None), default=None)
    finally:
        stop.set()
        spinner.join()


def load_average() -> float | None:
    """Runnable tasks, averaged over the last minute."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def examine(cpus: tuple[int, ...]) -> dict[str, Any]:
    """The environment block of a report; `cpus` are those that will be used, in order."""
    facts = _lib.host()
    here = next(iter(os.sched_getaffinity(0)))
    other = next((cpu for cpu in cpus if cpu != here), None)
    pair = cpus[:2] if len(cpus) > 1 else None
    load = load_average()
    return {
        "cpu": cpu_model(),
        "cpus": format_cpu_list(cpus),
        "virtualisation": _virtualisation(),
        "emulated": facts.emulated,
        "clocksource": read_text(_CLOCKSOURCE),
        "transparent_hugepages": chosen(read_text(_THP)),
        "governor": _governor(cpus),
        "scheduler": _POLICIES.get(os.sched_getscheduler(0), "unknown"),
        "realtime_share": _realtime_share(),
        "max_map_count": facts.max_map_count,
        "page_size": facts.page_size,
        "cache_line": facts.cache_line,
        "clock_step_ns": _lib.probe_ns("clock_step"),
        "clock_cost_ns": _lib.probe_ns("clock_cost"),
        "system_call_ns": _lib.probe_ns("syscall"),
        "interrupt_ns": interrupt_ns(other) if facts.membarrier else None,
        "handoff_ns": _lib.probe_ns("handoff", *pair, _HANDOFF_NS) if pair else None,
        "remap_ns": _lib.probe_ns("remap"),
        "load_average": load,
    }


def _realtime_share() -> float | None:
    """The part of each second that real-time threads may take before they are held back."""
    runtime = read_text("/proc/sys/kernel/sched_rt_runtime_us")
    period = read_text("/proc/sys/kernel/sched_rt_period_us")
    try:
        return int(runtime or "") / int(period or "")
    except (ValueError, ZeroDivisionError):
        return None
