"""Hunt until a hazard or an outcome is met; a failure says how to run it again."""

import os
import time

import pyharness
from pyharness import _lib
from pyharness.catalogue.suite import suites

# VMEMSTRESS_TEST_SCALE: how many times slower than usual everything is, as under an emulator.
SCALE = max(1.0, float(os.environ.get("VMEMSTRESS_TEST_SCALE", "1")))
BUDGET = 10.0 * SCALE


def command(name, seed, regime=None):
    """The command line of the same hunt."""
    words = ["vmemstress", "hunt", name, "--until-found", "--seed", str(seed)]
    words += ["--regime", regime] if regime else []
    return " ".join([*words, "--budget", f"{BUDGET:.0f}s"])


def mutants():
    """Names of the mutants that real threads can show on this machine."""
    machine = _lib.host()
    weak = machine.arch == "aarch64" and not machine.emulated
    shown = (True, "weak") if weak else (True,)
    cases = [case for case in suites()["mutants"].cases if case.hardware in shown]
    return [case.name for case in cases if not loses_quietly(case.scenario, case.hazards)]


def loses_quietly(scenario, hazards):
    """Whether it takes a compare-and-swap that loses, which by LL/SC is no write."""
    tails = scenario in ("stale-load-cas", "stale-load-gup", "stale-load-pfn", "batch-freeze")
    return tails and set(hazards) <= {"H2", "H20", "H25"} and _lib.host().atomics == "llsc"


def counts(result):
    """Samples by outcome name, and by hazard."""
    pairs = list(zip(result.outcomes, result.counts, strict=True))
    names = {o.name: int(n) for o, n in pairs}
    hazards = {}
    for o, n in pairs:
        if n and o.grade == "forbidden" and o.hazard:
            hazards[o.hazard] = hazards.get(o.hazard, 0) + int(n)
    return names, hazards


def hunt_for(name, seed, regime, met):
    """Hunt with seeds drawn from `seed` until `met(names, hazards)`, within the budget.

    A hunt ends at its first forbidden outcome; when that is another one than was looked for,
    the next begins. The last result is returned, with True when it was met.
    """
    deadline = time.monotonic() + BUDGET
    for turn in range(10_000):
        left = deadline - time.monotonic()
        if left <= 0.05:
            break
        (result,) = pyharness.hunt(
            name,
            regime=regime,
            until_found=True,
            budget=left,
            seed=seed * 10_000 + turn,
            self_test=False,
        ).results
        if met(*counts(result)):
            return result, True
    return result, False
