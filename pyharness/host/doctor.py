"""What this machine can show: facts, probes, and what each lack costs the user."""

from __future__ import annotations

import itertools
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyharness import _lib
from pyharness._lib.native_types import HostFacts
from pyharness.host.facts import EMULATED, cpu_model
from pyharness.host.sysfs import read_text
from pyharness.host.topology import (
    SYSFS,
    Cpu,
    allowed_cpus,
    core_kinds,
    format_cpu_list,
    read_topology,
)

# Memory areas that one emulated huge page takes: a vmemmap page is an area of
# its own once it is remapped, and the rest of the window is one more.
AREAS_2M = 9
AREAS_1G = 4097
# Where base pages are larger a gigantic page is 32 of the next size in a row.
AREAS_LARGER = 257
_SIZES = {4096: ("2 MiB", "1 GiB"), 16384: ("32 MiB", "1 GiB"), 65536: ("512 MiB", "16 GiB")}
_DEFAULT_MAP_COUNT = 65530
_ALL_PAIRS_UP_TO = 8
_HANDOFF_BUDGET_S = 2.0
STRUCT_PAGE = 64
_EMULATION = (
    f"{EMULATED}; translations live in the host's TLBs, and faults do not tell what they met"
)
_PROBED = (
    ("clock", "clock"),
    ("handoff", "hand-off"),
    ("remap_ns", "remap of one page"),
    ("membarrier_ns", "membarrier call"),
)
_HVO = "/proc/sys/vm/hugetlb_optimize_vmemmap"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing looked at. `value` is JSON-ready; `cost` says what its lack costs, if it lacks."""

    key: str
    label: str
    value: Any
    shown: str
    cost: str | None = None


def _cpu(facts: HostFacts) -> Iterator[Fact]:
    model = cpu_model()
    beneath = " of the emulator's host" if facts.emulated else ""
    yield Fact("cpu", "CPU", model, f"{model}{beneath} ({facts.arch})")
    yield Fact(
        "emulated",
        "emulated",
        facts.emulated,
        _yes(facts.emulated),
        _EMULATION if facts.emulated else None,
    )
    yield Fact("atomics", "atomics", facts.atomics, facts.atomics)
    yield Fact("page_size", "page size", facts.page_size, _page(facts.page_size))
    yield from _arm64(facts, read_topology())


def _page(size: int) -> str:
    return f"{size // 1024} KiB, {size // STRUCT_PAGE} struct pages in a page of the vmemmap"


def _arm64(facts: HostFacts, cpus: Sequence[Cpu]) -> Iterator[Fact]:
    if facts.lse is None:
        for key, label in (("lse", "LSE"), ("lse2", "LSE2"), ("bbm_level", "BBM level")):
            yield Fact(key, label, None, f"not of {facts.arch}")
        return
    cost = None if facts.lse else "--atomics lse cannot run: only LL/SC loops are tested"
    yield Fact("lse", "LSE", facts.lse, _yes(facts.lse), cost)
    yield Fact("lse2", "LSE2", facts.lse2, _yes(bool(facts.lse2)))
    yield _bbm(cpus)


def _bbm(cpus: Sequence[Cpu]) -> Fact:
    """The level is in ID_AA64MMFR2_EL1, of which user space sees nothing: the cores tell."""
    if cpus and all(c.midr and c.midr.bbm_level_2 for c in cpus):
        shown = "2 without conflict aborts, as Linux has it of these cores"
        return Fact("bbm_level", "BBM level", 2, shown)
    shown = "not visible to user space, and not known of the cores"
    return Fact("bbm_level", "BBM level", None, shown)


def _caches() -> list[dict[str, Any]]:
    found = []
    for folder in sorted((SYSFS / "cpu0" / "cache").glob("index*")):
        texts = {k: read_text(folder / k) for k in ("level", "type", "size", "shared_cpu_list")}
        if texts["level"] and texts["size"]:
            found.append(texts)
    return found


def _cores() -> Iterator[Fact]:
    cpus = read_topology()
    kinds = core_kinds(cpus)
    cores = len({(c.package, c.core) for c in cpus})
    packages = len({c.package for c in cpus})
    cost = None
    if len(cpus) < 2:
        cost = "with one CPU threads meet by preemption only: races are found far more slowly"
    elif cores < 2:
        cost = "the CPUs are SMT siblings of one core and share its store buffer and caches"
    value = {"cpus": [c.number for c in cpus], "cores": cores, "packages": packages}
    numbers = format_cpu_list(c.number for c in cpus)
    shown = f"{len(cpus)} usable ({numbers}); cores: {cores}; packages: {packages}"
    yield Fact("cpus", "CPUs", value, shown, cost)
    cost = None
    if len(kinds) > 1:
        cost = (
            "actors on cores of different speed meet less often; compact and scatter fill one "
            "type after the other, --affinity picks others"
        )
    text = "; ".join(f"{kind}: CPUs {format_cpu_list(members)}" for kind, members in kinds.items())
    yield Fact("core_types", "core types", kinds, text if len(kinds) > 1 else "all alike", cost)
    caches = _caches()
    text = ", ".join(f"L{c['level']} {(c['type'] or '').lower()} {c['size']}" for c in caches)
    yield Fact("caches", "caches", caches, text or "not visible")


def _kernel(facts: HostFacts) -> Iterator[Fact]:
    yield Fact("kernel", "kernel", platform.release(), platform.release())
    cost = (
        None
        if facts.membarrier
        else (
            "RCU falls back to fences in every reader section: fewer runs a second, narrower races"
        )
    )
    yield Fact("membarrier", "membarrier", facts.membarrier, _yes(facts.membarrier), cost)
    cost = (
        None
        if facts.userfaultfd
        else ("remap strategies by userfaultfd cannot be measured; hunting does not need it")
    )
    yield Fact("userfaultfd", "userfaultfd", facts.userfaultfd, _yes(facts.userfaultfd), cost)
    yield _map_count(facts.max_map_count, facts.page_size)
    yield _hvo()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _map_count(count: int, page_size: int) -> Fact:
    label = "vm.max_map_count"
    if count < 0:
        return Fact("max_map_count", label, None, "not readable", "the limit shows when it is met")
    usable = max(0, count - 200)  # the process itself and its libraries
    small = usable // AREAS_2M
    large = usable // (AREAS_1G if page_size == 4096 else AREAS_LARGER)
    sizes = _SIZES.get(page_size, ("a PMD", "gigantic size"))
    value = {"areas": count, "pages_2m": small, "pages_1g": large}
    cost = None
    if count < _DEFAULT_MAP_COUNT:
        cost = (
            "fewer instances run at a time, so fewer runs a second; "
            f"raise it: sysctl vm.max_map_count={_DEFAULT_MAP_COUNT}"
        )
    shown = (
        f"{count:,}: {small:,} emulated huge pages of {sizes[0]} "
        f"or {large:,} of {sizes[1]} at a time"
    )
    return Fact("max_map_count", label, value, shown, cost)


def _hvo() -> Fact:
    text = read_text(_HVO)
    shown = {"0": "off", "1": "on", None: "not in this kernel"}.get(text, text or "?")
    return Fact(
        "hvo",
        "HVO of the kernel",
        None if text is None else text == "1",
        f"{shown} (the hunt emulates it, so it does not matter here)",
    )


def _clock() -> Iterator[Fact]:
    step = _lib.probe_ns("clock_step") or 0.0
    cost_ns = _lib.probe_ns("clock_cost") or 0.0
    cost = "skews finer than this step are rounded" if step > 100 else None
    value = {"step_ns": step, "reading_ns": cost_ns}
    yield Fact("clock", "clock", value, f"step {step:.1f} ns, a reading {cost_ns:.1f} ns", cost)


def _not_measured() -> Iterator[Fact]:
    for key, label in _PROBED:
        yield Fact(key, label, None, f"not measured ({EMULATED})")


def _handoff() -> Iterator[Fact]:
    cpus = allowed_cpus()
    if len(cpus) < 2:
        yield Fact("handoff", "hand-off", [], "needs two CPUs")
        return
    pairs = list(itertools.combinations(cpus, 2)) if len(cpus) <= _ALL_PAIRS_UP_TO else []
    pairs = pairs or [(cpus[0], cpus[1])]
    budget_ns = int(min(0.2, _HANDOFF_BUDGET_S / len(pairs)) * 1e9)
    measured: list[dict[str, Any]] = [
        {"cpus": [a, b], "ns": _lib.probe_ns("handoff", a, b, budget_ns)} for a, b in pairs
    ]
    good = [m for m in measured if m["ns"] is not None]
    if not good:
        cost = "two CPUs never ran at the same time; is the host overloaded?"
        yield Fact("handoff", "hand-off", measured, "not measured", cost)
        return
    shown = ", ".join(f"CPU {m['cpus'][0]}-{m['cpus'][1]} {m['ns']:.0f} ns" for m in good)
    yield Fact("handoff", "hand-off", measured, f"one way: {shown}")


def _costs(facts: HostFacts) -> Iterator[Fact]:
    remap = _lib.probe_ns("remap")
    shown = "not measured" if remap is None else f"{remap / 1e3:.2f} us"
    cost = (
        "no huge page can be remapped here, so only the primitives run" if remap is None else None
    )
    yield Fact("remap_ns", "remap of one page", remap, shown, cost)
    barrier = _lib.probe_ns("membarrier") if facts.membarrier else None
    shown = "not measured" if barrier is None else f"{barrier / 1e3:.2f} us"
    yield Fact("membarrier_ns", "membarrier call", barrier, shown)


def _measured(facts: HostFacts) -> Iterator[Fact]:
    yield from _clock()
    yield from _handoff()
    yield from _costs(facts)


def examine() -> list[Fact]:
    """Everything looked at, probes included; takes at most a few seconds."""
    facts = _lib.host()
    return [
        *_cpu(facts),
        *_cores(),
        *_kernel(facts),
        *(_not_measured() if facts.emulated else _measured(facts)),
        _headers(),
    ]


def _headers() -> Fact:
    """Whether a scenario file of the user's could be compiled."""
    from pyharness.catalogue import user_files as plugin
    from pyharness.errors import UnsupportedHere

    try:
        words, folder = plugin.compiler(), plugin.include_dir()
    except UnsupportedHere as exc:
        return Fact("compiler", "C compiler", None, "no", f"scenarios of yours cannot run: {exc}")
    shown = Path(words[0]).name
    value = {"command": words, "headers": str(folder)}
    return Fact("compiler", "C compiler", value, f"{shown}, for scenario files of yours")
