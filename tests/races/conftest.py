"""Seeds of the races: a few in every run, VMEMSTRESS_RACE_SEEDS=20 for the whole claim."""

import os

SEEDS = range(1, 1 + int(os.environ.get("VMEMSTRESS_RACE_SEEDS", "3")))
BUDGET = 10.0  # seconds within which each known bug must be found


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS)
