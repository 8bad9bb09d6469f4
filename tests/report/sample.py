"""Documents for reports: a bench with something for every section, from a small cost model."""

from __future__ import annotations

import math

import msgspec

from pyharness.bench.results import (
    BenchReport,
    Histogram,
    Measurement,
    Repetition,
    ThreadShare,
)

HANDOFF = 110.0
HOST = {
    "arch": "x86-64", "cpu": "AMD EPYC", "cpus": 4, "kernel": "6.18.44", "python": "3.11.7",
    "atomics": "lock", "membarrier": True, "page_size": 4096, "cache_line": 64, "emulated": False,
}
ENVIRONMENT = {
    "virtualisation": "kvm", "clocksource": "kvm-clock", "transparent_hugepages": "madvise",
    "scheduler": "other", "clock_step_ns": 10.01, "clock_cost_ns": 22.8, "load_average": 0.31,
    "handoff_ns": HANDOFF, "governor": None,
}


def repetition(ns: float, threads: int, metrics: dict[str, float], validity: str) -> Repetition:
    shares = [
        ThreadShare(
            cpu=i, role="worker", operations=1000, retries=70, refused=0, runs=80, longest_run=300,
            wall_ns=int(ns * 1000), cpu_ns=int(ns * 990), longest_gap_ns=900, voluntary=0,
            involuntary=0, migrated=False,
        )
        for i in range(threads)
    ]
    return Repetition(
        seconds=ns * 1e-6, operations=1000 * threads, ns_per_op=ns, cpu_ns_per_op=ns * 0.99,
        validity=validity, reason="", handoff_before_ns=HANDOFF - 2,
        handoff_after_ns=HANDOFF + 3, counters={}, threads=shares, metrics=metrics,
    )


def measurement(
    group: str,
    name: str,
    ns: float,
    threads: int = 1,
    *,
    settings: dict[str, int | str] | None = None,
    regime: str | None = None,
    validity: str = "valid",
    extra: dict[str, float] | None = None,
    histograms: dict[str, Histogram] | None = None,
    ratio: float | None = None,
) -> Measurement:
    def metrics(cost: float) -> dict[str, float]:
        return {
            "ns_per_op": cost, "cpu_ns_per_op": cost * 0.99, "ops_per_s": threads * 1e9 / cost,
            "retries_per_op": 0.069 * (threads - 1), **(extra or {}),
        }

    each = [ns * f for f in (0.97, 0.99, 1.0, 1.02, 1.05)]
    return Measurement(
        group=group, name=name, threads=threads, variant="lock", settings=settings or {},
        regime=regime, operation="one operation",
        metrics={**metrics(ns), "spread": 0.03, "handoff_ns": HANDOFF, "counted": 5.0},
        validity=validity,
        reason="" if validity == "valid" else "the threads got 71.3 % of their CPUs",
        repetitions=[repetition(c, threads, metrics(c), validity) for c in each],
        histograms=histograms or {}, ratio=ratio,
        instruction="lock cmpxchg" if group == "atomics" else None,
    )


def tail(median: float, spread: float, count: int = 100_000) -> Histogram:
    """Counts that halve with each step outwards."""
    floors, counts, left, at = [], [], count, median
    while left:
        part = max(1, left // 2)
        floors.append(int(at))
        counts.append(part)
        left, at = left - part, at * spread
    return Histogram(floors, counts, 0)


def _atomics() -> list[Measurement]:
    alone = {"xadd": 5.2, "add_unless": 5.2, "cmpxchg": 5.2, "get_put": 10.4, "rcuref": 10.5}
    factor = {"xadd": 3.2, "add_unless": 4.7, "cmpxchg": 5.1, "get_put": 3.1, "rcuref": 3.4}
    return [
        measurement(
            "atomics", name, ns * (1 if n == 1 else 1 + factor[name] * (n - 1) ** 0.9), n,
            settings={"line": "same"},
            validity="contaminated" if (name, n) == ("cmpxchg", 4) else "valid",
            extra={"fairness": 0.94, "run_length": 12.9 / n},
        )
        for name, ns in alone.items()
        for n in (1, 2, 4)
    ]


def _paced() -> list[Measurement]:
    found = []
    for handoffs in (0.0, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0):
        section = handoffs * HANDOFF
        cost = HANDOFF * (0.12 + 0.84 * (1 - math.exp(-1.1 * handoffs)))
        for threads in (1, 2):
            found.append(
                measurement(
                    "atomics", "xadd", 5.2 + section + (cost if threads == 2 else 0), threads,
                    extra={"pace_handoffs": handoffs},
                )
            )
    return found


def _remap() -> list[Measurement]:
    costs = {
        "mmap_fixed": (3400, 34700, 0.31), "mremap": (5050, 32400, 0.34),
        "bbm": (4700, 51400, 0.52), "uffd_copy": (2900, 3755, 0.94), "dontneed": (1040, 10900, 0.2),
    }
    found = [
        measurement(
            "remap", "none", 1000.0, 2, settings={"what": "page", "reader": "cas"},
            extra={"reader_ops_per_s": 190e6},
        )
    ]
    for name, (idle, active, lost) in costs.items():
        for threads, ns in ((1, idle), (2, active)):
            settings: dict[str, int | str] = {"what": "page", "reader": "cas"}
            if name == "bbm":
                settings["guard"] = "futex"
            found.append(
                measurement(
                    "remap", name, ns, threads, settings=settings,
                    extra={
                        "reader_ops_per_s": 190e6 * (1 - lost), "stalled_ns_per_op": ns * lost,
                        "stall_p99_ns": ns * 2.2, "remap_p50_ns": ns * 0.96,
                        "remap_p99_ns": ns * 1.7, "tlb_interrupts": 1.0 if threads == 2 else 0.0,
                    },
                    histograms={"stall_ns": tail(900, 1.7), "remap_ns": tail(ns * 0.96, 1.12)},
                )
            )
    return found


def _others() -> list[Measurement]:
    grace = [
        measurement("grace", "synchronize", 22_900 / n + 60, settings={"batch": n})
        for n in (1, 8, 64, 512)
    ]
    lookup = [
        measurement(
            "lookup", "lookup_put", ns * n, n, regime=regime,
            histograms={"stall_ns": tail(ns * 12, 1.5)},
        )
        for regime, ns in (("linux-7.1", 14.2), ("linux-6.10", 16.8), ("linux-6.15", 16.1))
        for n in (1, 2)
    ]
    harness = [measurement("harness", "add_unless", 5.2, n, ratio=1.004) for n in (1, 2)]
    return [*lookup, *grace, *harness]


def bench_report() -> BenchReport:
    return BenchReport(
        host=HOST, environment=ENVIRONMENT,
        arguments=["vmemstress", "bench", "atomics", "remap", "--threads", "1,2,4"],
        started=1_795_417_200.0, seconds=93.0, seed=7, interrupted=False,
        results=[*_atomics(), *_paced(), *_remap(), *_others()],
        failures=[
            {
                "benchmark": "remap/uffd-move, 2 thr", "exit_code": 3,
                "reason": "this kernel has no UFFDIO_MOVE",
            }
        ],
    )


def bench_json(**changes: object) -> bytes:
    """What `bench --json` prints, with some keys changed."""
    head = {"tool": "vmemstress", "version": "0.1.0", "command": "bench"}
    return msgspec.json.encode({**head, **msgspec.to_builtins(bench_report()), **changes})
