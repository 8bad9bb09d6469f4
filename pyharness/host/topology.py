"""Which CPUs a hunt may use, how they lie to each other, and in which order they are filled."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyharness.errors import UsageError, quote
from pyharness.host.cores import Midr, parse_midr
from pyharness.host.sysfs import read_text

SYSFS = Path("/sys/devices/system/cpu")
_MIDR = Path("regs", "identification", "midr_el1")
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cpu:
    """A logical CPU: `core` within `package`, `sibling` its rank among the core's SMT threads.

    `capacity` is the kernel's cpu_capacity, 1024 for the fastest core of a machine whose
    cores differ; `midr` identifies an arm64 core. None where sysfs has no such entry.
    """

    number: int
    package: int
    core: int
    sibling: int
    capacity: int | None = None
    midr: Midr | None = None

    @property
    def kind(self) -> tuple[int, str]:
        """What cores of one type have in common, the fastest type first in order."""
        return -(self.capacity or 0), self.midr.name if self.midr else ""


def parse_cpu_list(text: str) -> tuple[int, ...]:
    """The CPUs of `0,2-5`, in the order written; ValueError when it is no such list."""
    found: list[int] = []
    for part in text.strip().split(","):
        match = _RANGE.fullmatch(part.strip())
        if not match:
            raise ValueError(f"{quote(part)} is neither a CPU nor a range like 2-5")
        low, high = int(match[1]), int(match[2] or match[1])
        if high < low:
            raise ValueError(f"the range {quote(part)} runs backwards")
        if high - low > 4096:
            raise ValueError(f"the range {quote(part)} is longer than any machine")
        found += range(low, high + 1)
    if len(set(found)) != len(found):
        raise ValueError(f"{quote(text)} names a CPU twice")
    return tuple(found)


def _number(path: Path, default: int) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return default


def allowed_cpus() -> tuple[int, ...]:
    """The CPUs that this process may run on, ascending."""
    return tuple(sorted(os.sched_getaffinity(0)))


def read_topology(root: Path = SYSFS, allowed: Iterable[int] | None = None) -> tuple[Cpu, ...]:
    """The allowed CPUs with their place, by number; a CPU that sysfs hides is a core of its own."""
    numbers = sorted(allowed_cpus() if allowed is None else allowed)
    seen: dict[tuple[int, int], int] = {}
    cpus = []
    for number in numbers:
        topology = root / f"cpu{number}" / "topology"
        package = max(0, _number(topology / "physical_package_id", 0))
        core = _number(topology / "core_id", number)
        sibling = seen.get((package, core), 0)
        seen[package, core] = sibling + 1
        capacity = _number(root / f"cpu{number}" / "cpu_capacity", -1)
        midr = parse_midr(read_text(root / f"cpu{number}" / _MIDR) or "")
        known = capacity if capacity >= 0 else None
        cpus.append(Cpu(number, package, core, sibling, known, midr))
    return tuple(cpus)


def core_kinds(cpus: Iterable[Cpu]) -> dict[str, tuple[int, ...]]:
    """The CPUs of each type of core, the fastest type first; one entry where all are alike."""
    kinds: dict[tuple[int, str], list[Cpu]] = {}
    for cpu in cpus:
        kinds.setdefault(cpu.kind, []).append(cpu)
    named = {}
    for (negative, midr), members in sorted(kinds.items()):
        parts = [midr or "core", *([f"capacity {-negative}"] if negative else [])]
        named[", ".join(parts)] = tuple(c.number for c in members)
    return named


def compact(cpus: Sequence[Cpu]) -> tuple[int, ...]:
    """Neighbours first: SMT siblings side by side, then cores, then packages.

    Where cores are of several types one type is filled before the next, the fastest
    first: actors that meet should be equally fast, or the slow one is always late.
    """
    ordered = sorted(cpus, key=lambda c: (c.kind, c.package, c.core, c.sibling, c.number))
    return tuple(c.number for c in ordered)


def scatter(cpus: Sequence[Cpu]) -> tuple[int, ...]:
    """Far apart first: a core of each package in turn, SMT siblings last.

    Within a type of core, as for compact; to set a fast core against a slow one, list them.
    """
    rank: dict[int, list[int]] = {}
    for c in sorted(cpus, key=lambda c: c.core):
        cores = rank.setdefault(c.package, [])
        if c.core not in cores:
            cores.append(c.core)

    def key(c: Cpu) -> tuple[object, ...]:
        return c.kind, c.sibling, rank[c.package].index(c.core), c.package, c.number

    return tuple(c.number for c in sorted(cpus, key=key))


def resolve_affinity(text: str, root: Path = SYSFS) -> tuple[int, ...] | None:
    """The CPUs to fill in order, for `compact`, `scatter` or a list; None for `none`.

    UsageError when the list is malformed or names a CPU this process may not use.
    """
    word = text.strip().lower()
    if word == "none":
        return None
    if word in ("compact", "scatter"):
        cpus = read_topology(root)
        return compact(cpus) if word == "compact" else scatter(cpus)
    try:
        listed = parse_cpu_list(word)
    except ValueError as exc:
        hint = "write compact, scatter, none or a list like 0,2-5"
        raise UsageError(f"--affinity: {exc}; {hint}") from None
    usable = allowed_cpus()
    for cpu in listed:
        if cpu not in usable:
            raise UsageError(
                f"--affinity: CPU {cpu} is not available to this process; "
                f"available: {format_cpu_list(usable)}"
            )
    return listed


def format_cpu_list(cpus: Iterable[int]) -> str:
    """`0,2-5` for a set of CPUs; the inverse of parse_cpu_list up to order."""
    runs: list[list[int]] = []
    for cpu in sorted(set(cpus)):
        if runs and runs[-1][1] == cpu - 1:
            runs[-1][1] = cpu
        else:
            runs.append([cpu, cpu])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
