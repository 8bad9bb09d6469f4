"""Made-up measurements for the tests of what is done with measurements."""

import msgspec
import numpy as np

from pyharness.bench.results import Measurement, Repetition, ThreadShare

HOST = {"arch": "x86-64", "cpu": "CPU", "kernel": "6.18", "page_size": 4096, "emulated": False}


def repetition(
    ns, *, validity="valid", handoff=None, threads=1, sleeps=0, yardstick=None, metrics=None
):
    """One window in which an operation took `ns`; with a yardstick, by its chunks too."""
    share = ThreadShare(
        *(0, "worker", 1000, 0, 0, 1, 1, int(1000 * ns), int(1000 * ns), 0),
        *(sleeps, 0, False),
    )
    found = {"ns_per_op": ns, "cpu_ns_per_op": ns, "ops_per_s": threads * 1e9 / ns}
    if yardstick is not None:
        found["steady_ns_per_op"] = ns
    return Repetition(
        seconds=ns / 1e6,
        operations=1000 * threads,
        ns_per_op=ns,
        cpu_ns_per_op=ns,
        validity=validity,
        reason="" if validity == "valid" else f"it was {validity}",
        handoff_before_ns=handoff,
        handoff_after_ns=handoff,
        counters={},
        threads=[share] * threads,
        yardstick_ns=yardstick,
        metrics={**found, **(metrics or {})},
    )


def measurement(repetitions, *, name="add_unless", settings=None, threads=1, validity="valid"):
    """A measurement over these repetitions; numbers stand for repetitions of so many ns."""
    made = [
        repetition(r, threads=threads) if isinstance(r, int | float) else r for r in repetitions
    ]
    return Measurement(
        group="atomics",
        name=name,
        threads=threads,
        variant="lock",
        settings=settings or {},
        regime=None,
        operation="one add_unless",
        metrics={"ns_per_op": float(np.median([r.ns_per_op for r in made]))},
        validity=validity,
        reason="",
        repetitions=made,
        histograms={},
    )


def noisy(seed, ns, count=5, spread=0.01, **how):
    """Windows around `ns` with a log-normal spread, as an undisturbed host gives them."""
    values = ns * np.random.default_rng(seed).lognormal(0, spread, count)
    return [repetition(float(v), **how) for v in values]


def bench_object(*measurements, host=None):
    """The JSON object of a run of bench over these."""
    return {
        "tool": "vmemstress",
        "version": "0",
        "command": "bench",
        "host": {**HOST, **(host or {})},
        "environment": {},
        "interrupted": False,
        "results": [msgspec.to_builtins(m) for m in measurements],
        "failures": [],
    }
